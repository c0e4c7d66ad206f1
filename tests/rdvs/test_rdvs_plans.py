"""The diary reads a week in a fixed number of statements and scans no table."""

from datetime import time, timedelta

import pytest
from sqlalchemy import event

from fiches.dates import instant_of
from fiches.notifications.lecture import coming_rdvs
from tests.builders import a_creneau, a_lien, a_rdv
from tests.plans import scans
from tests.rdvs.bureau import Bureau, jour

LOIN = instant_of(jour(300), time(9))


def fill(bureau: Bureau, n: int, decale: int = 0) -> None:
    """So many RDVs of these days, and as many free créneaux."""
    usager = bureau.person()
    for i in range(n):
        debut = instant_of(jour() + timedelta(days=i % 3), time(8 + i % 9, i % 50))
        a_rdv(bureau.session, bureau.org, bureau.agent, usager, debut=debut)
        libre = debut + timedelta(days=30, minutes=i + decale)
        a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, libre)


@pytest.mark.sqlite
@pytest.mark.parametrize("agent", ["", None])
@pytest.mark.parametrize("vue", ["semaine", "jour"])
def test_the_diary_scans_no_table(bureau: Bureau, vue: str, agent: str | None) -> None:
    fill(bureau, 30)
    with scans(bureau.session) as found:
        fin = "" if agent is None else f"&agent={agent}"
        assert bureau.client.get(bureau.address(f"?vue={vue}&jour={jour()}{fin}")).status_code == 200
    assert not found, found


def test_no_count_of_rdvs_changes_the_number_of_statements(bureau: Bureau) -> None:
    def statements() -> int:
        ran = []
        engine = bureau.session.get_bind()
        note = lambda *args: ran.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", note)
        assert bureau.client.get(bureau.address(f"?jour={jour()}&agent=")).status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        return len(ran)

    fill(bureau, 2)
    avant = statements()
    fill(bureau, 20, decale=300)
    assert statements() == avant


@pytest.mark.sqlite
def test_neither_the_preview_nor_the_page_of_an_rdv_scans_a_table(bureau: Bureau) -> None:
    fill(bureau, 30)
    usager = bureau.person()
    rdv = bureau.made(usager, heure="18:00")
    data = bureau.typed(usager, heure="18:10")
    with scans(bureau.session) as found:
        bureau.preview(data)
        bureau.page(rdv)
        bureau.client.get(f"/organisations/{bureau.org}/creneaux")
    assert not found, found


@pytest.mark.sqlite
def test_the_coming_rdvs_of_somebody_and_their_proches_are_searched_not_scanned(bureau: Bureau) -> None:
    mere, enfant = bureau.person(), bureau.person()
    a_lien(bureau.session, proche=enfant, responsable=mere)
    siens = [a_rdv(bureau.session, bureau.org, bureau.agent, u, debut=LOIN) for u in (mere, enfant)]
    fill(bureau, 30)
    with scans(bureau.session) as found:
        assert coming_rdvs(bureau.session, [mere], LOIN - timedelta(days=1)) == siens
    assert not found, found
