"""Where an RDV takes place, page by page: with a fiche protégée, its référents alone read it (R11)."""

from datetime import time

import pytest

from fiches.dates import instant_of
from tests.builders import a_rdv, a_referent
from tests.rdvs.bureau import Bureau, jour

DEBUT = instant_of(jour(), time(9))


@pytest.fixture
def pages(bureau: Bureau) -> list[str]:
    """Every page that shows the place of an RDV of a protected child and of somebody who is not."""
    enfant, autre = bureau.person(prenom="Iris", protegee=True), bureau.person(prenom="Paul")
    rdv = a_rdv(bureau.session, bureau.org, bureau.agent, enfant, autre, debut=DEBUT)
    fins = [
        f"usagers/{enfant}",
        f"usagers/{autre}",
        f"rdvs/{rdv}",
        f"rdvs?jour={jour()}",
        f"rdvs?vue=jour&jour={jour()}",
    ]
    return [f"/organisations/{bureau.org}/{fin}" for fin in fins]


def shown(bureau: Bureau, pages: list[str]) -> list[bool]:
    textes = [bureau.client.get(page).get_data(as_text=True) for page in pages]
    return [lieu_said(texte) for texte in textes]


def lieu_said(texte: str) -> bool:
    assert "Entretien" in texte
    return "<dd>Accueil" in texte or "Entretien, Accueil" in texte


def test_no_page_tells_the_place_because_of_another_participant_R11(bureau: Bureau, pages: list[str]) -> None:
    assert shown(bureau, pages) == [False] * 5


def test_every_page_tells_it_to_the_referent_R11(bureau: Bureau, pages: list[str]) -> None:
    enfant = int(pages[0].rsplit("/", 1)[1])
    a_referent(bureau.session, enfant, bureau.agent, bureau.org)
    assert shown(bureau, pages) == [True] * 5


def test_a_referent_of_one_of_two_reads_nothing_R11(bureau: Bureau) -> None:
    deux = [bureau.person(prenom=p, protegee=True) for p in ("Iris", "Hugo")]
    a_rdv(bureau.session, bureau.org, bureau.agent, *deux, debut=DEBUT)
    a_referent(bureau.session, deux[0], bureau.agent, bureau.org)
    pages = [f"/organisations/{bureau.org}/usagers/{u}" for u in deux]
    assert shown(bureau, pages) == [False, False]
