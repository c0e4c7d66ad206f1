"""Créneaux: opened in series, taken once, freed when their RDV goes (R16)."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fiches import clock
from fiches.dates import JOURS, instant_of
from fiches.rdvs.models import Creneau
from tests.builders import a_creneau, a_motif, an_agent, an_organisation
from tests.rdvs.bureau import Bureau, champ, jour, plain


def serie(bureau: Bureau, **values: Any) -> dict[str, Any]:
    return {
        "agent": bureau.agent, "motif": bureau.motif, "lieu": bureau.lieu,
        "du": jour().isoformat(), "au": jour().isoformat(), "jours": ["", *JOURS[:5]],
        "de": "9:00", "a": "11:00", "duree": "",
    } | values  # fmt: skip


def rows(bureau: Bureau) -> list[Creneau]:
    bureau.session.rollback()
    bureau.session.expire_all()
    return list(bureau.session.scalars(select(Creneau).order_by(Creneau.debut)))


@pytest.fixture
def creneau(bureau: Bureau) -> int:
    return a_creneau(
        bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(9)), lieu_id=bureau.lieu
    )


def address(bureau: Bureau, fin: str = "") -> str:
    return f"/organisations/{bureau.org}/creneaux{fin}"


def holder(bureau: Bureau, creneau: int) -> int | None:
    return next(c.rdv_id for c in rows(bureau) if c.id == creneau)


def test_a_series_opens_what_is_free_and_counts_the_rest(bureau: Bureau) -> None:
    bureau.made(bureau.person(), heure="9:30")
    a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(10, 45)))
    apercu = plain(bureau.client.live(address(bureau), serie(bureau)).get_data(as_text=True))
    assert "2 créneaux à ouvrir" in apercu
    assert "2 déjà pris" in apercu
    assert len(rows(bureau)) == 1
    assert bureau.client.post(address(bureau), data=serie(bureau)).status_code == 303
    page = plain(bureau.client.get(address(bureau)).get_data(as_text=True))
    assert "2 créneaux ouverts, 2 déjà pris." in page
    assert [c.debut for c in rows(bureau)] == [instant_of(jour(), t) for t in (time(9), time(10), time(10, 45))]
    bureau.client.post(address(bureau), data=serie(bureau))
    assert len(rows(bureau)) == 3  # opened twice, there once


@pytest.mark.parametrize(
    ("values", "mot"),
    [
        ({"motif": ""}, "Choisissez le motif"),
        ({"agent": "999999"}, "n’est plus proposé"),
        ({"du": "hier"}, "illisible"),
        ({"du": "01/01/2020"}, "Ce jour est passé"),
        ({"au": (clock.today() - timedelta(days=1)).isoformat()}, "après le premier"),
        ({"au": "31/12/9999"}, "un an au plus"),
        ({"jours": [""]}, "au moins un jour"),
        ({"jours": ["octidi"]}, "au moins un jour"),
        ({"a": "9:00"}, "après l’heure de début"),
        ({"de": "25"}, "illisible"),
        ({"duree": "0"}, "au moins une minute"),
        ({"duree": "180"}, "Aucun créneau à venir"),
        ({"au": (jour() + timedelta(days=300)).isoformat(), "a": "19:00", "duree": "5"}, "500 au plus"),
    ],
)
def test_a_series_that_cannot_be_opened_is_422_and_opens_nothing(
    bureau: Bureau, values: dict[str, Any], mot: str
) -> None:
    response = bureau.client.post(address(bureau), data=serie(bureau, **values))
    assert response.status_code == 422
    assert mot in plain(response.get_data(as_text=True))
    assert rows(bureau) == []
    assert bureau.client.live(address(bureau), serie(bureau, **values)).status_code == 200


def test_a_creneau_fixes_agent_motif_place_and_time_and_is_taken_R16(bureau: Bureau, creneau: int) -> None:
    lea = bureau.person()
    page = bureau.client.get(bureau.address(f"/nouveau?usager={lea}&creneau={creneau}")).get_data(as_text=True)
    data = {"usagers": lea, "creneau": creneau, "avis": champ(page, "avis"), "heure": "18:00"}
    response = bureau.client.post(bureau.address("/nouveau"), data=data)
    assert response.status_code == 303
    rdv = int(response.headers["Location"].rsplit("/", 1)[1])
    row = bureau.row(rdv)
    assert (row.debut, row.duree, row.lieu_id) == (instant_of(jour(), time(9)), 30, bureau.lieu)
    assert holder(bureau, creneau) == rdv
    assert f"creneau={creneau}" not in bureau.client.get(address(bureau)).get_data(as_text=True)


def test_a_taken_creneau_is_a_clear_409_with_others_of_the_same_motif(bureau: Bureau, creneau: int) -> None:
    zoe = bureau.person(prenom="Zoé")
    libre = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(15)))
    autre_motif = a_motif(bureau.session, bureau.org, "Autre")
    ecarte = a_creneau(bureau.session, bureau.org, bureau.agent, autre_motif, instant_of(jour(), time(16)))
    data = {"usagers": zoe, "creneau": creneau}
    data |= {"avis": champ(bureau.preview(data), "avis")}
    assert bureau.client.post(bureau.address("/nouveau"), data=data).status_code == 303
    response = bureau.client.post(bureau.address("/nouveau"), data=data)
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "Ce créneau vient d’être pris" in page
    assert "Indiquez la date" not in page  # nobody did anything wrong
    assert f'name="choisir" value="{libre}"' in page
    assert f'name="choisir" value="{ecarte}"' not in page
    assert re.search(rf'value="{zoe}" data-compare checked', page)
    page = bureau.client.post(bureau.address("/nouveau"), data=data | {"choisir": libre}).get_data(as_text=True)
    assert f'name="creneau" value="{libre}"' in page
    data = {"usagers": zoe, "creneau": libre, "avis": champ(page, "avis")}
    assert bureau.client.post(bureau.address("/nouveau"), data=data).status_code == 303


def test_a_creneau_of_another_service_or_past_cannot_be_taken(bureau: Bureau) -> None:
    ailleurs = an_organisation(bureau.session)
    agent, motif = an_agent(bureau.session, ailleurs), a_motif(bureau.session, ailleurs)
    etranger = a_creneau(bureau.session, ailleurs, agent, motif, instant_of(jour(), time(9)))
    passe = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, clock.now() - timedelta(hours=2))
    for creneau in (etranger, passe):
        response = bureau.client.post(
            bureau.address("/nouveau"), data=bureau.typed(bureau.person(), creneau=creneau, avis="x")
        )
        assert response.status_code == 409
    assert bureau.count() == 0
    assert bureau.client.post(address(bureau, f"/{etranger}/fermer")).status_code == 404


@pytest.mark.parametrize("how", ["cancel", "move", "excuse"])
def test_a_creneau_is_free_again_when_its_rdv_goes_R16(bureau: Bureau, creneau: int, how: str) -> None:
    data = {"usagers": bureau.person(), "creneau": creneau}
    rdv = int(bureau.save(data).headers["Location"].rsplit("/", 1)[1])
    match how:
        case "cancel":
            bureau.cancel(rdv)
        case "move":
            bureau.move(rdv, heure="16:00")
        case "excuse":
            bureau.give(rdv, "excuse")
    assert holder(bureau, creneau) is None


def test_one_of_two_excused_keeps_the_creneau_and_taking_back_the_last_takes_it_again(
    bureau: Bureau, creneau: int
) -> None:
    data = {"usagers": [bureau.person(), bureau.person()], "creneau": creneau}
    rdv = int(bureau.save(data).headers["Location"].rsplit("/", 1)[1])
    bureau.give(rdv, "excuse", "")
    assert holder(bureau, creneau) == rdv
    bureau.give(rdv, "excuse", "excuse")
    assert holder(bureau, creneau) is None
    bureau.give(rdv, "", "excuse")
    assert holder(bureau, creneau) == rdv


def test_an_rdv_made_by_hand_at_the_hour_of_a_creneau_takes_it(bureau: Bureau, creneau: int) -> None:
    rdv = bureau.made(bureau.person(), heure="9:00")
    assert holder(bureau, creneau) == rdv


def test_only_a_free_creneau_can_be_closed(bureau: Bureau, creneau: int) -> None:
    rdv = bureau.made(bureau.person(), heure="9:00")
    assert bureau.client.post(address(bureau, f"/{creneau}/fermer")).status_code == 303
    assert holder(bureau, creneau) == rdv
    bureau.cancel(rdv)
    assert bureau.client.post(address(bureau, f"/{creneau}/fermer")).status_code == 303
    assert rows(bureau) == []


def test_a_free_creneau_is_in_the_diary(bureau: Bureau, creneau: int) -> None:
    page = bureau.client.get(bureau.address(f"?jour={jour().isoformat()}")).get_data(as_text=True)
    assert f'data-creneau="{creneau}"' in page
