"""Draws French names as often as they are really borne (PURE, deterministic).

The lists hold names by order of frequency, not counts. Frequencies follow the curve
weight(rank) = 1 / (rank + q) ** s; `_CURVES` says where its constants come from.
"""

import random
from bisect import bisect
from functools import cache
from itertools import accumulate
from pathlib import Path

_FOLDER = Path(__file__).parent / "noms"

# list → (q, s). Surnames: fitted on INSEE's shares of the 1st (Martin, 0.37 %), the 100th
# (0.07 %) and the 1,000th surname. First names: the first one was borne by some 9 % of girls in
# the 1900s, by 1 to 2 % since the 1980s.
_CURVES = {"noms": (10.0, 0.7), "prenoms_avant_1960": (2.0, 1.0), "prenoms": (8.0, 0.9)}
_DECENNIES = range(1901, 2021, 10)


class Tirage:
    """Weighted draws from one list, most frequent first."""

    def __init__(self, valeurs: tuple[str, ...], courbe: str) -> None:
        q, s = _CURVES[courbe]
        self.valeurs = valeurs
        self._cumul = list(accumulate(1 / (rang + q) ** s for rang in range(1, len(valeurs) + 1)))
        self._total = self._cumul[-1]

    def draw(self, hasard: random.Random) -> str:
        """One value, frequent ones more often."""
        return self.valeurs[bisect(self._cumul, hasard.random() * self._total)]


class Noms:
    """Every list, read once: surnames, first names by sex and decade, names of other origins."""

    def __init__(self) -> None:
        self.noms = Tirage(tuple(_names((_FOLDER / "noms.txt").read_text(encoding="utf-8"))), "noms")
        self._prenoms = {
            (titre[0], int(titre[2:])): Tirage(
                tuple(_names(corps)), "prenoms_avant_1960" if int(titre[2:]) < 1960 else "prenoms"
            )
            for titre, corps in _sections("prenoms.txt")
        }
        self._origines = {titre: tuple(_names(corps)) for titre, corps in _sections("origines.txt")}
        lignes = (_FOLDER / "surnoms.txt").read_text(encoding="utf-8").split()
        self.surnoms = {p: tuple(s.split(",")) for p, _, s in (ligne.partition(":") for ligne in lignes)}

    def draw_nom(self, hasard: random.Random, origine: str | None) -> str:
        """A surname; of an origin when one is given."""
        return hasard.choice(self._origines[f"{origine} nom"]) if origine else self.noms.draw(hasard)

    def draw_prenom(self, hasard: random.Random, sexe: str, annee: int, origine: str | None) -> str:
        """A first name for a sex ('f' or 'm') and a year of birth; of an origin when one is given."""
        if origine:
            return hasard.choice(self._origines[f"{origine} {sexe}"])
        decennie = max(d for d in _DECENNIES if d <= max(annee, 1901))
        return self._prenoms[sexe, decennie].draw(hasard)


@cache
def read_noms() -> Noms:
    """The lists, read on first use."""
    return Noms()


def _names(texte: str) -> list[str]:
    return [nom for ligne in texte.splitlines() for nom in ligne.split(",") if nom]


def _sections(fichier: str) -> list[tuple[str, str]]:
    """The (title, body) of each `[title]` section of a file."""
    texte = (_FOLDER / fichier).read_text(encoding="utf-8")
    return [(t, corps) for t, _, corps in (bloc.partition("]\n") for bloc in texte.split("[")[1:])]
