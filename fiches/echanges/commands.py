"""`flask usagers importer` and `flask usagers exporter` (R34)."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import Flask

from fiches import clock
from fiches.echanges import queries
from fiches.echanges.actions import Bilan, OrganisationIntrouvable, import_fiches
from fiches.echanges.lecture import FichierRefuse, Table, read_table
from fiches.echanges.rejets import FichierRejets, RejetsImpossibles, write_csv
from fiches.echanges.rules import CHAMPS_CSV, LigneRejetee
from fiches.web.commandes import IDENTIFIANT, Groupe, explain, standard_output
from fiches.web.db import db
from fiches.web.refus import Refus

usagers = Groupe("usagers", help="Les fiches usager\u00a0: importer, exporter.")


@usagers.command("importer")
@click.argument("fichier")
@click.option("--organisation", "organisation_id", type=IDENTIFIANT, required=True, help="Numéro de l’organisation.")
@click.option("--simuler", is_flag=True, help="Dire ce qui se passerait, sans rien écrire dans la base.")
@click.option("--rejets", metavar="FICHIER", help="Où rendre les lignes rejetées, avec leur motif (CSV).")
def import_usagers(fichier: str, organisation_id: int, simuler: bool, rejets: str | None) -> None:
    """Créer une fiche par ligne d’un fichier CSV («\u00a0-\u00a0»\u00a0: entrée standard)."""
    octets = _read_octets(fichier)
    with _open_rejets(fichier, rejets) as sortie:
        try:
            table = read_table(octets)
            bilan = _import_with_progress(table, organisation_id, simuler)
        except FichierRefuse as refus:
            raise Refus(str(refus)) from None
        except OrganisationIntrouvable:
            raise Refus(f"Aucune organisation n’a le numéro {organisation_id}.") from None
        _give_back(table, bilan.rejetees, sortie)
    _conclude(bilan, simuler)


def _import_with_progress(table: Table, organisation_id: int, simuler: bool) -> Bilan:
    muet = not sys.stderr.isatty()
    with click.progressbar(length=2 * len(table.lignes), label="Import", file=sys.stderr, hidden=muet) as barre:
        return import_fiches(
            db.session(),
            table,
            organisation_id,
            simuler=simuler,
            aujourdhui=clock.today(),
            le=clock.now(),
            avance=barre.update,
        )


def _conclude(bilan: Bilan, simuler: bool) -> None:
    """The last line, which scripts read, and the exit status."""
    with standard_output() as sortie:
        if simuler:
            sortie.write("Simulation\u00a0: rien n’a été écrit dans la base.\n")
        rejetees = len(bilan.rejetees)
        sortie.write(f"{bilan.importees} importées, {rejetees} rejetées, {bilan.doublons} doublons probables\n")
    if not bilan.importees:
        raise Refus("Aucune ligne n’a été importée.")


def _read_octets(fichier: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if fichier == "-" else Path(fichier).read_bytes()
    except OSError as erreur:
        raise Refus(f"Impossible de lire le fichier\u00a0: {explain(erreur)}.") from None


@contextmanager
def _open_rejets(fichier: str, rejets: str | None) -> Iterator[FichierRejets | None]:
    """The file of rejects, if one is wanted, or a refusal before anything is done."""
    if rejets is None:
        yield None
        return
    try:
        ouvert = FichierRejets(rejets, fichier)
    except RejetsImpossibles as refus:
        raise Refus(str(refus)) from None
    except FileNotFoundError:
        raise Refus("Impossible d’écrire le fichier des rejets\u00a0: son dossier n’existe pas.") from None
    except OSError as erreur:
        raise Refus(f"Impossible d’écrire le fichier des rejets\u00a0: {explain(erreur)}.") from None
    with closing(ouvert):
        yield ouvert


def _give_back(table: Table, rejetees: Sequence[LigneRejetee], sortie: FichierRejets | None) -> None:
    """The rejected lines: into the file, else by number and reason on standard error, without their data."""
    if sortie is not None:
        try:
            sortie.write(table, rejetees)
        except OSError as erreur:
            click.echo(f"Le fichier des rejets n’a pas pu être écrit\u00a0: {explain(erreur)}.", err=True)
        else:
            return
    for rejet in rejetees:
        click.echo(f"ligne {rejet.brute.numero}\u00a0: {rejet.motif}", err=True)


@usagers.command("exporter")
@click.option("--organisation", "organisation_id", type=IDENTIFIANT, help="Les fiches de cette organisation seulement.")
def export_usagers(organisation_id: int | None) -> None:
    """Écrire les fiches en CSV sur la sortie standard, telles que l’import les reprend."""
    session = db.session()
    if organisation_id is not None and queries.read_service(session, organisation_id) is None:
        raise Refus(f"Aucune organisation n’a le numéro {organisation_id}.")
    drapeaux = queries.used_drapeaux(session, organisation_id)
    with standard_output() as sortie:
        rows = queries.export_rows(session, organisation_id, drapeaux)
        write_csv(sortie, ["id", *CHAMPS_CSV, *drapeaux], rows, ",")


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(usagers)
