"""The links of messages: without a compte, one purpose each, safe against scanners (R21)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.jetons import Usage, make_jeton, make_liens, read_jeton
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Genre
from fiches.proches.models import LienProche
from fiches.rdvs.models import Creneau, Motif, Participation, Rdv
from fiches.usagers.models import AncienContact, Usager
from tests.builders import a_lien, a_rdv, a_usager, an_agent, an_organisation
from tests.client import Client

SECRET = "test"


class Histoire:
    """A child's RDV in ten days, announced to the mother: the message was sent."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session, telephone="+33353010203")
        self.agent = an_agent(session, self.org, email="a@exemple.test")
        self.mere = a_usager(session, self.org, email="mere@exemple.test", telephone="+33612345678")
        self.enfant = a_usager(session, self.org, prenom="Léonie")
        a_lien(session, proche=self.enfant, responsable=self.mere)
        self.le = clock.now()
        self.rdv = a_rdv(session, self.org, self.agent, self.enfant, debut=self.le + timedelta(days=10))
        with transaction(session):
            outbox.announce(session, self.rdv, Genre.NOUVEAU, self.le)
            session.execute(
                update(Message).where(Message.genre == "nouveau", Message.canal == "email").values(
                    etat="envoye", adresse="mere@exemple.test", texte="…", sujet="…"
                )
            )  # fmt: skip
        self.message = session.scalars(select(Message.id).where(Message.etat == "envoye")).one()
        session.rollback()
        client = app.test_client()
        assert isinstance(client, Client)
        self.client = client

    def address(self, usage: Usage) -> str:
        return f"/avis/{make_jeton(self.message, usage, SECRET)}"

    def click(self, usage: Usage) -> str:
        """Open the link, then press its button."""
        self.client.get(self.address(usage))
        response = self.client.post(self.address(usage))
        assert response.status_code == 200
        return response.get_data(as_text=True)

    def waiting(self) -> set[tuple[int, str, str]]:
        self.session.expire_all()
        lignes = select(Message.usager_id, Message.genre, Message.canal).where(Message.etat == "attente")
        return {(u, g, c) for u, g, c in self.session.execute(lignes)}


@pytest.fixture
def histoire(app: Flask, session: Session) -> Histoire:
    return Histoire(app, session)


@pytest.mark.parametrize("usage", list(Usage))
def test_opening_a_link_changes_nothing_R21(histoire: Histoire, usage: Usage) -> None:
    avant = histoire.waiting()
    for _ in range(3):
        assert histoire.client.get(histoire.address(usage)).status_code == 200
    assert histoire.waiting() == avant
    participation = histoire.session.scalars(select(Participation)).one()
    assert participation.issue is None
    assert histoire.session.scalars(select(AdresseAVerifier)).all() == []


def test_the_mother_cancels_her_child_s_rdv_without_a_compte_R21(histoire: Histoire, session: Session) -> None:
    page = histoire.client.get(histoire.address(Usage.ANNULER)).get_data(as_text=True)
    assert "de Léonie" in page
    assert "03 53 01 02 03" in page
    assert "Dupont" not in page  # no surname in what a link opens
    assert "Rendez-vous annulé" in histoire.click(Usage.ANNULER)
    session.expire_all()
    participation = session.scalars(select(Participation)).one()
    assert (participation.issue, participation.excuse_par) == ("excuse", "usager")
    assert histoire.waiting() == set()
    assert "Rendez-vous annulé" in histoire.click(Usage.ANNULER)  # once more does no harm


def test_several_proches_are_named_as_one_says_them(histoire: Histoire, session: Session) -> None:
    for prenom in ("Amélie", "Hugo"):
        proche = a_usager(session, histoire.org, prenom=prenom)
        a_lien(session, proche=proche, responsable=histoire.mere)
        session.add(Participation(rdv_id=histoire.rdv, usager_id=proche, cree_le=histoire.le))
        session.commit()
    page = histoire.client.get(histoire.address(Usage.ANNULER)).get_data(as_text=True)
    assert "Rendez-vous de Léonie, d’Amélie et de Hugo du" in page


def test_a_créneau_is_given_back_when_nobody_is_expected_any_more_R16(histoire: Histoire, session: Session) -> None:
    rdv = session.get(Rdv, histoire.rdv)
    assert rdv is not None
    creneau = Creneau(
        organisation_id=histoire.org, agent_id=histoire.agent, motif_id=rdv.motif_id, debut=rdv.debut, duree=30,
        rdv_id=rdv.id, cree_le=histoire.le,
    )  # fmt: skip
    session.add(creneau)
    session.commit()
    histoire.click(Usage.ANNULER)
    session.expire_all()
    assert creneau.rdv_id is None


def test_a_former_responsable_s_link_opens_nothing_R26(histoire: Histoire, session: Session) -> None:
    pere = a_usager(session, histoire.org, prenom="Paul")
    session.execute(update(LienProche).values(responsable_id=pere))
    session.commit()
    assert histoire.client.get(histoire.address(Usage.ANNULER)).status_code == 404
    assert histoire.client.post(histoire.address(Usage.ANNULER)).status_code == 404
    assert session.scalars(select(Participation.issue)).one() is None


def test_unsubscribing_is_the_usager_s_own_choice_and_locks_R18(histoire: Histoire, session: Session) -> None:
    assert "Vous ne recevrez plus" in histoire.click(Usage.ARRETER)
    session.expire_all()
    mere = session.get(Usager, histoire.mere)
    assert mere is not None
    assert (mere.notif_email, mere.notif_email_auteur, mere.notif_sms) == (False, "usager", True)
    assert {c for _, _, c in histoire.waiting()} == {"sms"}
    histoire.client.sign_in("a@exemple.test")
    fiche = histoire.client.get(f"/organisations/{histoire.org}/usagers/{histoire.mere}").get_data(as_text=True)
    assert "L’usager ne veut plus recevoir ces messages" in fiche  # the journal says where the lock comes from
    adresse = f"/organisations/{histoire.org}/usagers/{histoire.mere}/preferences"
    assert histoire.client.post(adresse, data={"notif_email": "oui"}).status_code == 403


def test_not_me_stops_the_address_at_once_and_reveals_nothing_R21(histoire: Histoire, session: Session) -> None:
    page = histoire.client.get(histoire.address(Usage.PAS_MOI)).get_data(as_text=True)
    for secret in ("Léonie", "Jeanne", "Dupont", "RDV du", "mere@exemple.test", "03 53"):
        assert secret not in page
    histoire.click(Usage.PAS_MOI)
    session.expire_all()
    marque = session.scalars(select(AdresseAVerifier)).one()
    assert (marque.usager_id, marque.canal, marque.adresse) == (histoire.mere, "email", "mere@exemple.test")
    assert {c for _, _, c in histoire.waiting()} == {"sms"}
    mere = session.get(Usager, histoire.mere)
    assert mere is not None
    assert mere.notif_email_auteur == "agent"  # whoever it was, it was not the usager choosing


@pytest.mark.parametrize("jeton", ["jeton", "1a.xxxx", "a.b.c", "9" * 300 + "a.x", "%00", "1a"])
def test_an_invented_link_is_a_clear_page(histoire: Histoire, jeton: str) -> None:
    response = histoire.client.get(f"/avis/{jeton}")
    assert response.status_code == 404
    assert "Ce lien n’est plus valable" in response.get_data(as_text=True)


def test_a_link_does_one_thing_only() -> None:
    liens = make_liens(12, SECRET, "https://exemple.test")
    assert [read_jeton(x.rsplit("/", 1)[1], SECRET) for x in (liens.annuler, liens.arreter, liens.pas_moi)] == [
        (12, Usage.ANNULER),
        (12, Usage.ARRETER),
        (12, Usage.PAS_MOI),
    ]
    annuler = liens.annuler.rsplit("/", 1)[1]
    assert read_jeton(annuler.replace("a", "p", 1), SECRET) is None
    assert read_jeton(annuler, "another secret") is None
    assert all(len(x.rsplit("/", 1)[1]) < 40 for x in (liens.annuler, liens.arreter, liens.pas_moi))


def test_links_expire_cancelling_with_the_rdv_the_others_after_ninety_days(
    histoire: Histoire, session: Session
) -> None:
    session.execute(update(Rdv).values(debut=histoire.le - timedelta(hours=1)))
    session.execute(update(Message).values(du_le=histoire.le - timedelta(days=91)))
    session.commit()
    page = histoire.client.get(histoire.address(Usage.ANNULER)).get_data(as_text=True)
    assert "a déjà commencé" in page
    assert histoire.client.post(histoire.address(Usage.ANNULER)).status_code == 200
    assert session.scalars(select(Participation.issue)).one() is None
    for usage in (Usage.ARRETER, Usage.PAS_MOI):
        assert histoire.client.get(histoire.address(usage)).status_code == 404


def test_a_link_asks_for_no_sign_in_but_for_its_own_page(histoire: Histoire) -> None:
    histoire.client.jeton = ""
    assert histoire.client.post(histoire.address(Usage.ANNULER)).status_code == 400


def test_a_link_shows_nothing_of_an_rdv_become_discreet_R17(histoire: Histoire, session: Session) -> None:
    session.execute(update(Motif).values(visibilite="invisible"))
    session.commit()
    assert histoire.client.get(histoire.address(Usage.ANNULER)).status_code == 404
    assert histoire.client.post(histoire.address(Usage.ANNULER)).status_code == 404
    assert session.scalars(select(Participation.issue)).one() is None


@pytest.mark.parametrize("usage", [Usage.ANNULER, Usage.ARRETER])
def test_whoever_got_a_message_by_mistake_decides_nothing_R18_R21(
    histoire: Histoire, session: Session, usage: Usage
) -> None:
    session.execute(update(Usager).where(Usager.id == histoire.mere).values(email="juste@exemple.test"))
    session.commit()
    assert histoire.client.get(histoire.address(usage)).status_code == 404
    assert histoire.client.post(histoire.address(usage)).status_code == 404
    session.expire_all()
    mere = session.get(Usager, histoire.mere)
    assert mere is not None
    assert (mere.notif_email, mere.notif_email_auteur) == (True, "agent")
    assert session.scalars(select(Participation.issue)).one() is None
    assert histoire.client.post(histoire.address(Usage.PAS_MOI)).status_code == 200  # they may say so


@pytest.mark.parametrize("usage", [Usage.ANNULER, Usage.ARRETER])
def test_once_said_not_me_the_message_opens_nothing_else_R21(histoire: Histoire, usage: Usage) -> None:
    histoire.click(Usage.PAS_MOI)
    assert histoire.client.get(histoire.address(usage)).status_code == 404


def test_a_merge_keeps_the_links_of_the_address_it_gave_up_F23(histoire: Histoire, session: Session) -> None:
    session.execute(update(Usager).where(Usager.id == histoire.mere).values(email="gardee@exemple.test"))
    session.add(AncienContact(usager_id=histoire.mere, genre="email", valeur="mere@exemple.test", cree_le=histoire.le))
    session.commit()
    assert "Vous ne recevrez plus" in histoire.click(Usage.ARRETER)
