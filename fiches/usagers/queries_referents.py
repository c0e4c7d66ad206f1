"""The agents of an organisation who follow an usager, and those who could (R13)."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.organisations.models import Agent, Appartenance
from fiches.usagers.models import Rattachement, Referent


@dataclass(frozen=True)
class AgentPossible:
    """An agent of the organisation; `suit`: whether they follow the usager there."""

    id: int
    nom: str
    suit: bool


def read_possibles(session: Session, contexte: Contexte, usager_id: int) -> tuple[AgentPossible, ...]:
    """The agents whom the current organisation may name, by name: its members, and whoever still
    follows the usager there without being one. Empty when the fiche is not attached here."""
    if session.get(Rattachement, (usager_id, contexte.organisation_id)) is None:
        return ()
    suivent = set(
        session.scalars(
            select(Referent.agent_id).where(
                Referent.usager_id == usager_id, Referent.organisation_id == contexte.organisation_id
            )
        )
    )
    membres = select(Appartenance.agent_id).where(Appartenance.organisation_id == contexte.organisation_id)
    rows = session.execute(
        select(Agent.id, Agent.nom)
        .where(or_(Agent.id.in_(membres), Agent.id.in_(suivent)))
        .order_by(func.lower(Agent.nom), Agent.id)
    )
    return tuple(AgentPossible(i, nom, i in suivent) for i, nom in rows)


def count_elsewhere(session: Session, contexte: Contexte, usager_id: int) -> int:
    """How many référents this usager has in other organisations."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Referent)
            .where(Referent.usager_id == usager_id, Referent.organisation_id != contexte.organisation_id)
        )
        or 0
    )
