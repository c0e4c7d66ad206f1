"""Settling ticks as the screen does: a second tick on an either/or line replaces the first (PURE)."""

from collections.abc import Mapping
from datetime import datetime

from fiches.fusion.etat import Choix, Cote, Lecture, other
from fiches.fusion.lignes import Ligne
from fiches.fusion.plan import PlanFusion, plan_fusion


def settle(
    lecture: Lecture, choix: Choix, avant: Mapping[str, str], maintenant: datetime
) -> tuple[PlanFusion, tuple[Ligne, ...]]:
    """The plan, and the lines to draw anew because one of their two ticks was taken away.

    `avant` is what the previous preview was drawn from (line → sides). Without it two ticks
    stay two ticks, and the plan asks about them.
    """
    plan = plan_fusion(lecture, choix, maintenant)
    remplaces: dict[str, frozenset[Cote]] = {}
    for ligne in plan.lignes:
        if ligne.trop_cochee and avant.get(ligne.nom) in ("a", "b"):
            remplaces[ligne.nom] = frozenset({other("a" if avant[ligne.nom] == "a" else "b")})
    if not remplaces:
        return plan, ()
    plan = plan_fusion(lecture, Choix({**choix.gardes, **remplaces}, choix.identite_verifiee), maintenant)
    return plan, tuple(ligne for ligne in plan.lignes if ligne.nom in remplaces)


def announce(avant: Mapping[str, str], plan: PlanFusion) -> str:
    """What the last tick changed, said aloud: « Nom : Dupond. » (R28)."""
    faits = plan.choix_faits()
    changes = [x for x in plan.lignes if x.nom in avant and x.nom in faits and avant[x.nom] != faits[x.nom]]
    phrases = [f"{ligne.libelle} : {_kept(ligne)}." for ligne in changes]
    if changes and plan.refus:
        n = len(plan.refus)
        phrases.append("Un point arrête la fusion." if n == 1 else f"{n} points arrêtent la fusion.")
    return " ".join(phrases)


def _kept(ligne: Ligne) -> str:
    textes = [t for c, t in (("a", ligne.a), ("b", ligne.b)) if c in ligne.coches and t]
    return " et ".join(textes) or "rien n’est gardé"
