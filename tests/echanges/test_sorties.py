"""R34, R36: the file of rejects and standard output, when they cannot be written; usage errors in French."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.usagers.models import Usager
from tests.builders import a_usager, an_organisation

MELEE = "prenom;nom\nZoé;Dupré\n;Faure\n"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def _args(session: Session, dossier: Path, texte: str, *options: str) -> list[str]:
    fichier = dossier / "import.csv"
    fichier.write_text(texte)
    return ["usagers", "importer", str(fichier), "--organisation", str(an_organisation(session)), *options]


def _shell(ligne: str, app: Flask, base_url: str) -> subprocess.CompletedProcess[str]:
    """Run `flask …` in a shell, as an operator does, with its redirections."""
    env = {"INSTANCE": str(app.extensions["settings"].instance), "DATABASE_URL": base_url}
    ligne = ligne.replace("flask ", f"{sys.executable} -m flask ")
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {ligne}"], env=os.environ | env, capture_output=True, text=True, check=False
    )


def test_a_file_of_rejects_that_was_there_is_kept_when_the_import_is_refused(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    rejets = tmp_path / "rejets.csv"
    rejets.write_text("les rejets d’hier\n")
    resultat = runner.invoke(args=_args(session, tmp_path, "prenom;couleur\nA;B\n", "--rejets", str(rejets)))
    assert resultat.exit_code == 1
    assert rejets.read_text() == "les rejets d’hier\n"
    assert sorted(p.name for p in tmp_path.glob("*rejets*")) == ["rejets.csv"]


def test_r36_a_file_of_rejects_that_was_open_to_all_is_replaced_by_one_of_its_owner_alone(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    rejets = tmp_path / "rejets.csv"
    rejets.write_text("les rejets d’hier\n")
    rejets.chmod(0o644)
    resultat = runner.invoke(args=_args(session, tmp_path, MELEE, "--rejets", str(rejets)))
    assert resultat.exit_code == 0
    assert "hier" not in rejets.read_text()
    assert rejets.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.glob("*rejets*")) == ["rejets.csv"]


@pytest.mark.parametrize("place", ["absent/rejets.csv", "."])
def test_a_place_where_rejects_cannot_be_written_is_told_before_anything_is_imported(
    runner: FlaskCliRunner, session: Session, tmp_path: Path, place: str
) -> None:
    resultat = runner.invoke(args=_args(session, tmp_path, MELEE, "--rejets", str(tmp_path / place)))
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert resultat.stderr.startswith("Impossible d’écrire le fichier des rejets")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Usager)) == 0


def test_when_the_disk_is_full_of_rejects_the_import_still_says_what_it_did(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    resultat = runner.invoke(args=_args(session, tmp_path, MELEE, "--rejets", "/dev/full"))
    assert resultat.exit_code == 0
    assert resultat.stdout == "1 importées, 1 rejetées, 0 doublons probables\n"
    assert "n’a pas pu être écrit\u00a0: il n’y a plus de place" in resultat.stderr
    assert "ligne 3\u00a0:" in resultat.stderr
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("commande", ["flask usagers exporter", "flask doublons exporter"])
def test_an_export_that_cannot_be_written_ends_with_a_sentence_and_status_1(
    app: Flask, base_url: str, session: Session, commande: str
) -> None:
    a_usager(session, an_organisation(session))
    plein = _shell(f"{commande} > /dev/full", app, base_url)
    phrase = "Impossible d’écrire sur la sortie standard\u00a0: il n’y a plus de place.\n"
    assert (plein.returncode, plein.stderr) == (1, phrase)


def test_an_export_whose_reader_goes_away_ends_without_a_word(app: Flask, base_url: str, session: Session) -> None:
    org = an_organisation(session)
    for _ in range(30):
        a_usager(session, org, adresse="x" * 200, logement="y" * 40)
    coupe = _shell("flask usagers exporter | (exec <&-; sleep 0)", app, base_url)
    assert (coupe.returncode, coupe.stderr) == (1, "")


@pytest.mark.parametrize(
    ("args", "phrase"),
    [
        (
            ["usagers", "exporter", "--organisation", "abc"],
            "--organisation\u00a0: «\u00a0abc\u00a0» n’est pas un identi",
        ),
        (["usagers", "exporter", "--organisation", "0"], "«\u00a00\u00a0» n’est pas un identifiant"),
        (["usagers", "exporter", "--organisation", "9" * 40], "n’est pas un identifiant"),
        (["usagers", "exporter", "--organisation"], "l’option --organisation ne s’emploie pas ainsi"),
        (["usagers", "exporter", "--couleur"], "l’option --couleur n’existe pas"),
        (["usagers", "exporter", "tout"], "les mots donnés après la commande"),
        (["usagers", "importer", "--organisation", "1"], "il manque FICHIER"),
        (["usagers", "importer", "x.csv"], "il manque l’option --organisation"),
        (["usagers", "manger"], "cette commande n’existe pas\u00a0; il y a\u00a0: exporter, importer"),
        (["territoires", "creer"], "il manque NOM"),
        (["doublons", "indexer", "--vite"], "l’option --vite n’existe pas"),
        (["demo", "--taille", "beaucoup"], "n’est pas un nombre de fiches"),
    ],
)
def test_wrong_usage_is_told_in_french_with_status_2(runner: FlaskCliRunner, args: list[str], phrase: str) -> None:
    resultat = runner.invoke(args=args)
    assert (resultat.exit_code, resultat.stdout) == (2, "")
    assert resultat.stderr.startswith("Usage incorrect\u00a0: ")
    assert phrase in resultat.stderr
    assert "Error" not in resultat.stderr
