"""A service whose messages are sent in the tests: its people, their RDVs, its worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.envoi import Bilan, Expediteur, send_due
from fiches.notifications.models import Message
from fiches.notifications.rules import Canal, Genre
from fiches.notifications.transports import Transport, TransportLocal
from fiches.rdvs.models import Rdv
from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_rdv, a_usager, an_agent, an_organisation

BASE = "https://rdv.exemple.test"
DIX_JOURS = timedelta(days=10)
DANS_DIX_JOURS = MAINTENANT + DIX_JOURS


class Poste:
    """A service with its agent, and a worker of its own."""

    def __init__(self, session: Session, nom: str = "ouvrier", org: int | None = None) -> None:
        self.session = session
        self.org = org or an_organisation(session, telephone="+33353010203")
        self.agent = an_agent(session, self.org)
        self.le = MAINTENANT
        self.expediteur = self.worker(nom)

    @staticmethod
    def worker(nom: str, bail: int = 600, **transports: Transport) -> Expediteur:
        choisis = {c: transports.get(c.value, TransportLocal()) for c in Canal}
        return Expediteur(nom, choisis, bail, "test", BASE)

    def uses(self, **transports: Transport) -> None:
        self.expediteur = self.worker(self.expediteur.nom, **transports)

    def person(self, **values: Any) -> int:
        return a_usager(self.session, self.org, **{"email": "mere@exemple.test", "telephone": "+33612345678"} | values)

    def make(self, *usagers: int, **values: Any) -> int:
        rdv = a_rdv(self.session, self.org, self.agent, *usagers, **{"debut": self.le + DIX_JOURS} | values)
        self.announce(rdv, Genre.NOUVEAU)
        return rdv

    def by_mail(self, nombre: int, **values: Any) -> list[int]:
        """So many people with an e-mail alone, each with an RDV to be announced."""
        gens = [self.person(email=f"p{i}@exemple.test", telephone=None, **values) for i in range(nombre)]
        for usager in gens:
            self.make(usager)
        return gens

    def announce(self, rdv: int, genre: Genre) -> None:
        with transaction(self.session):
            outbox.announce(self.session, rdv, genre, self.le)

    def move(self, rdv: int, debut: datetime) -> None:
        with transaction(self.session):
            self.session.execute(update(Rdv).where(Rdv.id == rdv).values(debut=debut))
            outbox.announce(self.session, rdv, Genre.DEPLACE, self.le)

    def cancel(self, rdv: int) -> None:
        with transaction(self.session):
            self.session.execute(update(Rdv).where(Rdv.id == rdv).values(annule_le=self.le))
            outbox.announce(self.session, rdv, Genre.ANNULE, self.le)

    def change(self, usager: int, **values: Any) -> None:
        with transaction(self.session):
            self.session.execute(update(Usager).where(Usager.id == usager).values(**values))
            outbox.resync_usagers(self.session, [usager], self.le)

    def send(self, *, apres: timedelta = timedelta(0)) -> Bilan:
        """A round of the worker, once so much time has gone by."""
        self.le += apres
        return send_due(self.session, self.expediteur, lambda: self.le)

    def rows(self, **values: Any) -> Sequence[Message]:
        """The messages, oldest first, reminders left out unless asked for."""
        self.session.rollback()
        lignes = select(Message).filter_by(**values).order_by(Message.id)
        return [m for m in self.session.scalars(lignes) if "genre" in values or m.genre != "rappel"]

    def row(self, **values: Any) -> Message:
        (ligne,) = self.rows(**values)
        return ligne
