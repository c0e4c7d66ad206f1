"""`flask usagers importer` and `flask usagers exporter` (R34)."""

import csv
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import click
from flask import Flask
from flask.cli import AppGroup

from fiches import clock
from fiches.echanges import queries
from fiches.echanges.actions import Bilan, OrganisationIntrouvable, import_fiches
from fiches.echanges.lecture import FichierRefuse, Table, read_table
from fiches.echanges.rules import CHAMPS_CSV, LigneRejetee
from fiches.web.db import db
from fiches.web.refus import Refus

usagers = AppGroup("usagers", help="Les fiches usager : importer, exporter.")
IDENTIFIANT = click.IntRange(min=1, max=2**31 - 1)


@usagers.command("importer")
@click.argument("fichier")
@click.option("--organisation", "organisation_id", type=IDENTIFIANT, required=True, help="Numéro de l’organisation.")
@click.option("--simuler", is_flag=True, help="Dire ce qui se passerait, sans rien écrire dans la base.")
@click.option("--rejets", metavar="FICHIER", help="Où rendre les lignes rejetées, avec leur motif (CSV).")
def import_usagers(fichier: str, organisation_id: int, simuler: bool, rejets: str | None) -> None:
    """Créer une fiche par ligne d’un fichier CSV (« - » : entrée standard)."""
    octets = _read_octets(fichier)
    sortie = _open_rejets(fichier, rejets) if rejets else None
    try:
        table = read_table(octets)
        with click.progressbar(
            length=2 * len(table.lignes), label="Import", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as barre:
            bilan = import_fiches(
                db.session(),
                table,
                organisation_id,
                simuler=simuler,
                aujourdhui=clock.today(),
                le=clock.now(),
                avance=barre.update,
            )
    except FichierRefuse as refus:
        raise Refus(str(refus)) from None
    except OrganisationIntrouvable:
        raise Refus(f"Aucune organisation n’a le numéro {organisation_id}.") from None
    _give_back(table, bilan.rejetees, sortie)
    _conclude(bilan, simuler)


def _conclude(bilan: Bilan, simuler: bool) -> None:
    """The last line, which scripts read, and the exit status."""
    if simuler:
        click.echo("Simulation : rien n’a été écrit dans la base.")
    click.echo(f"{bilan.importees} importées, {len(bilan.rejetees)} rejetées, {bilan.doublons} doublons probables")
    if not bilan.importees:
        raise Refus("Aucune ligne n’a été importée.")


def _read_octets(fichier: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if fichier == "-" else Path(fichier).read_bytes()
    except OSError as erreur:
        raise Refus(f"Impossible de lire le fichier : {_reason(erreur)}.") from None


def _open_rejets(fichier: str, rejets: str) -> IO[str]:
    """The file of rejects, opened before anything is written; readable by its owner alone (R36)."""
    if fichier != "-" and Path(rejets).exists() and os.path.samefile(fichier, rejets):
        raise Refus("Le fichier des rejets ne peut pas être le fichier importé.")
    try:
        descripteur = os.open(rejets, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as erreur:
        raise Refus(f"Impossible d’écrire le fichier des rejets : {_reason(erreur)}.") from None
    return os.fdopen(descripteur, "w", encoding="utf-8", errors="replace", newline="")


def _reason(erreur: OSError) -> str:
    match erreur:
        case FileNotFoundError():
            return "il n’existe pas"
        case PermissionError():
            return "accès refusé"
        case IsADirectoryError():
            return "c’est un dossier"
    return "erreur du système"


def _give_back(table: Table, rejetees: Sequence[LigneRejetee], sortie: IO[str] | None) -> None:
    """The rejected lines: into the file, else by number and reason on standard error, without their data."""
    if sortie is None:
        for rejet in rejetees:
            click.echo(f"ligne {rejet.brute.numero} : {rejet.motif}", err=True)
        return
    gardees = [i for i, nom in enumerate(table.colonnes) if nom not in ("ligne", "motif")]
    with sortie:
        lignes = ([r.brute.cellules[i] for i in gardees] + [str(r.brute.numero), r.motif] for r in rejetees)
        _write_csv(sortie, [*(table.colonnes[i] for i in gardees), "ligne", "motif"], lignes, table.separateur)


@usagers.command("exporter")
@click.option("--organisation", "organisation_id", type=IDENTIFIANT, help="Les fiches de cette organisation seulement.")
def export_usagers(organisation_id: int | None) -> None:
    """Écrire les fiches en CSV sur la sortie standard, telles que l’import les reprend."""
    session = db.session()
    if organisation_id is not None and queries.read_service(session, organisation_id) is None:
        raise Refus(f"Aucune organisation n’a le numéro {organisation_id}.")
    drapeaux = queries.used_drapeaux(session, organisation_id)
    sortie = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    _write_csv(sortie, ["id", *CHAMPS_CSV, *drapeaux], queries.export_rows(session, organisation_id, drapeaux), ",")
    sortie.flush()
    sortie.detach()  # or standard output would be closed with the wrapper


def _write_csv(sortie: IO[str], entete: list[str], lignes: Iterable[list[str]], separateur: str) -> None:
    """Values go out exactly as they are: what was exported must come back the same."""
    ecrivain = csv.writer(sortie, delimiter=separateur, lineterminator="\n")
    ecrivain.writerow(entete)
    ecrivain.writerows(lignes)


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(usagers)
