"""A death that only one of the two fiches knows of (PURE, R15).

It stays recorded, whatever is ticked: to forget it silently would set messages going again. Where it was
recorded by mistake it is taken back on its own fiche, before the merge or after.
"""

from datetime import datetime

from fiches.dates import show_jour
from fiches.fusion.etat import COTES, FicheLue, Lecture
from fiches.fusion.lignes import Ecart, Ligne

DECES = "deces"
ALERTE = (
    "Un décès n’est enregistré que sur l’une des deux fiches : la fiche obtenue sera celle d’une personne "
    "décédée, et plus aucun message ne lui sera envoyé."
)


def death_of(lecture: Lecture) -> datetime | None:
    """When the death was first recorded, on either fiche."""
    return min((f.decede_le for f in (lecture.a, lecture.b) if f.decede_le is not None), default=None)


def death_differs(lecture: Lecture) -> bool:
    """Whether only one of the two fiches knows of it."""
    return (lecture.a.decede_le is None) != (lecture.b.decede_le is None)


def death_line(lecture: Lecture) -> Ligne | None:
    """The locked line of the screen, None when both are alive."""
    if death_of(lecture) is None:
        return None
    return Ligne(
        nom=DECES,
        libelle="Décès",
        ecart=Ecart.UN_COTE if death_differs(lecture) else Ecart.IDENTIQUE,
        a=_show(lecture.a),
        b=_show(lecture.b),
        coches=frozenset(c for c in COTES if lecture.cote(c).decede_le is not None),
        verrou="un décès enregistré le reste",
    )


def _show(fiche: FicheLue) -> str:
    return f"enregistré le {show_jour(fiche.decede_le)}" if fiche.decede_le else ""
