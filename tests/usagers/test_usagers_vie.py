"""The life of a fiche over HTTP: removed, taken back, kept (R15)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches import clock
from fiches.doublons.index import check_index
from fiches.doublons.models import CleExacte
from fiches.journal.models import EntreeJournal
from fiches.usagers.models import Rattachement, Referent, Retrait, Usager
from tests.builders import MAINTENANT, a_lien, a_rdv, a_referent, a_usager, an_agent, an_organisation
from tests.client import Client

DEMAIN = timedelta(days=1)


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


@pytest.fixture
def agent_id(session: Session, org: int) -> int:
    return an_agent(session, org, email="a@exemple.test")


@pytest.fixture
def agent(app: Flask, agent_id: int) -> Client:
    return signed_in(app, "a@exemple.test")


def signed_in(app: Flask, email: str) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in(email)
    return client


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def fiche(session: Session, usager_id: int) -> Usager:
    session.expire_all()
    session.rollback()
    return session.get_one(Usager, usager_id)


# --- removing -----------------------------------------------------------------------------


def test_a_fiche_that_is_still_expected_is_not_removed_and_the_dates_are_said_R15(
    agent: Client, agent_id: int, session: Session, org: int
) -> None:
    usager = a_usager(session, org)
    a_rdv(session, org, agent_id, usager, debut=clock.now() + DEMAIN)
    address = f"/organisations/{org}/usagers/{usager}/retirer"
    assert "attend encore cette personne" in text(agent, address)
    refused = agent.post(address)
    assert refused.status_code == 422
    assert "ne peut pas être retirée" in refused.get_data(as_text=True)
    session.rollback()
    assert session.scalars(select(Rattachement.organisation_id)).all() == [org]


@pytest.mark.parametrize("values", [{"annule": True}, {"issue": "excuse"}])
def test_an_rdv_that_will_not_take_place_does_not_keep_a_fiche_R15(
    agent: Client, agent_id: int, session: Session, org: int, values: dict[str, object]
) -> None:
    usager = a_usager(session, org)
    a_rdv(session, org, agent_id, usager, **({"debut": clock.now() + DEMAIN} | values))
    assert agent.post(f"/organisations/{org}/usagers/{usager}/retirer").status_code == 303
    assert fiche(session, usager).effacement_le is not None


def test_another_service_s_rdv_does_not_keep_a_fiche_here_R15(
    agent: Client, agent_id: int, session: Session, org: int
) -> None:
    voisin = an_organisation(session, "PMI", territoire_id=territoire(session, org))
    usager = a_usager(session, org, voisin)
    a_rdv(session, voisin, an_agent(session, voisin), usager, debut=clock.now() + DEMAIN)
    assert agent.post(f"/organisations/{org}/usagers/{usager}/retirer").status_code == 303
    assert fiche(session, usager).effacement_le is None  # the other service still has it
    assert session.scalars(select(Rattachement.organisation_id)).all() == [voisin]


def test_a_fiche_without_contact_that_one_of_two_services_removes_is_no_longer_to_be_erased_R15(
    agent: Client, session: Session, org: int
) -> None:
    voisin = an_organisation(session, "PMI", territoire_id=territoire(session, org))
    usager = a_usager(session, org, voisin, effacement_le=clock.now() + DEMAIN)
    done = agent.post(f"/organisations/{org}/usagers/{usager}/retirer", follow_redirects=True)
    assert "sera effacée" not in done.get_data(as_text=True)
    assert fiche(session, usager).effacement_le is None


def territoire(session: Session, org: int) -> int:
    from fiches.organisations.models import Organisation

    return session.get_one(Organisation, org).territoire_id


def test_removed_from_the_last_organisation_it_waits_thirty_days_and_is_seen_nowhere_else_R15(
    agent: Client, agent_id: int, session: Session, org: int
) -> None:
    usager = a_usager(session, org, prenom="Zénobie", nom="Wrocław", date_naissance="1984-03-14")
    a_referent(session, usager, agent_id, org)
    ici = f"/organisations/{org}/usagers"
    assert "sera effacée le" in text(agent, f"{ici}/{usager}/retirer")
    done = agent.post(f"{ici}/{usager}/retirer")
    assert done.headers["Location"] == f"{ici}/retires"
    attente = fiche(session, usager).effacement_le
    assert attente is not None
    assert timedelta(days=29, hours=23) < attente - clock.now() <= timedelta(days=30)
    assert session.scalars(select(Referent)).all() == []
    page = text(agent, f"{ici}/retires")
    assert "Zénobie" in page
    assert "14/03/1984" in page
    assert agent.get(f"{ici}/{usager}").status_code == 404
    for address in (ici, f"{ici}?q=Zénobie", f"{ici}?q=14/03/1984"):
        assert f'data-usager="{usager}"' not in text(agent, address)
    assert session.scalars(select(CleExacte)).all() == []
    assert check_index(session) == []
    doublons = agent.live(f"{ici}/doublons", {"prenom": "Zénobie", "nom": "Wrocław", "date_naissance": "14/03/1984"})
    assert doublons.get_data(as_text=True).strip() == ""


def test_taken_back_it_is_attached_as_before_and_its_referents_are_not_given_back_R15(
    agent: Client, agent_id: int, session: Session, org: int
) -> None:
    usager = a_usager(session, org, prenom="Zénobie", nom="Wrocław")
    a_referent(session, usager, agent_id, org)
    session.execute(update(Rattachement).values(raison="orientation", cree_le=MAINTENANT - DEMAIN))
    session.commit()
    ici = f"/organisations/{org}/usagers"
    agent.post(f"{ici}/{usager}/retirer")
    back = agent.post(f"{ici}/{usager}/reprendre")
    assert back.headers["Location"] == f"{ici}/{usager}"
    assert "référents n’ont pas été remis" in text(agent, f"{ici}/{usager}")
    assert fiche(session, usager).effacement_le is None
    lien = session.scalars(select(Rattachement)).one()
    assert (lien.raison, lien.cree_le) == ("orientation", MAINTENANT - DEMAIN)
    assert session.scalars(select(Retrait)).all() == []
    assert session.scalars(select(Referent)).all() == []
    assert f'data-usager="{usager}"' in text(agent, f"{ici}?q=Zénobie")
    assert check_index(session) == []
    assert session.scalars(select(EntreeJournal.acte).order_by(EntreeJournal.id)).all() == ["retrait", "reprise"]


def test_removing_twice_changes_nothing_the_second_time(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org)
    for _ in range(2):
        assert agent.post(f"/organisations/{org}/usagers/{usager}/retirer").status_code == 303
    assert session.scalars(select(EntreeJournal.acte)).all() == ["retrait"]


def test_what_was_not_removed_is_not_taken_back(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org)
    assert agent.post(f"/organisations/{org}/usagers/{usager}/reprendre").status_code == 404
    assert agent.post(f"/organisations/{org}/usagers/999999/reprendre").status_code == 404


def test_another_service_takes_back_nothing_that_this_one_removed_R10(
    app: Flask, agent: Client, session: Session, org: int
) -> None:
    voisin = an_organisation(session, territoire_id=territoire(session, org))
    an_agent(session, voisin, email="v@exemple.test")
    usager = a_usager(session, org)
    agent.post(f"/organisations/{org}/usagers/{usager}/retirer")
    other = signed_in(app, "v@exemple.test")
    assert other.post(f"/organisations/{voisin}/usagers/{usager}/reprendre").status_code == 404
    assert other.post(f"/organisations/{org}/usagers/{usager}/reprendre").status_code == 404
    assert "Jeanne" not in text(other, f"/organisations/{voisin}/usagers/retires")
    raison = {"raison": "orientation"}
    assert other.post(f"/organisations/{voisin}/usagers/{usager}/rattacher", data=raison).status_code == 404


def test_a_delay_that_has_passed_elsewhere_takes_the_fiche_off_the_page(
    agent: Client, session: Session, org: int
) -> None:
    voisin = an_organisation(session, territoire_id=territoire(session, org))
    usager = a_usager(session, org, voisin, prenom="Zénobie")
    agent.post(f"/organisations/{org}/usagers/{usager}/retirer")
    assert "Zénobie" in text(agent, f"/organisations/{org}/usagers/retires")
    session.execute(update(Retrait).values(le=clock.now() - timedelta(days=31)))
    session.commit()
    assert "Zénobie" not in text(agent, f"/organisations/{org}/usagers/retires")
    assert agent.post(f"/organisations/{org}/usagers/{usager}/reprendre").status_code == 404


def test_the_proches_left_behind_are_listed_before_and_after_R15(agent: Client, session: Session, org: int) -> None:
    mere = a_usager(session, org)
    enfant = a_usager(session, org, prenom="Léo", nom="Petit")
    a_lien(session, proche=enfant, responsable=mere)
    assert 'Léo <span class="nom-famille">Petit' in text(agent, f"/organisations/{org}/usagers/{mere}/retirer")
    agent.post(f"/organisations/{org}/usagers/{mere}/retirer")
    assert 'Léo <span class="nom-famille">Petit' in text(agent, f"/organisations/{org}/usagers/retires")


def test_a_proche_of_another_service_is_counted_and_not_named_R10(agent: Client, session: Session, org: int) -> None:
    voisin = an_organisation(session, territoire_id=territoire(session, org))
    mere, enfant = a_usager(session, org), a_usager(session, voisin, prenom="Zénobie")
    a_lien(session, proche=enfant, responsable=mere)
    page = text(agent, f"/organisations/{org}/usagers/{mere}/retirer")
    assert "Une personne a" in page
    assert "Zénobie" not in page


def test_a_fiche_protegee_is_removed_and_taken_back_by_its_referents_alone_R11(
    app: Flask, agent: Client, agent_id: int, session: Session, org: int
) -> None:
    an_agent(session, org, email="autre@exemple.test")
    other = signed_in(app, "autre@exemple.test")
    usager = a_usager(session, org, protegee=True)
    a_referent(session, usager, agent_id, org)
    address = f"/organisations/{org}/usagers/{usager}"
    for verb in (other.get, other.post):
        assert verb(f"{address}/retirer").status_code == 403
        assert verb(f"{address}/deces").status_code == 403
    assert agent.post(f"{address}/retirer").status_code == 303
    assert other.post(f"{address}/reprendre").status_code == 403
    assert "Reprendre" not in text(other, f"/organisations/{org}/usagers/retires")
    assert agent.post(f"{address}/reprendre").status_code == 303
    assert session.scalars(select(Referent.agent_id)).all() == [agent_id]  # somebody keeps the key


def test_a_removed_fiche_cannot_be_merged_F10(agent: Client, session: Session, org: int) -> None:
    a, b = a_usager(session, org), a_usager(session, org)
    agent.post(f"/organisations/{org}/usagers/{a}/retirer")
    assert agent.get(f"/organisations/{org}/fusion?a={a}&b={b}").status_code == 404
    assert agent.post(f"/organisations/{org}/fusion", data={"a": a, "b": b, "etat": "x"}).status_code == 404


# --- without contact ----------------------------------------------------------------------


def test_a_fiche_without_contact_is_listed_and_kept_by_one_click_R15(agent: Client, session: Session, org: int) -> None:
    vieux = clock.now() - timedelta(days=800)
    usager = a_usager(
        session, org, prenom="Zénobie", cree_le=vieux, modifie_le=vieux, effacement_le=clock.now() + DEMAIN
    )
    ici = f"/organisations/{org}/usagers"
    assert "Zénobie" in text(agent, f"{ici}/retires")
    assert "sera effacée le" in text(agent, f"{ici}/{usager}")
    kept = agent.post(f"{ici}/{usager}/garder", data={"retour": "retires"})
    assert kept.headers["Location"] == f"{ici}/retires"
    assert fiche(session, usager).effacement_le is None
    assert session.scalars(select(EntreeJournal.acte)).all() == ["garde"]
    assert "Zénobie" not in text(agent, f"{ici}/retires")


def test_attaching_it_elsewhere_is_a_contact_R15(app: Flask, session: Session, org: int) -> None:
    voisin = an_organisation(session, territoire_id=territoire(session, org))
    deux = an_agent(session, org, voisin, email="deux@exemple.test")
    assert deux
    usager = a_usager(session, org, effacement_le=clock.now() + DEMAIN)
    client = signed_in(app, "deux@exemple.test")
    raison = {"raison": "orientation"}
    assert client.post(f"/organisations/{voisin}/usagers/{usager}/rattacher", data=raison).status_code == 303
    assert fiche(session, usager).effacement_le is None
