"""Why a merge is not shown or not done, in the domain's words (PURE).

Each carries what the screen needs to answer: the side at fault, or what was read and planned.
"""

from fiches.fusion.etat import Cote, Lecture
from fiches.fusion.plan import PlanFusion


class FicheIntrouvable(Exception):
    """No such fiche, or none that this agent may see: the two are not told apart (F7)."""

    texte = "Cette fiche n’existe pas, ou n’est pas visible depuis vos services."

    def __init__(self, cote: Cote) -> None:
        super().__init__(cote)
        self.cote = cote


class FicheProtegee(FicheIntrouvable):
    """A fiche protégée is merged by its référents alone (R11)."""

    texte = "Cette fiche est protégée : seuls ses référents peuvent la fusionner."


class MemeFiche(Exception):
    """The same fiche on both sides, chosen so or merged since (F1, F10)."""

    def __init__(self, usager_id: int, fusionnees: bool) -> None:
        super().__init__(usager_id)
        self.usager_id = usager_id
        self.fusionnees = fusionnees

    @property
    def texte(self) -> str:
        """The sentence shown."""
        if self.fusionnees:
            return "Ces deux fiches sont déjà fusionnées."
        return "C’est la même fiche des deux côtés : choisissez-en une autre d’un côté."


class FusionRefusee(Exception):
    """Nothing was written. Carries what was read and the plan to show again, ticks kept."""

    def __init__(self, lecture: Lecture, plan: PlanFusion) -> None:
        super().__init__(lecture.a.id, lecture.b.id)
        self.lecture = lecture
        self.plan = plan


class FusionPerimee(FusionRefusee):
    """The form was drawn from another state, or from other ticks, than those of now (F9, F10)."""


class FusionImpossible(FusionRefusee):
    """The plan holds refusals, or the second confirmation is missing (R29, F8)."""
