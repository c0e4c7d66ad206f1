"""The search box on a real base (R12)."""

import pytest
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.usagers.recherche import Resultats, search_fiches
from tests.builders import MAINTENANT, a_contexte, a_usager, an_agent, an_organisation
from tests.plans import scans


@pytest.fixture
def contexte(session: Session) -> Contexte:
    org = an_organisation(session)
    return a_contexte(session, an_agent(session, org), org)


@pytest.fixture
def emmanuelle(session: Session, contexte: Contexte) -> int:
    for i in range(20):
        a_usager(session, contexte.organisation_id, prenom=f"Autre{i}", nom=f"Personne{i}")
    return a_usager(
        session,
        contexte.organisation_id,
        prenom="Emmanuelle",
        nom="Lécuyer-Delatour",
        nom_naissance="Vasseur",
        date_naissance="1984-03-14",
        email="emma.lecuyer@exemple.fr",
        telephone="+33611223344",
        numero_dossier="VA-000031",
    )


def found(resultats: Resultats) -> list[int]:
    return [t.ligne.usager.id for t in (*resultats.lignes, *resultats.proches)]


@pytest.mark.parametrize(
    "q",
    [
        "lécuyer",
        "LECUYER emmanuelle",
        "emmanuelle lecuyer",
        "lecu emm",
        "lécuyé",
        "delatour",
        "lecuyer delatour",
        "vasseur",
        "vasseur emmanuelle",
        "14/03/1984",
        "lecuyer 14/03/1984",
        "06 11 22 33 44",
        "0611 22",
        "+33 6 11 22 33 44",
        "emma.lecuyer@exemple.fr",
        "emma.lecuyer@",
        "VA-000031",
        "va 000031",
        "VA-0000",
    ],
)
def test_a_fiche_is_found_by_any_of_its_data_in_any_order_R12(
    session: Session, contexte: Contexte, emmanuelle: int, q: str
) -> None:
    assert [t.ligne.usager.id for t in search_fiches(session, contexte, q, MAINTENANT).lignes] == [emmanuelle]


@pytest.mark.parametrize("q", ["lecuier emanuelle", "emmanuele", "lecyuer", "vaseur emmanuelle"])
def test_a_misspelt_name_is_found_as_a_near_spelling_R12(
    session: Session, contexte: Contexte, emmanuelle: int, q: str
) -> None:
    resultats = search_fiches(session, contexte, q, MAINTENANT)
    assert emmanuelle in [t.ligne.usager.id for t in resultats.proches], found(resultats)


def test_exact_hits_come_before_near_ones_R12(session: Session, contexte: Contexte) -> None:
    near = a_usager(session, contexte.organisation_id, prenom="Jean", nom="Dupond")
    exact = a_usager(session, contexte.organisation_id, prenom="Jean", nom="Dupont")
    resultats = search_fiches(session, contexte, "dupont jean", MAINTENANT)
    assert found(resultats) == [exact, near]


def test_the_search_stays_within_the_organisation_R12(session: Session, contexte: Contexte, emmanuelle: int) -> None:
    other = an_organisation(session, territoire_id=contexte.territoire_id)
    there = a_contexte(session, an_agent(session, other), other)
    assert found(search_fiches(session, there, "lecuyer", MAINTENANT)) == []


def test_no_hit_offers_to_create_with_what_was_typed(session: Session, contexte: Contexte) -> None:
    resultats = search_fiches(session, contexte, "Zyx Aude 03/02/1999 0611223344", MAINTENANT)
    assert resultats.amorce == {
        "nom": "Zyx",
        "prenom": "Aude",
        "date_naissance": "03/02/1999",
        "telephone": "0611223344",
    }


@pytest.mark.sqlite
def test_no_search_scans_a_table_R12(session: Session, contexte: Contexte, emmanuelle: int) -> None:
    for q in (
        "lecuyer", "lecuyer emm", "lecu emmanuele 14/03/1984", "lecuyer 1984", "lecuyer 0611", "0611", "VA-0", "#1",
        "emma.lecuyer@exemple.fr", "emmalecuyer", "14031984", "va 0000", "lecuyer VA-0 #1",
    ):  # fmt: skip
        with scans(session) as found_scans:
            search_fiches(session, contexte, q, MAINTENANT, 10)
        assert not found_scans, (q, found_scans)
