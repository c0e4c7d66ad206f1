"""Refusals about RDVs, named in the domain's words (PURE); views and the web layer turn them into HTTP."""

from fiches.rdvs.avertissements import Avertissement


class RdvIntrouvable(Exception):
    """No such RDV in this organisation, or none that may be seen: both look the same."""


class RdvModifie(Exception):
    """Somebody changed the RDV since the form was drawn."""


class RdvAnnule(Exception):
    """The RDV was cancelled: it neither moves nor takes an outcome."""


class AvisPerime(Exception):
    """Who is told is no longer what the preview said (R22)."""


class AConfirmer(Exception):
    """Nothing is written until these are ticked."""

    def __init__(self, avertissements: tuple[Avertissement, ...]) -> None:
        super().__init__("to confirm")
        self.avertissements = avertissements


class ParticipantRefuse(Exception):
    """Somebody who was ticked cannot take part; the sentence says why."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.texte = texte


class CreneauPris(Exception):
    """Somebody else took the créneau, or it was closed or is past (R16)."""


class IssueImpossible(Exception):
    """An outcome that makes no sense now; the sentence says why, beside `participation_id` when it is known."""

    def __init__(self, texte: str, participation_id: int | None = None) -> None:
        super().__init__(texte)
        self.texte, self.participation_id = texte, participation_id


class SerieRefusee(Exception):
    """A series that cannot be opened; the sentence says why."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.texte = texte
