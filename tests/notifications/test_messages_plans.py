"""The pages of messages ask SQLite for the messages they show, not for those of the whole service."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from fiches import clock
from tests.builders import a_lien, an_agent
from tests.client import Client
from tests.notifications.poste import Poste
from tests.plans import steps

pytestmark = pytest.mark.sqlite


@pytest.fixture
def poste(session: Session) -> Poste:
    """A service with an outbox of which the base keeps statistics, as after `flask fiches entretenir`."""
    poste = Poste(session)
    poste.le = clock.now()
    poste.by_mail(60)
    session.connection().exec_driver_sql("ANALYZE")
    session.commit()
    return poste


@pytest.fixture
def agent(app: Flask, session: Session, poste: Poste) -> Client:
    an_agent(session, poste.org, email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


def of_messages(poste: Poste, agent: Client, suite: str) -> list[str]:
    """Each step by which this page looks for messages."""
    with steps(poste.session) as ran:
        assert agent.get(f"/organisations/{poste.org}/{suite}").status_code == 200
    return [detail for statement, detail in ran if "FROM message" in statement and detail.split()[1] == "message"]


@pytest.mark.parametrize("etat", ["attente", "envoye", "abandon", "echec"])
def test_a_tab_of_the_messages_page_reads_by_its_state(poste: Poste, agent: Client, etat: str) -> None:
    (etape,) = of_messages(poste, agent, f"messages?etat={etat}")
    assert "USING INDEX ix_message_organisation_id_etat_id (organisation_id=? AND etat=?" in etape


def test_a_fiche_reads_the_messages_of_its_person_and_of_its_responsable(poste: Poste, agent: Client) -> None:
    mere, enfant = poste.person(), poste.person(prenom="Léonie", email=None, telephone=None)
    a_lien(poste.session, proche=enfant, responsable=mere)
    poste.make(enfant)
    etapes = of_messages(poste, agent, f"usagers/{enfant}")
    assert etapes
    assert not [e for e in etapes if "organisation_id" in e]
    assert any("USING INDEX ix_message_usager_id (usager_id=?)" in e for e in etapes)
