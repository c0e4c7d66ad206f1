"""What an organisation chooses for its messages and reminders (PURE, R19, R21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

RAPPEL_JOURS_MAXIMUM = 30
RAPPEL_HEURE_MAXIMUM = 23


class ReglageModifie(Exception):
    """Somebody changed these settings since the form was drawn (R14)."""


def etat_of(valeurs: Mapping[str, Any]) -> str:
    """A short digest of stored settings: what a form was drawn from."""
    return sha256(repr(sorted(valeurs.items())).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Reglages:
    """`telephone` is said in every message, in E.164; `rappel_jours` 0: no reminder; `rappel_heure`:
    of the clock in Paris."""

    telephone: str | None
    rappel_jours: int
    rappel_heure: int

    def same_reminder(self, autre: "Reglages") -> bool:
        """Whether reminders leave at the same time."""
        if not self.rappel_jours and not autre.rappel_jours:
            return True
        return (self.rappel_jours, self.rappel_heure) == (autre.rappel_jours, autre.rappel_heure)
