"""Who may do what: one table (PURE).

A view names one of these rights; a name that is not here fails at import, and a view that
names none refuses everybody.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an agent is in one organisation."""

    AGENT = "agent"
    ADMIN = "admin"


PUBLIC = "public"
CONNECTE = "connecte"

# right → the roles, in the organisation of the address, that have it
DROITS: dict[str, frozenset[Role] | str] = {
    "public": PUBLIC,
    "connecte": CONNECTE,
    "usagers.voir": frozenset(Role),
    "usagers.creer": frozenset(Role),
    "usagers.modifier": frozenset(Role),
    "usagers.rattacher": frozenset(Role),
    "usagers.proteger": frozenset(Role),
    "usagers.retirer": frozenset(Role),
    "usagers.deces": frozenset(Role),
    "usagers.referents": frozenset(Role),
    "usagers.relier": frozenset(Role),
    "usagers.fusionner": frozenset(Role),
    "rdvs.voir": frozenset(Role),
    "rdvs.modifier": frozenset(Role),
    "organisation.regler": frozenset({Role.ADMIN}),
}


@dataclass(frozen=True)
class Appartenance:
    """An organisation the agent works in, with its territoire and their role there."""

    organisation_id: int
    organisation: str
    territoire_id: int
    role: Role
    champs_masques: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgentConnecte:
    """The agent who acts, as a value: handed to queries and actions, never a global."""

    id: int
    email: str
    nom: str
    appartenances: tuple[Appartenance, ...]

    def appartenance(self, organisation_id: int) -> Appartenance | None:
        """Their place in an organisation, None when they have none."""
        return next((a for a in self.appartenances if a.organisation_id == organisation_id), None)

    def organisations_du(self, territoire_id: int) -> tuple[int, ...]:
        """The ids of their organisations in one territoire: what they may read in full there."""
        return tuple(a.organisation_id for a in self.appartenances if a.territoire_id == territoire_id)


def may(agent: AgentConnecte, droit: str, organisation_id: int) -> bool:
    """Whether the agent has this right in this organisation. Unknown rights raise KeyError."""
    roles = DROITS[droit]
    if isinstance(roles, str):
        return True
    place = agent.appartenance(organisation_id)
    return place is not None and place.role in roles


@dataclass(frozen=True)
class Contexte:
    """An agent in one organisation. `portee`: the agent's organisations in its territoire."""

    agent: AgentConnecte
    organisation_id: int
    organisation: str
    territoire_id: int
    portee: tuple[int, ...]
    champs_masques: tuple[str, ...] = ()  # fields the organisation does not use (R1)


def contexte_of(agent: AgentConnecte, organisation_id: int) -> Contexte | None:
    """The context of the agent in this organisation, None when they are no member."""
    place = agent.appartenance(organisation_id)
    if place is None:
        return None
    return Contexte(
        agent,
        organisation_id,
        place.organisation,
        place.territoire_id,
        agent.organisations_du(place.territoire_id),
        place.champs_masques,
    )
