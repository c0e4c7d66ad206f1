"""The judgement at submission is about what the agent may see, all of it (R9, R10, R11)."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.doublons.models import Doublon
from fiches.journal.models import EntreeJournal
from fiches.usagers.models import Usager
from tests.builders import a_usager, an_agent, an_organisation
from tests.client import Client

EMMA = {"prenom": "Emmanuelle", "nom": "Lécuyer", "date_naissance": "14/03/1984"}
STORED = {"prenom": "Emmanuelle", "nom": "Lécuyer", "date_naissance": "1984-03-14"}


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


@pytest.fixture
def voisine(session: Session, org: int) -> int:
    return an_organisation(session, "PMI Mâcon", territoire_id=1)


@pytest.fixture
def agent(app: Flask, session: Session, org: int) -> Client:
    an_agent(session, org, email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


def allow(app: Flask, maximum: int) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], apercus_externes_par_jour=maximum)


def shown(text: str) -> set[int]:
    return {int(i) for i in re.findall(r'data-usager="(\d+)"', text)}


def on_page(text: str) -> str:
    """What the page's hidden field says was shown."""
    trouve = re.search(r'name="candidats" value="([\d,]*)"', text)
    return trouve[1] if trouve else ""


def pairs(session: Session) -> dict[int, str]:
    session.rollback()
    return {d.usager_a_id: d.etat for d in session.scalars(select(Doublon))}


def apercus(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(EntreeJournal.acte == "apercu")) or 0


# --- outside fiches and the day's limit (R10) ---------------------------------------------


def test_an_outside_fiche_that_the_limit_forbids_is_neither_shown_nor_asked_about_and_its_pair_is_kept_R10(
    agent: Client, app: Flask, session: Session, org: int, voisine: int
) -> None:
    there = a_usager(session, voisine, **STORED)
    allow(app, 0)
    assert shown(agent.live(f"/organisations/{org}/usagers/doublons", EMMA).text) == set()
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA).status_code == 303
    assert pairs(session) == {there: "ouvert"}
    assert apercus(session) == 0


def test_what_the_limit_forbids_is_not_in_the_way_of_what_may_be_shown_R10(
    agent: Client, app: Flask, session: Session, org: int, voisine: int
) -> None:
    there, here = a_usager(session, voisine, **STORED), a_usager(session, org, **STORED)
    allow(app, 0)
    asked = agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA)
    assert (asked.status_code, shown(asked.text), on_page(asked.text)) == (422, {here}, str(here))
    told = EMMA | {"autre_personne": "oui", "candidats": f"{here},{there}"}  # nobody saw the second
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=told).status_code == 303
    assert pairs(session) == {here: "ecarte", there: "ouvert"}


def test_a_display_at_submission_is_journalled_though_nothing_is_created_R10(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    there = a_usager(session, voisine, **STORED)
    for _ in range(2):
        asked = agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA)
        assert (asked.status_code, shown(asked.text), apercus(session)) == (422, {there}, 1)
    told = EMMA | {"autre_personne": "oui", "candidats": on_page(asked.text)}
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=told).status_code == 303
    assert pairs(session) == {there: "ecarte"}


def test_a_change_is_asked_about_under_the_same_limit_R9_R10(
    agent: Client, app: Flask, session: Session, org: int, voisine: int
) -> None:
    there = a_usager(session, voisine, **STORED)
    other = a_usager(session, org, prenom="Zoé", nom="Tissot", date_naissance="1990-05-02")
    adresse = f"/organisations/{org}/usagers/{other}/modifier"
    asked = agent.post(adresse, data=EMMA)
    assert (asked.status_code, shown(asked.text), apercus(session)) == (422, {there}, 1)
    assert session.get(Usager, other).nom == "Tissot"  # type: ignore[union-attr]
    session.query(EntreeJournal).delete()
    session.commit()
    allow(app, 0)
    assert agent.post(adresse, data=EMMA).status_code == 303
    assert pairs(session) == {there: "ouvert"}


def test_an_outside_fiche_with_the_same_last_digits_is_not_shown_R10(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    there = a_usager(session, voisine, prenom="Emmanuelle", nom="Lécuyer", telephone="+33639989992")
    typed = {"prenom": "Emmanuelle", "nom": "Lécuyer"}
    adresse = f"/organisations/{org}/usagers/doublons"
    assert shown(agent.live(adresse, typed | {"telephone": "07 39 98 99 92"}).text) == set()
    assert shown(agent.live(adresse, typed | {"telephone": "06 39 98 99 92"}).text) == {there}


# --- more strong candidates than the list shows (R9) --------------------------------------


def test_every_strong_candidate_is_asked_about_and_every_pair_kept_R9(
    agent: Client, session: Session, org: int
) -> None:
    emmas = [a_usager(session, org, **STORED) for _ in range(27)]
    adresse = f"/organisations/{org}/usagers/nouveau"
    live = agent.live(f"/organisations/{org}/usagers/doublons", EMMA).text
    assert len(shown(live)) == 5
    told = EMMA | {"autre_personne": "oui", "candidats": on_page(live)}
    seen = shown(live)
    for expected in (20, 20):  # the 22 others: twenty, then the two left with some of the first
        asked = agent.post(adresse, data=told)
        assert (asked.status_code, len(shown(asked.text))) == (422, expected)
        assert shown(asked.text) - seen
        seen |= shown(asked.text)
        told |= {"candidats": on_page(asked.text)}
    assert seen == set(emmas)
    assert agent.post(adresse, data=told).status_code == 303
    assert pairs(session) == dict.fromkeys(emmas, "ecarte")


def test_without_a_tick_the_first_page_shows_twenty_at_most_R9(agent: Client, session: Session, org: int) -> None:
    for _ in range(23):
        a_usager(session, org, **STORED)
    asked = agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA)
    assert (asked.status_code, len(shown(asked.text))) == (422, 20)


# --- the fiche's own stored values (R11) --------------------------------------------------


def test_a_protected_fiches_stored_contact_never_works_as_if_typed_R11(
    agent: Client, session: Session, org: int
) -> None:
    protegee = a_usager(session, org, prenom="Zoé", nom="Tissot", email="zoe@exemple.fr", protegee=True)
    a_usager(session, org, prenom="Zoé", nom="Tissot", email="zoe@exemple.fr")
    typed = {"sauf": str(protegee), "prenom": "Zoé", "nom": "Tissot"}
    text = agent.live(f"/organisations/{org}/usagers/doublons", typed).text
    assert "même adresse e-mail" not in text
    assert "Cet e-mail" not in text
