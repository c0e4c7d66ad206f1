"""What recording a death changes in what is to come, and what taking it back gives back (R15)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, false, func, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.rdvs.models import Motif, Participation, Rdv
from fiches.rdvs.moments import overlap


@dataclass(frozen=True)
class RdvTouche:
    """A coming RDV that a death, or taking it back, changes. `motif`: '' for another service's;
    `annule`: nobody else is expected in it; `pris`: it cannot come back, its hour was taken since."""

    id: int
    debut: datetime
    duree: int
    agent_id: int
    organisation_id: int
    motif: str
    annule: bool
    pris: bool = False


def coming_expected(
    session: Session, contexte: Contexte, usager_id: int, maintenant: datetime
) -> tuple[RdvTouche, ...]:
    """The coming RDVs in which this usager is expected, whatever the organisation, soonest first."""
    autre = exists().where(
        Participation.rdv_id == Rdv.id, Participation.usager_id != usager_id, Participation.issue.is_(None)
    )
    attendu = exists().where(
        Participation.rdv_id == Rdv.id, Participation.usager_id == usager_id, Participation.issue.is_(None)
    )
    return _touches(session, contexte, [attendu, Rdv.annule_le.is_(None), Rdv.debut > maintenant], ~autre)


def coming_excused(session: Session, contexte: Contexte, usager_id: int, maintenant: datetime) -> tuple[RdvTouche, ...]:
    """The coming RDVs that the usager's death changed, soonest first."""
    excuse = exists().where(
        Participation.rdv_id == Rdv.id, Participation.usager_id == usager_id, Participation.excuse_par == "deces"
    )
    touches = _touches(session, contexte, [excuse, Rdv.debut > maintenant], Rdv.annule_raison == "deces")
    autres = _diaries(session, [t.agent_id for t in touches if t.annule], maintenant)
    return tuple(
        replace(t, pris=t.annule and any(a == t.agent_id and overlap(t.debut, t.duree, d, n) for a, d, n in autres))
        for t in touches
    )


def _touches(
    session: Session, contexte: Contexte, conditions: Sequence[ColumnElement[bool]], annule: ColumnElement[bool]
) -> tuple[RdvTouche, ...]:
    rows = session.execute(
        select(Rdv, Motif.nom, func.coalesce(annule, false()))
        .join(Motif, Motif.id == Rdv.motif_id)
        .where(*conditions)
        .order_by(Rdv.debut, Rdv.id)
    )
    return tuple(
        RdvTouche(
            r.id, r.debut, r.duree, r.agent_id, r.organisation_id,
            motif if r.organisation_id in contexte.portee else "", bool(seul),
        )
        for r, motif, seul in rows
    )  # fmt: skip


def _diaries(session: Session, agents: Sequence[int], maintenant: datetime) -> list[tuple[int, datetime, int]]:
    """(agent, start, minutes) of what these agents have to come."""
    attendu = exists().where(Participation.rdv_id == Rdv.id, Participation.issue.is_(None))
    rows = session.execute(
        select(Rdv.agent_id, Rdv.debut, Rdv.duree).where(
            Rdv.agent_id.in_(agents), Rdv.annule_le.is_(None), Rdv.debut > maintenant - timedelta(days=1), attendu
        )
    )
    return [(agent_id, debut, duree) for agent_id, debut, duree in rows]
