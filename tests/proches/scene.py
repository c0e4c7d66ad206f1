"""A service with its agent, the people of a family, and what waits for them in the outbox."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.journal.models import EntreeJournal
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.proches.models import LienProche
from fiches.proches.rules import LienVoulu
from tests.builders import MAINTENANT, a_contexte, a_rdv, a_usager, an_agent, an_organisation

SECRET = b"test"


class Scene:
    """`mere`, `pere` and `enfant` are fiches of one service; only the parents have addresses."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session, "MDS Chalon")
        self.agent = an_agent(session, self.org, email="a@exemple.test")
        self.contexte = a_contexte(session, self.agent, self.org)
        self.mere = self.person("Anne", email="anne@exemple.test", telephone="+33612345678")
        self.pere = self.person("Paul", email="paul@exemple.test", telephone="+33698765432")
        self.enfant = self.person("Léo")

    def person(self, prenom: str, **values: object) -> int:
        return a_usager(self.session, self.org, **{"prenom": prenom, "nom": "Martin"} | values)

    def rdv(self, *usagers: int, **values: object) -> int:
        """An RDV to come, announced: its messages wait."""
        debut = MAINTENANT + timedelta(days=400)  # whatever day the test runs on
        rdv = a_rdv(self.session, self.org, self.agent, *usagers, **{"debut": debut} | values)
        with transaction(self.session):
            outbox.announce(self.session, rdv, Genre.NOUVEAU, MAINTENANT)
        return rdv

    def waiting(self) -> set[tuple[int, str]]:
        """Who is to receive what."""
        self.session.rollback()
        rows = self.session.execute(select(Message.usager_id, Message.genre).where(Message.etat == "attente"))
        return {(u, g) for u, g in rows}

    def links(self) -> dict[int, tuple[int, str]]:
        """Each proche with its responsable and the nature."""
        self.session.rollback()
        rows = self.session.scalars(select(LienProche).execution_options(populate_existing=True))
        return {x.proche_id: (x.responsable_id, x.nature) for x in rows}

    def acts(self, usager: int) -> list[str]:
        """What the journal of a fiche holds."""
        self.session.rollback()
        lignes = select(EntreeJournal.acte).where(EntreeJournal.usager_id == usager)
        return list(self.session.scalars(lignes.order_by(EntreeJournal.id)))


def voulu(proche: int, responsable: int, **values: object) -> LienVoulu:
    return LienVoulu(proche, responsable, **values)  # type: ignore[arg-type]


def address(scene: Scene, usager: int, suite: str = "") -> str:
    return f"/organisations/{scene.org}/usagers/{usager}/proches{suite}"
