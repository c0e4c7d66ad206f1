"""The link between a proche and a responsable (PURE, R26)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fiches.identite import age_on

NATURES = {"familial": "familial", "professionnel": "professionnel (tuteur, éducateur…)"}
INCONNU = "une personne suivie par un autre service"  # how somebody is called whom the agent may not name
MAJORITE = 18  # years: from then on the fiche asks whether the link still holds


class LienImpossible(Exception):
    """A link that R26 forbids; `texte` says why, with the names in the chain."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.texte = texte


@dataclass(frozen=True)
class Maillon:
    """Somebody in a chain of responsables, by the name that the agent may read."""

    id: int
    nom: str


def link_holds(fin: date | None, aujourdhui: date) -> bool:
    """Whether a link is in force: its last day included. Past its end nothing of the proche goes to
    the responsable any more, whether or not somebody answered the question yet (R26)."""
    return fin is None or aujourdhui <= fin


def must_ask(fin: date | None, naissance: str | None, confirme_le: date | None, aujourdhui: date) -> bool:
    """Whether the fiche asks if the link still holds: past its end, and once the proche is of age,
    until somebody has said so (R26)."""
    if not link_holds(fin, aujourdhui):
        return True
    age = age_on(naissance, aujourdhui)
    if age is None or age < MAJORITE:
        return False
    age_alors = age_on(naissance, confirme_le) if confirme_le else None
    return age_alors is None or age_alors < MAJORITE


def find_loop(depart: Maillon, responsable: Maillon, ascendants: Mapping[int, Maillon]) -> tuple[Maillon, ...]:
    """The chain that comes back to `depart` when `responsable` becomes its responsable, empty when none
    does. `ascendants`: each known proche's responsable, upwards from there."""
    chaine = [responsable]
    vus: set[int] = set()
    while chaine[-1].id != depart.id:
        suivant = ascendants.get(chaine[-1].id)
        if suivant is None or suivant.id in vus:
            return ()
        vus.add(suivant.id)
        chaine.append(suivant)
    return (depart, *chaine)


def check_link(proche: Maillon, responsable: Maillon, ascendants: Mapping[int, Maillon]) -> None:
    """Raise LienImpossible when this link would point at itself or close a loop (R26)."""
    if proche.id == responsable.id:
        raise LienImpossible("Personne n’est son propre responsable : choisissez une autre fiche.")
    boucle = find_loop(proche, responsable, ascendants)
    if boucle:
        chaine = " → ".join(m.nom for m in boucle)
        raise LienImpossible(f"Ce lien formerait une boucle de responsables : {chaine}.")
