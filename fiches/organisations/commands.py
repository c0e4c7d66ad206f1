"""`flask territoires creer`, `flask organisations creer`, `flask agents creer` (R34)."""

import sys

import click
from flask import Flask, current_app, url_for

from fiches import clock
from fiches.acces.forms import MotDePasseForm
from fiches.acces.mots_de_passe import make_lien_jeton
from fiches.identite import SaisieRefusee
from fiches.organisations import actions
from fiches.web.commandes import IDENTIFIANT, Groupe
from fiches.web.db import db
from fiches.web.refus import Refus

territoires = Groupe("territoires", help="Les territoires.")
organisations = Groupe("organisations", help="Les organisations.")
agents = Groupe("agents", help="Les agents.")


@territoires.command("creer")
@click.argument("nom")
def create_territoire(nom: str) -> None:
    """Créer un territoire ; affiche son numéro."""
    try:
        click.echo(actions.create_territoire(db.session(), nom))
    except SaisieRefusee as refus:
        raise Refus(str(refus)) from None
    except actions.NomVide:
        raise Refus("Donnez un nom au territoire.") from None
    except actions.NomDejaPris:
        raise Refus("Un territoire porte déjà ce nom.") from None


@organisations.command("creer")
@click.argument("nom")
@click.option("--territoire", "territoire_id", type=IDENTIFIANT, required=True, help="Numéro du territoire.")
def create_organisation(nom: str, territoire_id: int) -> None:
    """Créer une organisation dans un territoire ; affiche son numéro."""
    try:
        click.echo(actions.create_organisation(db.session(), nom, territoire_id))
    except SaisieRefusee as refus:
        raise Refus(str(refus)) from None
    except actions.NomVide:
        raise Refus("Donnez un nom à l’organisation.") from None
    except actions.NomDejaPris:
        raise Refus("Une organisation de ce territoire porte déjà ce nom.") from None
    except actions.TerritoireIntrouvable:
        raise Refus(f"Aucun territoire n’a le numéro {territoire_id}.") from None


@agents.command("creer")
@click.argument("email")
@click.option("--organisation", "organisation_id", type=IDENTIFIANT, required=True, help="Numéro de l’organisation.")
@click.option("--admin", is_flag=True, help="Donner le rôle admin dans cette organisation.")
def create_agent(email: str, organisation_id: int, admin: bool) -> None:
    """Ajouter un agent à une organisation ; demande son mot de passe ou affiche un lien pour le choisir."""
    session = db.session()
    try:
        propre = actions.clean_email(email)
        if not actions.organisation_exists(session, organisation_id):
            raise actions.OrganisationIntrouvable
        mot_de_passe = None if actions.agent_exists(session, propre) else _ask_password()
        ajoute = actions.add_agent(
            session, propre, organisation_id, admin=admin, mot_de_passe=mot_de_passe, le=clock.now()
        )
    except SaisieRefusee as refus:
        raise Refus(str(refus)) from None
    except actions.OrganisationIntrouvable:
        raise Refus(f"Aucune organisation n’a le numéro {organisation_id}.") from None
    except actions.DejaMembre:
        raise Refus("Cet agent fait déjà partie de cette organisation.") from None
    if ajoute.mot_de_passe is not None:
        click.echo("L’agent a été créé." if ajoute.nouveau else "L’agent a été ajouté à l’organisation.")
        return
    jeton = make_lien_jeton(str(current_app.secret_key), ajoute.id, ajoute.mot_de_passe)
    click.echo("L’agent choisit son mot de passe avec ce lien, valable 7 jours et une seule fois :")
    click.echo(_password_page(jeton))


def _ask_password() -> str | None:
    """The password typed twice on a terminal; None in a pipe, where a link serves instead."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    while True:
        premier = _prompt("Mot de passe (vide : afficher un lien)")
        if not premier:
            return None
        form = MotDePasseForm(data={"mot_de_passe": premier, "confirmation": _prompt("Le même, une seconde fois")})
        if form.validate():
            return premier
        for message in (m for messages in form.errors.values() for m in messages):
            click.echo(message, err=True)


def _prompt(question: str) -> str:
    return str(click.prompt(question, hide_input=True, default="", show_default=False, err=True))


def _password_page(jeton: str) -> str:
    """The address of the page where the password is chosen."""
    with current_app.test_request_context(base_url=current_app.extensions["settings"].adresse_publique):
        return url_for("acces.mot_de_passe", jeton=jeton, _external=True)


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
    for groupe in (territoires, organisations, agents):
        app.cli.add_command(groupe)
