"""What the outbox holds after an RDV is made, moved, cancelled, or its people change (R19, R20)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.rdvs.models import Rdv
from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_lien, a_rdv, a_usager, an_agent, an_organisation

DANS_DIX_JOURS = MAINTENANT + timedelta(days=10)


class Service:
    """A service with its agent, and what waits in its outbox."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session)
        self.agent = an_agent(session, self.org)

    def person(self, **values: object) -> int:
        return a_usager(self.session, self.org, **{"email": "mere@exemple.test", "telephone": "+33612345678"} | values)

    def make(self, *usagers: int, **values: object) -> int:
        rdv = a_rdv(self.session, self.org, self.agent, *usagers, **{"debut": DANS_DIX_JOURS} | values)
        self.announce(rdv, Genre.NOUVEAU)
        return rdv

    def announce(self, rdv: int, genre: Genre) -> None:
        with transaction(self.session):
            outbox.announce(self.session, rdv, genre, MAINTENANT)

    def change(self, usager: int, **values: object) -> None:
        with transaction(self.session):
            self.session.execute(update(Usager).where(Usager.id == usager).values(**values))
            outbox.resync_usagers(self.session, [usager], MAINTENANT)

    def rows(self, etat: str = "attente") -> set[tuple[int, str, str]]:
        lignes = select(Message.usager_id, Message.genre, Message.canal).where(Message.etat == etat)
        return {(u, g, c) for u, g, c in self.session.execute(lignes)}

    def send(self, **values: object) -> None:
        with transaction(self.session):
            self.session.execute(update(Message).filter_by(**values).values(etat="envoye"))

    def cancel(self, rdv: int) -> None:
        with transaction(self.session):
            self.session.execute(update(Rdv).where(Rdv.id == rdv).values(annule_le=MAINTENANT))
            outbox.announce(self.session, rdv, Genre.ANNULE, MAINTENANT)


@pytest.fixture
def service(session: Session) -> Service:
    return Service(session)


def test_a_new_rdv_is_announced_and_a_reminder_waits_two_days_before_at_nine_R19(service: Service) -> None:
    mere = service.person()
    service.make(mere)
    assert service.rows() == {(mere, g, c) for g in ("nouveau", "rappel") for c in ("email", "sms")}
    rappel = service.session.scalars(select(Message.du_le).where(Message.genre == "rappel")).first()
    assert rappel is not None
    assert rappel.isoformat() == "2026-12-02T08:00:00+00:00"


def test_a_proche_s_rdv_goes_to_the_responsable_R19(service: Service) -> None:
    mere, enfant = service.person(), service.person(prenom="Léo", email=None, telephone=None)
    a_lien(service.session, proche=enfant, responsable=mere)
    service.make(enfant)
    assert {u for u, _, _ in service.rows()} == {mere}


def test_an_rdv_moved_before_it_was_announced_is_announced_once_with_its_new_date_R19(service: Service) -> None:
    mere = service.person()
    rdv = service.make(mere)
    service.announce(rdv, Genre.DEPLACE)
    assert service.rows() == {(mere, g, c) for g in ("nouveau", "rappel") for c in ("email", "sms")}
    assert service.rows("abandon") == {(mere, "rappel", c) for c in ("email", "sms")}


def test_an_rdv_moved_after_it_was_announced_is_announced_anew(service: Service) -> None:
    mere = service.person()
    rdv = service.make(mere)
    service.send(genre="nouveau")
    service.announce(rdv, Genre.DEPLACE)
    service.announce(rdv, Genre.DEPLACE)
    assert service.rows() == {(mere, g, c) for g in ("deplace", "rappel") for c in ("email", "sms")}


def test_an_rdv_cancelled_before_it_was_announced_is_never_announced_R19(service: Service) -> None:
    rdv = service.make(service.person())
    service.cancel(rdv)
    assert service.rows() == set()


def test_an_rdv_cancelled_afterwards_is_told_and_its_reminder_is_dropped(service: Service) -> None:
    mere = service.person()
    rdv = service.make(mere)
    service.send(genre="nouveau")
    service.cancel(rdv)
    assert service.rows() == {(mere, "annule", "email"), (mere, "annule", "sms")}


def test_a_refused_channel_takes_its_waiting_messages_with_it_and_brings_them_back(service: Service) -> None:
    mere = service.person()
    service.make(mere)
    service.change(mere, notif_sms=False)
    assert {c for _, _, c in service.rows()} == {"email"}
    service.change(mere, notif_sms=True)
    assert service.rows() == {(mere, g, c) for g in ("nouveau", "rappel") for c in ("email", "sms")}


def test_a_change_of_responsable_re_points_what_waits_R26(service: Service) -> None:
    mere, pere = service.person(), service.person(email="pere@exemple.test", telephone="+33698765432")
    enfant = service.person(prenom="Léo", email=None, telephone=None)
    a_lien(service.session, proche=enfant, responsable=mere)
    service.make(enfant)
    service.send(genre="nouveau", canal="email")
    from fiches.proches.models import LienProche

    with transaction(service.session):
        service.session.execute(update(LienProche).values(responsable_id=pere))
        outbox.resync_usagers(service.session, [enfant], MAINTENANT)
    assert service.rows() == {
        (pere, "rappel", "email"),
        (pere, "rappel", "sms"),
        (pere, "nouveau", "email"),
        (pere, "nouveau", "sms"),
    }


def test_an_announcement_given_up_for_a_passing_reason_leaves_after_all_R19_R20(service: Service) -> None:
    mere = service.person(telephone=None)
    service.make(mere)
    service.change(mere, notif_email=False)
    assert service.rows() == set()
    service.change(mere, notif_email=True)
    assert service.rows() == {(mere, "nouveau", "email"), (mere, "rappel", "email")}
    service.change(mere, email=None)
    service.change(mere, email="autre@exemple.test")
    assert service.rows() == {(mere, "nouveau", "email"), (mere, "rappel", "email")}


def test_what_one_channel_told_is_not_told_by_the_other_when_it_is_switched_on_again_R19(service: Service) -> None:
    mere = service.person()
    service.make(mere)
    service.change(mere, notif_sms=False)
    service.send(genre="nouveau", canal="email")
    service.change(mere, notif_sms=True)
    assert service.rows() == {(mere, "rappel", "email"), (mere, "rappel", "sms")}


def test_a_move_that_was_kept_from_leaving_is_told_once_the_channel_is_back_R19(service: Service) -> None:
    mere = service.person(telephone=None)
    rdv = service.make(mere)
    service.send(genre="nouveau")
    service.announce(rdv, Genre.DEPLACE)
    service.change(mere, notif_email=False)
    service.change(mere, notif_email=True)
    assert service.rows() == {(mere, "deplace", "email"), (mere, "rappel", "email")}
