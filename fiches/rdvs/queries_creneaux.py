"""Reading créneaux: free ones to come, and what takes an agent's time (R16)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.organisations.models import Agent
from fiches.rdvs.models import Creneau, Lieu, Motif, Participation, Rdv
from fiches.rdvs.moments import DUREE_MAXIMALE
from fiches.rdvs.rules import Issue

MONTRES = 500  # free créneaux listed at most
AUTRES = 12  # offered in place of one that was taken


@dataclass(frozen=True)
class CreneauMontre:
    """A créneau with its names."""

    id: int
    debut: datetime
    duree: int
    agent_id: int
    agent: str
    motif_id: int
    motif: str
    lieu_id: int | None
    lieu: str | None
    libre: bool


def _shown() -> Select[Creneau, str, str, str]:
    return (
        select(Creneau, Agent.nom, Motif.nom, Lieu.nom)
        .join(Agent, Agent.id == Creneau.agent_id)
        .join(Motif, Motif.id == Creneau.motif_id)
        .outerjoin(Lieu, Lieu.id == Creneau.lieu_id)
    )


def _show(creneau: Creneau, agent: str, motif: str, lieu: str | None) -> CreneauMontre:
    return CreneauMontre(
        creneau.id, creneau.debut, creneau.duree, creneau.agent_id, agent, creneau.motif_id, motif, creneau.lieu_id,
        lieu, creneau.rdv_id is None,
    )  # fmt: skip


def read_creneau(session: Session, contexte: Contexte, creneau_id: int) -> CreneauMontre | None:
    """A créneau of the current organisation, taken or not."""
    row = session.execute(
        _shown().where(Creneau.id == creneau_id, Creneau.organisation_id == contexte.organisation_id)
    ).first()
    return _show(*row) if row else None


def list_libres(
    session: Session,
    contexte: Contexte,
    depuis: datetime,
    jusque: datetime | None = None,
    *,
    motif_id: int | None = None,
    agent_id: int | None = None,
    limite: int = MONTRES,
) -> list[CreneauMontre]:
    """Free créneaux of the organisation from an instant on, in order."""
    statement = _shown().where(
        Creneau.organisation_id == contexte.organisation_id, Creneau.debut > depuis, Creneau.rdv_id.is_(None)
    )
    if jusque is not None:
        statement = statement.where(Creneau.debut < jusque)
    if motif_id is not None:
        statement = statement.where(Creneau.motif_id == motif_id)
    if agent_id is not None:
        statement = statement.where(Creneau.agent_id == agent_id)
    rows = session.execute(statement.order_by(Creneau.debut, Creneau.agent_id).limit(limite))
    return [_show(*row) for row in rows.all()]


def by_jour(creneaux: list[CreneauMontre]) -> dict[date, list[CreneauMontre]]:
    """The same by day in Paris."""
    jours: dict[date, list[CreneauMontre]] = {}
    for creneau in creneaux:
        jours.setdefault(day_of(creneau.debut), []).append(creneau)
    return jours


def read_occupations(session: Session, agent_id: int, depuis: datetime, jusque: datetime) -> list[tuple[datetime, int]]:
    """When an agent is taken between two instants, in whatever organisation: (begin, minutes)."""
    avant = depuis - timedelta(minutes=DUREE_MAXIMALE)
    creneaux = select(Creneau.debut, Creneau.duree).where(
        Creneau.agent_id == agent_id, Creneau.debut > avant, Creneau.debut < jusque
    )
    attendu = exists().where(
        Participation.rdv_id == Rdv.id, or_(Participation.issue.is_(None), Participation.issue != Issue.EXCUSE)
    )
    rdvs = select(Rdv.debut, Rdv.duree).where(
        Rdv.agent_id == agent_id, Rdv.debut > avant, Rdv.debut < jusque, Rdv.annule_le.is_(None), attendu
    )
    return [(debut, duree) for statement in (creneaux, rdvs) for debut, duree in session.execute(statement)]
