"""Refusals about fiches, named in the domain's words (PURE); the web layer turns them into HTTP."""

from datetime import datetime


class FicheIntrouvable(Exception):
    """No such fiche, or none that this agent may see: both look the same from outside."""


class FicheFusionnee(Exception):
    """The fiche was merged: `vers` is the one that was kept (F25)."""

    def __init__(self, vers: int) -> None:
        super().__init__("merged")
        self.vers = vers


class FicheModifiee(Exception):
    """Somebody saved the fiche since the form was drawn (R14). `version` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__("stale")
        self.version = version


class FicheProtegee(Exception):
    """A fiche protégée is its référents' alone (R11)."""


class RattachementRefuse(Exception):
    """The fiche was not shown to this agent lately, so it cannot be attached (R10)."""


class RetraitRefuse(Exception):
    """The usager is still expected in this organisation: `rdvs` says when (R15)."""

    def __init__(self, rdvs: tuple[datetime, ...]) -> None:
        super().__init__("expected")
        self.rdvs = rdvs


class ReferentInconnu(Exception):
    """Somebody who does not work in this organisation cannot be a référent there (R13)."""


class DernierReferent(Exception):
    """A fiche protégée keeps at least one référent (R11)."""
