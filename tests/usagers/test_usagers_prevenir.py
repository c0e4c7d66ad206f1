"""R14: a change that moves the messages of RDVs to come is told, before and after it is saved."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Genre
from fiches.organisations.models import Organisation
from fiches.usagers.models import Rattachement
from tests.builders import a_lien, a_rdv, a_usager, an_agent, an_organisation
from tests.client import Client


class Guichet:
    """Claire has an RDV in ten days, announced by SMS and e-mail; an agent has her fiche open."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session)
        agent = an_agent(session, self.org, email="a@exemple.test")
        self.claire = a_usager(
            session, self.org, prenom="Claire", nom="Montagny", email="claire@exemple.test", telephone="+33612345678"
        )
        rdv = a_rdv(session, self.org, agent, self.claire, debut=clock.now() + timedelta(days=10))
        with transaction(session):
            outbox.announce(session, rdv, Genre.NOUVEAU, clock.now())
        client = app.test_client()
        assert isinstance(client, Client)
        client.sign_in("a@exemple.test")
        self.client = client

    def address(self, suite: str, usager: int | None = None) -> str:
        return f"/organisations/{self.org}/usagers/{usager or self.claire}/{suite}"

    def waiting(self) -> set[tuple[int, str]]:
        self.session.expire_all()
        lignes = select(Message.usager_id, Message.canal).where(Message.etat == "attente")
        return {(u, c) for u, c in self.session.execute(lignes)}


@pytest.fixture
def guichet(app: Flask, session: Session) -> Guichet:
    return Guichet(app, session)


def test_typing_another_phone_shows_where_the_messages_will_go_R14_R22(guichet: Guichet) -> None:
    page = guichet.client.live(guichet.address("prevenir"), {"telephone": "06 98 76 54 32"}).get_data(as_text=True)
    assert "Qui sera prévenu" in page
    assert "06 98 76 54 32" in page
    assert "06 12 34 56 78" in page  # as it was until now
    assert 'data-canal="sms" data-prevenu="oui"' in page


def test_what_changes_nothing_shows_nothing_R14(guichet: Guichet) -> None:
    donnees = {"telephone": "06 12 34 56 78", "email": "CLAIRE@exemple.test", "ville": "Mâcon", "notif_sms": "oui"}
    assert guichet.client.live(guichet.address("prevenir"), donnees).get_data(as_text=True).strip() == ""


@pytest.mark.parametrize("telephone", ["03 85 10 20 30", ""], ids=["landline", "none"])
def test_losing_every_address_says_that_nobody_will_be_told_R14(guichet: Guichet, telephone: str) -> None:
    donnees = {"telephone": telephone, "email": ""}
    page = guichet.client.live(guichet.address("prevenir"), donnees).get_data(as_text=True)
    assert "Personne ne sera prévenu" in page
    answer = guichet.client.post(guichet.address("modifier"), data=donnees, follow_redirects=True)
    assert "personne ne sera plus prévenu" in answer.get_data(as_text=True)
    assert guichet.waiting() == set()


def test_saving_says_who_will_be_told_and_the_outbox_follows_R14_R20(guichet: Guichet) -> None:
    answer = guichet.client.post(guichet.address("modifier"), data={"email": "autre@exemple.test"})
    assert answer.status_code == 303
    page = guichet.client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "désormais Claire Montagny par e-mail (autre@exemple.test)" in page
    assert guichet.waiting() == {(guichet.claire, "email"), (guichet.claire, "sms")}


def test_switching_a_channel_off_for_her_says_so_too_R14(guichet: Guichet) -> None:
    answer = guichet.client.post(guichet.address("preferences"), data={"notif_sms": "non"}, follow_redirects=True)
    assert "désormais Claire Montagny par e-mail" in answer.get_data(as_text=True)
    assert guichet.waiting() == {(guichet.claire, "email")}


def test_without_javascript_one_button_shows_it_and_writes_nothing(guichet: Guichet) -> None:
    page = guichet.client.get(guichet.address("modifier")).get_data(as_text=True)
    assert "Voir qui sera prévenu" in page
    donnees = {"telephone": "06 98 76 54 32", "voir": "oui"}
    answer = guichet.client.post(guichet.address("modifier"), data=donnees)
    assert answer.status_code == 200
    assert "Qui sera prévenu" in answer.get_data(as_text=True)
    assert 'value="06 98 76 54 32"' in answer.get_data(as_text=True)
    guichet.session.expire_all()
    assert guichet.waiting() == {(guichet.claire, "email"), (guichet.claire, "sms")}


def test_a_responsable_s_new_phone_moves_the_messages_of_their_proches_R14_R19(
    guichet: Guichet, session: Session
) -> None:
    enfant = a_usager(session, guichet.org, prenom="Léo", nom="Montagny")
    a_lien(session, proche=enfant, responsable=guichet.claire)
    agent = an_agent(session, guichet.org)
    a_rdv(session, guichet.org, agent, enfant, debut=clock.now() + timedelta(days=20))
    page = guichet.client.live(guichet.address("prevenir"), {"telephone": "06 98 76 54 32"}).get_data(as_text=True)
    assert page.count("data-rdv=") == 2
    assert "pour Léo Montagny" in page


def test_an_address_under_doubt_is_no_address_until_it_changes_R21(guichet: Guichet, session: Session) -> None:
    session.add(
        AdresseAVerifier(usager_id=guichet.claire, canal="sms", adresse="+33612345678", le=clock.now())
    )  # fmt: skip
    session.commit()
    page = guichet.client.live(guichet.address("prevenir"), {"telephone": "06 98 76 54 32"}).get_data(as_text=True)
    assert 'data-canal="sms" data-prevenu="oui"' in page
    page = guichet.client.live(guichet.address("prevenir"), {"email": ""}).get_data(as_text=True)
    assert "Personne ne sera prévenu" in page


def test_a_fiche_without_rdvs_to_come_is_not_asked_about(guichet: Guichet, session: Session) -> None:
    autre = a_usager(session, guichet.org, prenom="Paul")
    page = guichet.client.get(guichet.address("modifier", autre)).get_data(as_text=True)
    assert "Voir qui sera prévenu" not in page
    assert guichet.client.live(guichet.address("prevenir", autre), {"email": "x@y.fr"}).get_data().strip() == b""


def test_rdvs_of_another_service_are_only_counted_R13(guichet: Guichet, session: Session) -> None:
    """Claire's child is followed, under protection, by another service of the territoire."""
    territoire = session.scalar(select(Organisation.territoire_id).where(Organisation.id == guichet.org))
    ailleurs = an_organisation(session, territoire_id=territoire)
    enfant = a_usager(session, ailleurs, prenom="Timéo", protegee=True)
    session.add(
        Rattachement(usager_id=guichet.claire, organisation_id=ailleurs, raison="orientation", cree_le=clock.now())
    )
    session.commit()
    a_lien(session, proche=enfant, responsable=guichet.claire)
    a_rdv(session, ailleurs, an_agent(session, ailleurs), enfant, debut=clock.now() + timedelta(days=15))
    page = guichet.client.live(guichet.address("prevenir"), {"email": "autre@exemple.test"}).get_data(as_text=True)
    assert page.count("data-rdv=") == 1
    assert "1 RDV d’un autre service" in page
    assert "Timéo" not in page
    answer = guichet.client.post(guichet.address("modifier"), data={"email": "autre@exemple.test"})
    page = guichet.client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "1 RDV d’un autre service sera annoncé autrement." in page


def test_the_place_of_a_fiche_protegee_s_rdv_stays_with_its_referents_R11(guichet: Guichet, session: Session) -> None:
    enfant = a_usager(session, guichet.org, prenom="Élia", protegee=True)
    a_lien(session, proche=enfant, responsable=guichet.claire)
    autre = an_agent(session, guichet.org)
    a_rdv(session, guichet.org, autre, enfant, debut=clock.now() + timedelta(days=15))
    page = guichet.client.live(guichet.address("prevenir"), {"email": "autre@exemple.test"}).get_data(as_text=True)
    assert page.count("data-rdv=") == 2
    assert page.count("Lieu\u00a0: Accueil") == 2  # the two e-mails of Claire's own RDV (an SMS has plain spaces)
    assert page.count("Lieu\u00a0: (lieu réservé aux référents)") >= 1
