"""Commands of the matching: export the pairs found, check or rebuild the index."""

import csv

import click
from flask import Flask
from sqlalchemy import select

from fiches.db import transaction
from fiches.doublons.index import check_index, rebuild
from fiches.doublons.models import Doublon
from fiches.web.commandes import Groupe, standard_output
from fiches.web.db import db
from fiches.web.refus import Refus

doublons = Groupe("doublons", help="Doublons trouvés et index de recherche.")


@doublons.command("exporter")
def exporter() -> None:
    """Écrire les paires à traiter, la plus sûre d’abord : id_a,id_b,score,niveau,motifs."""
    paires = db.session.scalars(
        select(Doublon).where(Doublon.etat == "ouvert").order_by(Doublon.score.desc(), Doublon.id)
    )
    with standard_output() as sortie:
        writer = csv.writer(sortie, lineterminator="\n")
        writer.writerow(("id_a", "id_b", "score", "niveau", "motifs"))
        for p in paires:
            writer.writerow((p.usager_a_id, p.usager_b_id, f"{p.score:.4f}", p.niveau, " ".join(map(str, p.motifs))))


@doublons.command("indexer")
@click.option("--verifier", is_flag=True, help="Comparer l’index aux fiches, sans rien changer.")
def indexer(verifier: bool) -> None:
    """Refaire l’index de recherche à partir des fiches, ou le vérifier."""
    session = db.session()
    if not verifier:
        with transaction(session):
            nombre = rebuild(session)
        click.echo(f"{nombre} fiches indexées")
        return
    ecarts = check_index(session)
    if ecarts:
        raise Refus("\n".join(ecarts))
    click.echo("L’index est juste.")


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(doublons)
