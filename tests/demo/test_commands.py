"""`flask demo` (interface.md): the accounts, the fiches, and never beside anything else."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.acces.mots_de_passe import verify_password
from fiches.comptes.models import AccesCompte, Compte
from fiches.demo.scenario import AGENTS
from fiches.doublons.models import CleExacte, Doublon, Paire
from fiches.identite import takes_sms
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import Message
from fiches.organisations.models import Agent, Appartenance, Organisation, Territoire
from fiches.proches.models import LienProche
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.usagers.models import Usager
from tests.builders import a_territoire


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_demonstration_is_as_interface_md_promises(runner: FlaskCliRunner, session: Session) -> None:
    resultat = runner.invoke(args=["demo"])
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    places = session.execute(
        select(Agent.email, Organisation.nom, Appartenance.role, Territoire.nom)
        .join(Appartenance, Appartenance.agent_id == Agent.id)
        .join(Organisation, Organisation.id == Appartenance.organisation_id)
        .join(Territoire, Territoire.id == Organisation.territoire_id)
        .order_by(Appartenance.id)
    ).all()
    saone, jura = "Saône-et-Loire (démonstration)", "Jura (démonstration)"
    assert [tuple(p) for p in places] == [
        ("agent@demo.test", "MDS Chalon", "agent", saone),
        ("admin@demo.test", "MDS Chalon", "admin", saone),
        ("admin@demo.test", "PMI Mâcon", "agent", saone),
        ("voisin@demo.test", "PMI Mâcon", "agent", saone),
        ("ailleurs@demo.test", "MDS Dole", "agent", jura),
    ]
    digests = session.scalars(select(Agent.mot_de_passe)).all()
    assert all(verify_password(d, "demonstration") for d in set(digests))
    assert len(AGENTS) == len(digests)
    assert _count(session, Usager) >= 350
    assert _count(session, Participation) > 300
    assert _count(session, EntreeJournal) == _count(session, Usager)


def test_the_fiche_of_usager_demo_opens_with_an_active_compte(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=["demo"])
    claire = session.scalars(select(Usager).where(Usager.email == "usager@demo.test")).one()
    compte = session.scalars(
        select(Compte).join(AccesCompte, AccesCompte.compte_id == Compte.id).where(AccesCompte.usager_id == claire.id)
    ).one()
    assert (compte.email, compte.etat) == ("usager@demo.test", "actif")
    assert verify_password(compte.mot_de_passe, "demonstration")
    assert takes_sms(claire.telephone)
    assert (claire.notif_email, claire.notif_email_auteur, claire.notif_sms, claire.notif_sms_auteur) == (
        True,
        "agent",
        True,
        "agent",
    )
    assert len(session.scalars(select(LienProche).where(LienProche.responsable_id == claire.id)).all()) == 2


def test_every_fiche_is_in_the_index(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=["demo"])
    ids = set(session.scalars(select(Usager.id)))
    assert set(session.scalars(select(Paire.usager_id))) == ids
    dated = set(session.scalars(select(Usager.id).where(func.length(Usager.date_naissance) == 10)))
    assert dated <= set(session.scalars(select(CleExacte.usager_id)))


def test_r31_some_pairs_are_in_the_queue_already_and_others_left_to_be_found(
    runner: FlaskCliRunner, session: Session
) -> None:
    runner.invoke(args=["demo"])
    niveaux = set(session.scalars(select(Doublon.niveau)))
    assert {"certain", "probable"} <= niveaux
    assert set(session.scalars(select(Doublon.etat))) == {"ouvert"}
    assert 15 <= _count(session, Doublon) <= 90


def test_free_creneaux_and_reminders_wait(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=["demo"])
    libres = session.scalars(select(Organisation.nom).join(Creneau, Creneau.organisation_id == Organisation.id))
    assert set(libres) == {"MDS Chalon", "PMI Mâcon"}
    assert {(genre, etat) for genre, etat in session.execute(select(Message.genre, Message.etat))} == {
        ("rappel", "attente")
    }
    assert all(session.scalars(select(Organisation.telephone)))


def test_a_second_time_or_beside_anything_else_it_is_refused(runner: FlaskCliRunner, session: Session) -> None:
    a_territoire(session, "Un vrai")
    resultat = runner.invoke(args=["demo"])
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert "base vide" in resultat.stderr
    assert _count(session, Usager) == 0


def test_with_si_vide_data_is_kept_and_nothing_is_said(runner: FlaskCliRunner, session: Session) -> None:
    assert runner.invoke(args=["demo", "--si-vide"]).exit_code == 0
    avant = _count(session, Usager)
    session.rollback()
    resultat = runner.invoke(args=["demo", "--si-vide"])
    assert (resultat.exit_code, resultat.output) == (0, "")
    assert _count(session, Usager) == avant


@pytest.mark.parametrize("taille", [10, 60, 1000])
def test_taille_sets_how_many_fiches_there_are(runner: FlaskCliRunner, session: Session, taille: int) -> None:
    assert runner.invoke(args=["demo", "--taille", str(taille)]).exit_code == 0
    assert _count(session, Usager) == taille


@pytest.mark.parametrize("taille", ["0", "-5", "beaucoup"])
def test_an_impossible_size_is_wrong_usage(runner: FlaskCliRunner, taille: str) -> None:
    assert runner.invoke(args=["demo", "--taille", taille]).exit_code == 2


def test_every_account_is_named_when_the_demonstration_is_loaded(runner: FlaskCliRunner) -> None:
    dit = runner.invoke(args=["demo", "--taille", "10"]).stdout
    for email in AGENTS:
        assert email in dit
    assert "demonstration" in dit


def test_nothing_happened_to_a_fiche_before_it_was_made(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=["demo"])
    cree_le = {fiche.id: fiche.cree_le for fiche in session.scalars(select(Usager))}
    rdvs = session.execute(
        select(Participation.usager_id, Rdv.debut, Rdv.cree_le, Participation.cree_le).join(
            Rdv, Rdv.id == Participation.rdv_id
        )
    ).all()
    assert len(rdvs) > 300
    for usager_id, *instants in rdvs:
        assert min(instants) >= cree_le[usager_id]
    for entree in session.scalars(select(EntreeJournal)):
        assert entree.le >= cree_le[entree.usager_id]
    for lien in session.scalars(select(LienProche)):
        assert lien.cree_le >= max(cree_le[lien.proche_id], cree_le[lien.responsable_id])
