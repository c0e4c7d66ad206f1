"""The link between a proche and a responsable (PURE, R26)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fiches.identite import SaisieRefusee, age_on, clean_text

NATURES = {"familial": "familial", "professionnel": "professionnel (tuteur, éducateur…)"}
FIN_MAXIMALE = 2100  # last year accepted for the end of a link
INCONNU = "une personne suivie par un autre service"  # how somebody is called whom the agent may not name
MAJORITE = 18  # years: from then on the fiche asks whether the link still holds


class LienImpossible(Exception):
    """A link that R26 forbids; `texte` says why, with the names in the chain."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.texte = texte


class LienReserve(Exception):
    """The fiche at the other end is protected: only its référents make or end its links (R11)."""


class PrevisionPerimee(Exception):
    """The link, or who hears of an RDV, changed since the preview that is being confirmed (R22)."""


@dataclass(frozen=True)
class LienVoulu:
    """What somebody asks for: nobody any more when `responsable_id` is None.

    `fin_connue`: whether the end was said at all; what is not said stays as it is.
    """

    proche_id: int
    responsable_id: int | None
    nature: str | None = None
    fin: date | None = None
    fin_connue: bool = False


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


_FIN = re.compile(r"^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}))$")


def read_fin(brut: str | None, aujourdhui: date) -> date | None:
    """The typed end of a link, jj/mm/aaaa or ISO, None when nothing was typed. Raises SaisieRefusee."""
    texte = clean_text(brut, 40)
    if texte is None:
        return None
    trouve = _FIN.match(texte)
    if trouve is None:
        raise SaisieRefusee("Date illisible\u00a0: écrivez jj/mm/aaaa, par exemple 31/08/2027.")
    iso = trouve[1] is not None
    annee, mois, jour = (int(p) for p in ((trouve[1], trouve[2], trouve[3]) if iso else trouve.group(6, 5, 4)))
    try:
        fin = date(annee, mois, jour)
    except ValueError:
        raise SaisieRefusee("Cette date n’existe pas.") from None
    if fin < aujourdhui:
        raise SaisieRefusee(
            "Cette date est passée\u00a0: pour mettre fin au lien maintenant, détachez les deux fiches."
        )
    if fin.year > FIN_MAXIMALE:
        raise SaisieRefusee(f"Cette date est trop lointaine\u00a0: {FIN_MAXIMALE} au plus.")
    return fin


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
