"""What becomes of the queue's pairs in which the absorbed fiche stands (PURE, F27)."""

from dataclasses import dataclass

from fiches.fusion.etat import Cote, Lecture, other


@dataclass(frozen=True)
class PlanPaires:
    """`retirees`: pairs that the other fiche's pair with the same third one replaces."""

    retirees: tuple[int, ...]
    deplacees: int


def plan_paires(lecture: Lecture, survivant: Cote) -> PlanPaires:
    """Two pairs with one and the same third fiche become one: a decision beats none, else the
    better score stays. Pairs merged before are history and stay as they are."""
    vivantes = [p for p in lecture.paires if p.etat != "fusionne"]
    gardees = {p.autre_id: p for p in vivantes if p.cote == survivant}
    apportees = {p.autre_id: p for p in vivantes if p.cote == other(survivant)}
    retirees = [
        min(gardees[autre], apportees[autre], key=lambda p: (p.etat == "ecarte", p.score, p.id)).id
        for autre in gardees.keys() & apportees.keys()
    ]
    return PlanPaires(tuple(sorted(retirees)), len(apportees))
