"""Everything the page of one RDV shows, read with the agent's eyes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.notifications.queries import MessageMontre, list_of_rdv
from fiches.organisations.models import Agent
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.rdvs.moments import end_of
from fiches.rdvs.previsions import is_lieu_open
from fiches.rdvs.rules import LIBELLES_STATUT, Statut, statut_of
from fiches.usagers.models import Usager
from fiches.usagers.queries import visible_ids
from fiches.usagers.rules import full_name


@dataclass(frozen=True)
class Present:
    """A participant. `visible`: their fiche may be opened."""

    participation_id: int
    usager_id: int
    nom: str
    protegee: bool
    visible: bool
    issue: str | None
    par_usager: bool
    statut: Statut

    @property
    def libelle(self) -> str:
        """The statut in words."""
        return LIBELLES_STATUT[self.statut]


@dataclass(frozen=True)
class RdvPage:
    """One RDV. `lieu` is None when there is none, or when it is not for this agent (`lieu_ouvert`)."""

    rdv: Rdv
    fin: datetime
    agent: str
    motif: Motif
    lieu: Lieu | None
    lieu_ouvert: bool
    presents: tuple[Present, ...]
    messages: tuple[MessageMontre, ...]
    commence: bool

    @property
    def annule(self) -> bool:
        """Whether the service cancelled it."""
        return self.rdv.annule_le is not None

    @property
    def discret(self) -> bool:
        """Whether nothing of it may leave the agents' side (R17)."""
        return self.motif.visibilite == "invisible"


def read_rdv(session: Session, contexte: Contexte, rdv: Rdv, maintenant: datetime) -> RdvPage:
    """The page of an RDV that comes from queries.get_rdv."""
    presents = _presents(session, contexte, rdv, maintenant)
    ouvert = not any(p.protegee for p in presents) or is_lieu_open(session, contexte, rdv.id)
    return RdvPage(
        rdv=rdv,
        fin=end_of(rdv.debut, rdv.duree),
        agent=session.get_one(Agent, rdv.agent_id).nom,
        motif=session.get_one(Motif, rdv.motif_id),
        lieu=session.get(Lieu, rdv.lieu_id) if rdv.lieu_id and ouvert else None,
        lieu_ouvert=ouvert,
        presents=presents,
        messages=list_of_rdv(session, contexte, rdv.id, maintenant),
        commence=rdv.debut <= maintenant,
    )


def _presents(session: Session, contexte: Contexte, rdv: Rdv, maintenant: datetime) -> tuple[Present, ...]:
    rows = session.execute(
        select(Participation, Usager)
        .join(Usager, Usager.id == Participation.usager_id)
        .where(Participation.rdv_id == rdv.id)
        .order_by(Participation.id)
    ).all()
    visibles = visible_ids(session, contexte, [u.id for _, u in rows])
    return tuple(
        Present(
            p.id, u.id, full_name(u.prenom, u.nom, u.prenom_pas_encore_donne), u.protegee, u.id in visibles, p.issue,
            p.excuse_par == "usager", statut_of(p.issue, rdv.annule_le is not None, rdv.debut, maintenant),
        )
        for p, u in rows
    )  # fmt: skip
