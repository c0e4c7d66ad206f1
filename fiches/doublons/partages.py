"""The line under an e-mail or a phone that other fiches already have (PURE, R4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fiches.identite import normal

NOMS_MONTRES = 3  # above this many, a count is shown instead of names

_QUOI = {"email": ("Cet e-mail", "adresse d’un service"), "telephone": ("Ce téléphone", "numéro d’un service")}


@dataclass(frozen=True)
class Partage:
    """A contact that `nombre` visible fiches have already; `noms` is empty when they are many."""

    genre: str  # email, telephone
    noms: tuple[str, ...]
    nombre: int
    texte: str


def _of(nom: str) -> str:
    return f"d’{nom}" if normal(nom)[:1] in tuple("aeiouy") else f"de {nom}"


def make_partage(genre: str, noms: Sequence[str], nombre: int) -> Partage | None:
    """What to say about a contact that these fiches have; None when no visible one has it."""
    if not nombre:
        return None
    quoi, service = _QUOI[genre]
    if nombre > NOMS_MONTRES:
        return Partage(genre, (), nombre, f"{quoi} est déjà sur {nombre} fiches\u00a0: {service}\u00a0?")
    de = [_of(nom) for nom in noms]
    liste = " et ".join(filter(None, (", ".join(de[:-1]), de[-1])))
    fiches = "la fiche" if nombre == 1 else "les fiches"
    return Partage(genre, tuple(noms), nombre, f"{quoi} est déjà sur {fiches} {liste}.")
