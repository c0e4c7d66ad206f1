"""`flask notifications envoyer`: the worker that sends messages (R20)."""

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from fiches import clock
from fiches.notifications.boucle import Arret, run
from fiches.notifications.envoi import Expediteur, send_due, worker_name
from fiches.notifications.tentatives import LIBELLES_PANNE
from fiches.notifications.textes import LIBELLES_CANAL
from fiches.notifications.transports import make_transports
from fiches.settings import Settings
from fiches.web.commandes import Entier, Groupe
from fiches.web.db import db
from fiches.web.refus import Refus

notifications = Groupe("notifications", help="Messages aux usagers.")


@notifications.command("envoyer")
@click.option("--boucle", is_flag=True, help="Continuer jusqu’à SIGTERM ou Ctrl-C.")
@click.option("--parent", type=Entier("numéro de processus", 1), help="Avec --boucle : s’arrêter avec ce processus.")
def envoyer(boucle: bool, parent: int | None) -> None:
    """Envoyer les messages arrivés à échéance."""
    settings: Settings = current_app.extensions["settings"]
    envois = settings.envois
    expediteur = Expediteur(
        worker_name(), make_transports(envois), envois.bail, settings.secret_key, settings.adresse_publique
    )
    with Arret(parent).listening() as arret:
        if boucle:
            engine = db.engine
            run(lambda: Session(engine, expire_on_commit=False), expediteur, clock.now, arret)
            return
        bilan = send_due(db.session(), expediteur, clock.now, arret)
    click.echo(str(bilan))
    if bilan.en_panne:
        canaux = ", ".join(LIBELLES_CANAL[c] for c in sorted(bilan.en_panne))
        raisons = "\u00a0; ".join(sorted({LIBELLES_PANNE[p] for p in bilan.en_panne.values()}))
        raise Refus(f"Envoi interrompu ({canaux})\u00a0: {raisons}.")


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(notifications)
