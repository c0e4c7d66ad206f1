"""What was typed about an RDV, once it is clean (PURE)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Reponses:
    """What the agent has been shown and has confirmed. `avis`: the preview's token (R22)."""

    avis: str = ""
    confirmes: frozenset[str] = frozenset()
    vus: frozenset[str] | None = None


@dataclass(frozen=True)
class SaisieRdv:
    """An RDV to write: when, with whom, about what, where."""

    agent_id: int
    motif_id: int
    lieu_id: int | None
    debut: datetime
    duree: int
    ne_pas_prevenir: bool


@dataclass(frozen=True)
class Choix:
    """What an organisation offers: agents, motifs with their usual duration, lieux; by id."""

    agents: Mapping[int, str]
    motifs: Mapping[int, str]
    durees: Mapping[int, int]
    lieux: Mapping[int, str]

    def motifs_montres(self) -> dict[int, str]:
        """The motifs with their usual duration."""
        return {i: f"{nom} ({self.durees[i]} min)" for i, nom in self.motifs.items()}
