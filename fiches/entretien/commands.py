"""`flask entretien`: what time asks for, to be run every night (R15, R19, R36)."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from fiches import clock
from fiches.entretien.actions import ETAPES, Delais
from fiches.settings import Settings
from fiches.usagers.queries_vie import Limites
from fiches.web.commandes import Commande
from fiches.web.db import db
from fiches.web.refus import Refus


@click.command("entretien", cls=Commande)
@with_appcontext
def entretien() -> None:
    """Compléter les rappels et effacer ce qui est périmé ; une ligne par étape, sans danger deux fois."""
    settings: Settings = current_app.extensions["settings"]
    delais = Delais(
        Limites(settings.retrait_jours, settings.sans_contact_jours),
        settings.rdv_conserves_jours,
        settings.envois.textes_jours,
    )
    manquees = []
    for etape in ETAPES:
        try:
            nombre = etape.faire(db.session(), clock.now(), delais)
        except SQLAlchemyError as erreur:  # the other steps do not depend on this one
            db.session.rollback()
            manquees.append(f"{etape.libelle}\u00a0: {type(erreur).__name__}")
            continue
        click.echo(f"{etape.libelle}\u00a0: {nombre}")
    if manquees:
        raise Refus("Étapes non terminées, à relancer\u00a0:\n" + "\n".join(manquees))


def register_commands(app: Flask) -> None:
    """Add the command to `flask`."""
    app.cli.add_command(entretien)
