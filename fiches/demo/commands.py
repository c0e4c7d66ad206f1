"""`flask demo`: the demonstration data, in an empty base only."""

import click
from flask import Flask
from flask.cli import with_appcontext

from fiches import clock
from fiches.demo.actions import BaseOccupee, is_empty, load_demo
from fiches.demo.plan import TAILLE, TAILLE_MINIMALE
from fiches.demo.scenario import AGENTS, MOT_DE_PASSE
from fiches.web.commandes import Commande, Entier
from fiches.web.db import db
from fiches.web.refus import Refus


@click.command("demo", cls=Commande)
@click.option(
    "--taille",
    type=Entier("nombre de fiches", TAILLE_MINIMALE),
    default=TAILLE,
    show_default=True,
    help="Nombre de fiches.",
)
@click.option("--si-vide", is_flag=True, help="Ne rien faire quand la base contient déjà des données.")
@with_appcontext
def demo(taille: int, si_vide: bool) -> None:
    """Charger les données de démonstration (base vide seulement)."""
    session = db.session()
    if si_vide and not is_empty(session):
        return
    try:
        nombre = load_demo(session, taille, clock.now())
    except BaseOccupee:
        raise Refus(
            "La base contient déjà des données : la démonstration ne se charge que dans une base vide."
        ) from None
    click.echo(f"{nombre} fiches de démonstration. Comptes, tous avec le mot de passe « {MOT_DE_PASSE} » :")
    for email, (nom, places) in AGENTS.items():
        roles = ", ".join(f"{role} à {organisation}" for organisation, role in places)
        click.echo(f"  {email} : {nom}, {roles}")


def register_commands(app: Flask) -> None:
    """Add the command to `flask`."""
    app.cli.add_command(demo)
