"""`flask usagers exporter` (R34): export gives back what import takes, exactly."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fiches.doublons.models import CleExacte, Doublon, Mot, Paire, Suppression
from fiches.echanges.rules import CHAMPS_CSV
from fiches.identite import normal
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.usagers.champs import CAISSES, LOGEMENTS, SITUATIONS
from fiches.usagers.models import Rattachement, Remarque, Usager
from tests.builders import a_lien, a_usager, an_organisation


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def _export(runner: FlaskCliRunner, *options: str) -> list[dict[str, str]]:
    resultat = runner.invoke(args=["usagers", "exporter", *options])
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(resultat.stdout_bytes.decode("utf-8"), newline="")))


def test_the_first_column_is_id_then_exactly_the_fields_that_import_takes(
    runner: FlaskCliRunner, session: Session
) -> None:
    a_usager(session, an_organisation(session))
    entete = runner.invoke(args=["usagers", "exporter"]).stdout_bytes.split(b"\n")[0].decode()
    assert entete == ",".join(("id", *CHAMPS_CSV))
    assert not entete.startswith("\ufeff")


def test_f25_merged_fiches_and_other_organisations_are_left_out(runner: FlaskCliRunner, session: Session) -> None:
    un, deux = an_organisation(session), an_organisation(session)
    kept, autre = a_usager(session, un), a_usager(session, deux)
    a_usager(session, un, fusionne_vers_id=kept)
    assert [r["id"] for r in _export(runner, "--organisation", str(un))] == [str(kept)]
    assert [r["id"] for r in _export(runner)] == [str(kept), str(autre)]


def test_r13_the_remarques_are_those_of_the_organisation(runner: FlaskCliRunner, session: Session) -> None:
    un, deux = an_organisation(session), an_organisation(session)
    usager = a_usager(session, un, deux, remarques="de un")
    session.add(
        Remarque(
            usager_id=usager, organisation_id=deux, texte="de deux", modifie_le=session.get_one(Usager, usager).cree_le
        )
    )
    session.commit()
    assert [r["remarques"] for r in _export(runner, "--organisation", str(deux))] == ["de deux"]
    assert [r["remarques"] for r in _export(runner)] == ["de un\nde deux"]


def test_an_organisation_that_does_not_exist_is_refused(runner: FlaskCliRunner) -> None:
    resultat = runner.invoke(args=["usagers", "exporter", "--organisation", "999"])
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert "999" in resultat.stderr


def test_r26_responsables_come_back_where_they_are_fiches_of_the_organisation(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    un, deux = an_organisation(session), an_organisation(session)
    mere, ailleurs = a_usager(session, un), a_usager(session, deux)
    a_lien(session, proche=a_usager(session, un, prenom="Zoé"), responsable=mere)
    a_lien(session, proche=a_usager(session, un, prenom="Ali"), responsable=ailleurs)
    lignes = _export(runner, "--organisation", str(un))
    assert [r["responsable_id"] for r in lignes] == ["", str(mere), ""]
    fichier = tmp_path / "export.csv"
    fichier.write_bytes(runner.invoke(args=["usagers", "exporter", "--organisation", str(un)]).stdout_bytes)
    assert runner.invoke(args=["usagers", "importer", str(fichier), "--organisation", str(un)]).exit_code == 0
    assert len(session.scalars(select(LienProche).where(LienProche.responsable_id == mere)).all()) == 2


_LETTRES = "abcéèêçœŒÉß’' -,;\"=+@ñłşΩж李0"
_noms = st.text(_LETTRES, min_size=1, max_size=20).map(lambda t: " ".join(t.split())).filter(normal)
_textes = st.none() | st.text(_LETTRES, min_size=1, max_size=20).map(lambda t: " ".join(t.split()) or None)
_fiches = st.fixed_dictionaries(
    {
        "prenom": _noms,
        "nom": _noms,
        "nom_naissance": st.none() | _noms,
        "date_naissance": st.sampled_from([None, "1985", "1985-03", "1985-03-31", "2024-02-29"]),
        "email": st.sampled_from([None, "a.b+c@exemple.fr", "été@exemple.test"]),
        "telephone": st.sampled_from([None, "+33639981234", "+33353010203", "+4915112345678", "+262692123456"]),
        "adresse": _textes,
        "ville": _textes,
        "code_postal": st.sampled_from([None, "71100", "SW1A 1AA"]),
        "caisse_affiliation": st.sampled_from([None, *CAISSES]),
        "situation_familiale": st.sampled_from([None, *SITUATIONS]),
        "nombre_enfants": st.none() | st.integers(0, 40),
        "logement": st.sampled_from([None, *LOGEMENTS]),
        "numero_dossier": _textes,
        "remarques": st.none() | st.text(_LETTRES + "\n", min_size=1, max_size=40).map(lambda t: t.strip() or None),
        "notif_email": st.booleans(),
        "notif_sms": st.booleans(),
        "drapeau": st.sampled_from([None, "prenom_pas_encore_donne", "nom_unique", "email_tiers"]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fiches=st.lists(_fiches, min_size=1, max_size=4))
def test_r34_what_was_exported_comes_back_the_same(
    runner: FlaskCliRunner, session: Session, tmp_path: Path, fiches: list[dict[str, Any]]
) -> None:
    un, deux = an_organisation(session), an_organisation(session)
    for rang, fiche in enumerate(fiches):
        valeurs = dict(fiche)
        drapeau = valeurs.pop("drapeau")
        if drapeau:
            valeurs[drapeau] = True
        if drapeau == "prenom_pas_encore_donne":
            valeurs["prenom"] = None
        if drapeau == "nom_unique":
            valeurs["nom"] = None
        if valeurs["remarques"]:
            valeurs["remarques"] = "\n".join(" ".join(ligne.split()) for ligne in valeurs["remarques"].split("\n"))
        if valeurs["numero_dossier"]:
            valeurs["numero_dossier"] += f" {rang}"
        a_usager(session, un, index=False, **valeurs)
    premier = _export(runner, "--organisation", str(un))
    fichier = tmp_path / "export.csv"
    fichier.write_bytes(runner.invoke(args=["usagers", "exporter", "--organisation", str(un)]).stdout_bytes)
    resultat = runner.invoke(args=["usagers", "importer", str(fichier), "--organisation", str(deux)])
    assert resultat.exit_code == 0, resultat.output
    second = _export(runner, "--organisation", str(deux))
    assert [r | {"id": ""} for r in second] == [r | {"id": ""} for r in premier]
    for table in (Doublon, Paire, CleExacte, Suppression, Mot, EntreeJournal, Remarque, Rattachement, Usager):
        session.execute(delete(table))
    session.commit()
