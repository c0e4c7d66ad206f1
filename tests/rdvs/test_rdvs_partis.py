"""Who left the service, died or was anonymised is never expected again in an RDV to come (R15, R16)."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from fiches import clock
from fiches.dates import instant_of
from fiches.db import transaction
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import Message
from fiches.organisations.models import Appartenance, Organisation
from fiches.rdvs.models import Participation
from fiches.usagers.actions_vie import record_death, remove
from fiches.usagers.effacement import anonymise
from fiches.usagers.queries_vie import Limites
from tests.builders import a_contexte, a_creneau, a_rdv, a_usager, an_organisation
from tests.rdvs.bureau import Bureau, champ, jour, plain


def leave(bureau: Bureau, usager: int, how: str) -> None:
    """Let somebody leave the service: removed from it, anonymised, or dead."""
    contexte, le = a_contexte(bureau.session, bureau.agent, bureau.org), clock.now()
    if how == "dead":
        record_death(bureau.session, contexte, usager, le)
        return
    remove(bureau.session, contexte, usager, le, Limites(30, 730))
    if how == "anonymised":
        with transaction(bureau.session):
            anonymise(bureau.session, usager, le)


def past(bureau: Bureau, *usagers: int, issue: str | None = None) -> int:
    """An RDV of two days ago."""
    rdv = a_rdv(bureau.session, bureau.org, bureau.agent, *usagers, debut=clock.now() - timedelta(days=2), issue=issue)
    bureau.session.rollback()
    return rdv


def written(bureau: Bureau, rdv: int) -> tuple[datetime, int, list[str | None], int, int]:
    """What a refusal leaves as it is."""
    row = bureau.row(rdv)
    counts = [bureau.session.scalar(select(func.count()).select_from(m)) or 0 for m in (Message, EntreeJournal)]
    issues = bureau.session.scalars(select(Participation.issue).order_by(Participation.id)).all()
    return row.debut, row.version, list(issues), counts[0], counts[1]


DEPARTS = [("removed", "que vous puissiez voir"), ("anonymised", "que vous puissiez voir"), ("dead", "le décès est")]


@pytest.mark.parametrize(("how", "mot"), DEPARTS)
def test_the_past_rdv_of_somebody_gone_does_not_move_into_the_future_R15(bureau: Bureau, how: str, mot: str) -> None:
    leo = bureau.person()
    rdv = past(bureau, leo)
    leave(bureau, leo, how)
    avant = written(bureau, rdv)
    response = bureau.move(rdv, date=jour(12).strftime("%d/%m/%Y"), heure="14:25")
    page = plain(response.get_data(as_text=True))
    assert response.status_code == 422
    assert mot in page
    assert 'value="14:25"' in page
    assert jour(12).strftime("%d/%m/%Y") in page
    assert written(bureau, rdv) == avant


def test_the_past_rdv_of_somebody_gone_may_still_be_corrected(bureau: Bureau) -> None:
    leo = bureau.person()
    rdv = past(bureau, leo)
    leave(bureau, leo, "removed")
    assert bureau.move(rdv, duree="45", confirmer="passe").status_code == 303
    assert bureau.row(rdv).duree == 45


def test_who_is_in_another_of_one_s_services_only_is_refused_by_name_R15(bureau: Bureau) -> None:
    territoire = bureau.session.get_one(Organisation, bureau.org).territoire_id
    autre = an_organisation(bureau.session, territoire_id=territoire)
    bureau.session.add(Appartenance(agent_id=bureau.agent, organisation_id=autre, role="agent"))
    rdv = past(bureau, a_usager(bureau.session, autre, prenom="Léo", nom="Goff"), bureau.person())
    response = bureau.move(rdv, date=jour(12).strftime("%d/%m/%Y"))
    assert response.status_code == 422
    assert "Léo Goff n’est pas dans les usagers de" in plain(response.get_data(as_text=True))


@pytest.mark.parametrize(("how", "mot"), DEPARTS)
def test_somebody_gone_is_not_expected_again_R15(bureau: Bureau, how: str, mot: str) -> None:
    leo, zoe = bureau.person(), bureau.person()
    rdv = bureau.made(leo, zoe)
    bureau.give(rdv, "excuse", "")
    leave(bureau, leo, how)
    avant = written(bureau, rdv)
    response = bureau.give(rdv, "", "excuse")
    page = plain(response.get_data(as_text=True))
    assert response.status_code == 422
    assert mot in page.split('id="t-participants"')[1]  # beside the person
    assert written(bureau, rdv) == avant
    assert bureau.give(rdv, "excuse", "excuse").status_code == 303  # of the others nothing is asked


def test_an_excuse_by_death_is_not_cleared_but_by_taking_the_death_back_R15(bureau: Bureau) -> None:
    leo, zoe = bureau.person(), bureau.person()
    rdv = bureau.made(leo, zoe)
    leave(bureau, leo, "dead")
    assert bureau.give(rdv, "", "").status_code == 422
    bureau.session.rollback()
    assert bureau.session.scalars(select(Participation.excuse_par).order_by(Participation.id)).first() == "deces"


def test_the_outcome_of_a_past_rdv_is_cleared_whoever_left(bureau: Bureau) -> None:
    leo = bureau.person()
    rdv = past(bureau, leo, issue="vu")
    leave(bureau, leo, "removed")
    assert bureau.give(rdv, "").status_code == 303


@pytest.mark.parametrize(("issue", "mot"), [("vu", "« vu »"), ("absent", "« absent non excusé »")])
def test_an_rdv_that_took_place_does_not_move_into_the_future_R16(bureau: Bureau, issue: str, mot: str) -> None:
    rdv = past(bureau, bureau.person(), issue=issue)
    avant = written(bureau, rdv)
    response = bureau.move(rdv, date=jour(12).strftime("%d/%m/%Y"))
    assert response.status_code == 422
    assert mot in plain(response.get_data(as_text=True))
    assert written(bureau, rdv) == avant
    bureau.give(rdv, "")
    assert bureau.move(rdv, date=jour(12).strftime("%d/%m/%Y")).status_code == 303


def test_an_rdv_that_nobody_attends_takes_no_creneau_where_it_moves_R16(bureau: Bureau) -> None:
    libre = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(15)))
    rdv = bureau.made(bureau.person())
    bureau.give(rdv, "excuse")
    assert bureau.move(rdv, heure="15:00").status_code == 303
    assert f'data-creneau="{libre}"' in bureau.client.get(bureau.address(f"?jour={jour().isoformat()}")).text
    assert bureau.give(rdv, "").status_code == 303  # expected again: now it does
    assert f'data-creneau="{libre}"' not in bureau.client.get(bureau.address(f"?jour={jour().isoformat()}")).text
    assert champ(bureau.page(rdv), "version") == "4"
