"""The line under an e-mail or a phone that other fiches already have (PURE, R4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fiches.usagers.rules import join_words, of_nom

NOMS_MONTRES = 3  # above this many, a count is shown instead of names
NOMS_DE_SERVICE = 5  # from this many surnames on it may be a service's, no family's

_QUOI = {"email": ("Cet e-mail", "adresse d’un service"), "telephone": ("Ce téléphone", "numéro d’un service")}


@dataclass(frozen=True)
class Partage:
    """A contact that `nombre` visible fiches have already; `noms` is empty when they are many."""

    genre: str  # email, telephone
    noms: tuple[str, ...]
    nombre: int
    texte: str


def make_partage(genre: str, noms: Sequence[str], nombre: int, familles: int) -> Partage | None:
    """What to say about a contact that `nombre` fiches have, these `noms` among them; None when none has.

    `familles`: how many surnames they bear. Many of them make it look like a service's.
    """
    if not nombre:
        return None
    quoi, service = _QUOI[genre]
    if nombre > min(NOMS_MONTRES, len(noms)):
        suite = f"\u00a0: {service}\u00a0?" if familles >= NOMS_DE_SERVICE else "."
        return Partage(genre, (), nombre, f"{quoi} est déjà sur {nombre} fiche{'s' * (nombre > 1)}{suite}")
    de = [of_nom(nom) for nom in noms]
    fiches = "la fiche" if nombre == 1 else "les fiches"
    return Partage(genre, tuple(noms), nombre, f"{quoi} est déjà sur {fiches} {join_words(de)}.")
