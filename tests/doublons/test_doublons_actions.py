"""Keeping pairs and judgements (R9, R11, R31)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons.actions import alert_referents, set_aside, store_pairs
from fiches.doublons.models import CompteurJugement, Doublon
from fiches.doublons.queries import Candidat, find_doublons, read_personne
from fiches.journal.models import EntreeJournal
from tests.builders import a_contexte, a_usager, an_agent, an_organisation

LE = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def contexte(session: Session) -> Contexte:
    organisation = an_organisation(session)
    return a_contexte(session, an_agent(session, organisation), organisation)


@pytest.fixture
def paire(session: Session, contexte: Contexte) -> tuple[int, tuple[Candidat, ...]]:
    """A fiche, and the candidates it has."""
    ids = [
        a_usager(session, contexte.organisation_id, prenom="Zoé", nom="Caratini", date_naissance="1984-03-14")
        for _ in range(2)
    ]
    recherche = find_doublons(session, contexte, read_personne(session, ids[1]), sauf=ids[1])
    assert [c.usager_id for c in recherche.candidats] == [ids[0]]
    return ids[1], recherche.candidats


def only(session: Session) -> Doublon:
    session.expire_all()
    return session.scalars(select(Doublon)).one()


def test_R31_a_pair_is_kept_once_the_smaller_id_first_with_codes_alone(
    session: Session, contexte: Contexte, paire: tuple[int, tuple[Candidat, ...]]
) -> None:
    usager_id, candidats = paire
    for _ in range(2):
        store_pairs(session, contexte, usager_id, candidats, origine="creation", le=LE)
    doublon = only(session)
    assert (doublon.usager_a_id, doublon.usager_b_id) == (candidats[0].usager_id, usager_id)
    assert (doublon.etat, doublon.niveau) == ("ouvert", "certain")
    assert doublon.motifs == ["noms_egaux", "naissance_egale"]


@pytest.mark.parametrize("etat", ["ecarte", "fusionne"])
def test_R31_what_was_decided_is_never_opened_again_by_a_search(
    session: Session, contexte: Contexte, paire: tuple[int, tuple[Candidat, ...]], etat: str
) -> None:
    usager_id, candidats = paire
    store_pairs(session, contexte, usager_id, candidats, origine="creation", le=LE)
    session.execute(update(Doublon).values(etat=etat))
    session.commit()
    store_pairs(session, contexte, usager_id, candidats, origine="modification", le=LE)
    assert only(session).etat == etat


def test_R9_the_judgement_is_kept_with_who_and_when_and_counted_without_the_agent(
    session: Session, contexte: Contexte, paire: tuple[int, tuple[Candidat, ...]]
) -> None:
    usager_id, candidats = paire
    store_pairs(session, contexte, usager_id, candidats, origine="creation", le=LE)
    for _ in range(2):
        set_aside(session, contexte, usager_id, candidats, raison="creation", le=LE)
    doublon = only(session)
    assert (doublon.etat, doublon.decide_par_id, doublon.decide_le) == ("ecarte", contexte.agent.id, LE)
    comptes = {(c.niveau, c.preuve): c.nombre for c in session.scalars(select(CompteurJugement))}
    assert comptes == {("certain", "noms_egaux"): 2, ("certain", "naissance_egale"): 2}
    assert "agent" not in " ".join(CompteurJugement.__table__.columns.keys())


def test_nothing_is_written_without_candidates(session: Session, contexte: Contexte) -> None:
    store_pairs(session, contexte, 1, (), origine="creation", le=LE)
    set_aside(session, contexte, 1, (), raison="creation", le=LE)
    alert_referents(session, contexte, (), le=LE)
    assert not session.scalars(select(Doublon)).all()
    assert not session.scalars(select(EntreeJournal)).all()


def test_R11_a_match_leaves_a_line_in_the_journal_of_the_protected_fiche(session: Session, contexte: Contexte) -> None:
    usager_id = a_usager(session, contexte.organisation_id, protegee=True)
    alert_referents(session, contexte, [usager_id, usager_id], le=LE)
    entree = session.scalars(select(EntreeJournal)).one()
    assert (entree.acte, entree.usager_id) == ("correspondance", usager_id)
    assert (entree.champs, entree.details) == ([], {})
