"""The statut of a participation (PURE, R16, F16).

What is stored is the outcome (`issue`), or nothing; « à venir » and « à renseigner » follow
from the clock, « annulé par le service » from the RDV.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum


class Issue(StrEnum):
    """The outcomes an agent can give."""

    VU = "vu"
    EXCUSE = "excuse"
    ABSENT = "absent"


class Statut(StrEnum):
    """The six statuts of a participation, in the order in which counts are shown."""

    A_VENIR = "a_venir"
    A_RENSEIGNER = "a_renseigner"
    VU = "vu"
    EXCUSE = "excuse"
    ABSENT = "absent"
    ANNULE = "annule"


LIBELLES_STATUT = {
    Statut.A_VENIR: "à venir",
    Statut.A_RENSEIGNER: "à renseigner",
    Statut.VU: "vu",
    Statut.EXCUSE: "excusé",
    Statut.ABSENT: "absent non excusé",
    Statut.ANNULE: "annulé par le service",
}

# The icon beside each statut; words always repeat it.
ICONES_STATUT = {
    Statut.A_VENIR: "horloge",
    Statut.A_RENSEIGNER: "attention",
    Statut.VU: "coche",
    Statut.EXCUSE: "info",
    Statut.ABSENT: "croix",
    Statut.ANNULE: "interdit",
}
LIBELLES_ISSUE = {Issue.VU: "vu", Issue.EXCUSE: "excusé", Issue.ABSENT: "absent non excusé"}

# Of two outcomes of one RDV the first in this list is the default of a merge (F16).
ISSUES_PAR_FORCE = (Issue.VU, Issue.EXCUSE, Issue.ABSENT)


def statut_of(issue: str | None, annule: bool, debut: datetime, maintenant: datetime) -> Statut:
    """The statut of a participation at `maintenant` (both instants aware)."""
    if annule:
        return Statut.ANNULE
    if issue is not None:
        return Statut(issue)
    return Statut.A_VENIR if debut > maintenant else Statut.A_RENSEIGNER


def refuse_issue(issue: str | None, debut: datetime, maintenant: datetime) -> str | None:
    """Why an outcome cannot be given now, None when it can: before the start one can only excuse."""
    if issue is None or issue == Issue.EXCUSE or debut <= maintenant:
        return None
    return "Ce RDV n’a pas encore commencé : on peut seulement noter « excusé »."


def refuse_move(issues: Collection[str | None], debut: datetime, maintenant: datetime) -> str | None:
    """Why an RDV with these outcomes cannot begin at `debut`, None when it can: the rule is refuse_issue's."""
    for issue in issues:
        if refuse_issue(issue, debut, maintenant):
            return (
                f"« {LIBELLES_ISSUE[Issue(issue or '')]} » est noté : ce RDV a eu lieu et ne peut devenir un RDV "
                "à venir. Prenez un nouveau RDV, ou effacez d’abord ce statut."
            )
    return None


def takes_time(annule: bool, issues: Collection[str | None]) -> bool:
    """Whether an RDV takes its people's time: not cancelled, and not everybody excused."""
    return not annule and any(issue != Issue.EXCUSE for issue in issues)
