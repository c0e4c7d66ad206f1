"""How alike two values of one field are: one small function per field, one level as the answer (PURE).

*Unknown* is a level of its own, neither for nor against. Levels say what is seen, never what it is
worth: the weights are in `score`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from fiches.doublons import keys
from fiches.identite import compact, key_email, key_telephone, swap_day_month

JARO_WINKLER_PROCHE = 0.92  # from here two names of five letters or more look like two typos at most


class Niv(StrEnum):
    """A level of likeness, whatever the field."""

    EGAL = "egal"  # equal in normal form
    SON = "son"  # sounds alike
    SURNOM = "surnom"  # a short form or another spelling of it
    PARTIE = "partie"  # one holds the other: a compound name, a particle left out
    FAUTE = "faute"  # one letter or one digit wrong, or two neighbours exchanged
    FAUTES = "fautes"  # further away, still alike
    INVERSE = "inverse"  # day and month exchanged
    ANNEE = "annee"  # the same year, nothing else
    PARTIEL = "partiel"  # as far as both are known, the same
    DIFFERENT = "different"
    INCONNU = "inconnu"


# The nearest first: of several ways in which two names are alike, the first one counts.
PROXIMITE = (
    Niv.EGAL, Niv.SON, Niv.SURNOM, Niv.FAUTE, Niv.PARTIE, Niv.FAUTES, Niv.DIFFERENT, Niv.INCONNU,
)  # fmt: skip
RANG = {niveau: rang for rang, niveau in enumerate(PROXIMITE)}
PROCHES = frozenset(PROXIMITE[: RANG[Niv.DIFFERENT]])


@dataclass(frozen=True, slots=True)
class NomLu:
    """A name made ready for comparison."""

    brut: str
    entier: str
    mots: tuple[str, ...]
    sans_particule: str
    son: str
    formes: frozenset[str]  # what it may stand for as a first name


@lru_cache(maxsize=65536)
def read_name(nom: str | None) -> NomLu | None:
    """The name made ready, None when it is missing or stands for a missing one."""
    mots = keys.tokens(nom)
    if not mots or nom is None:
        return None
    entier = "".join(mots)
    return NomLu(nom, entier, mots, keys.without_particles(nom), keys.phonetic(entier), keys.first_name_forms(nom))


# --- names ------------------------------------------------------------------------------


def compare_surnames(a: NomLu | None, b: NomLu | None) -> Niv:
    """The level between two surnames."""
    if a is None or b is None:
        return Niv.INCONNU
    if a.entier == b.entier:
        return Niv.EGAL
    if a.sans_particule == b.sans_particule or holds_part(a.mots, b.mots) or glued_particle(a.entier, b.entier):
        return Niv.PARTIE
    return _closeness(a, b)


def compare_first_names(a: NomLu | None, b: NomLu | None) -> Niv:
    """The level between two first names; an initial or a beginning is a part of the whole."""
    if a is None or b is None:
        return Niv.INCONNU
    if a.entier == b.entier:
        return Niv.EGAL
    niveau = _closeness(a, b)
    if niveau is Niv.SON:
        return niveau
    if not a.formes.isdisjoint(b.formes):
        return Niv.SURNOM
    if len(a.mots) + len(b.mots) > 2 and (holds_part(a.mots, b.mots) or holds_form(a, b)):
        return Niv.PARTIE
    return Niv.PARTIE if niveau is not Niv.FAUTE and is_beginning(a.entier, b.entier) else niveau


def _closeness(a: NomLu, b: NomLu) -> Niv:
    if a.son == b.son and len(a.son) > 1 and a.entier[0].isalpha():
        return Niv.SON
    court = min(len(a.entier), len(b.entier))
    if court >= 3 and OSA.distance(a.entier, b.entier, score_cutoff=1) <= 1:
        return Niv.FAUTE
    if court >= 5 and JaroWinkler.similarity(a.entier, b.entier, score_cutoff=JARO_WINKLER_PROCHE):
        return Niv.FAUTES
    if court >= 6 and OSA.distance(a.entier, b.entier, score_cutoff=2) <= 2:
        return Niv.FAUTES
    return Niv.DIFFERENT


def holds_part(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether one compound name has a word of three letters or more, no particle, of the other."""
    communs = set(a).intersection(b)
    return any(len(mot) >= keys.LONGUEUR_MINIMALE and mot not in keys.PARTICULES for mot in communs)


def holds_form(a: NomLu, b: NomLu) -> bool:
    """Whether a word of one compound first name is a form of the other name (Jean-Manu, Emmanuel)."""
    simple, compose = (a, b) if len(a.mots) == 1 else (b, a)
    return len(simple.mots) == 1 and any(not keys.first_name_forms(m).isdisjoint(simple.formes) for m in compose.mots)


def glued_particle(a: str, b: str) -> bool:
    """Whether one name is the other with a particle glued to it (« Elamrani », « Amrani »)."""
    court, long = sorted((a, b), key=len)
    return len(court) >= 4 and long.endswith(court) and long[: -len(court)] in keys.COLLEES


def is_compound(nom: str | None) -> bool:
    """Whether a name has several words."""
    return len(keys.tokens(nom)) > 1


def is_gender_pair(a: str, b: str) -> bool:
    """Whether of two first names that sound alike one looks like the feminine of the other."""
    return a.endswith("e") != b.endswith("e")


def is_beginning(a: str, b: str) -> bool:
    """Whether the longer one begins with the shorter, an initial or three letters at least."""
    court, long = sorted((a, b), key=len)
    return len(court) != 2 and long.startswith(court)


# --- birth dates ------------------------------------------------------------------------


def compare_births(a: str | None, b: str | None) -> Niv:
    """The level between two birth dates in ISO text, each with its own precision."""
    if not a or not b:
        return Niv.INCONNU
    if len(a) < 10 or len(b) < 10:
        return Niv.PARTIEL if a.startswith(b) or b.startswith(a) else Niv.DIFFERENT
    if a == b:
        return Niv.EGAL
    if swap_day_month(a) == b:
        return Niv.INVERSE
    if one_part_off(a, b):
        return Niv.FAUTE
    return Niv.ANNEE if a[:4] == b[:4] else Niv.DIFFERENT


def one_part_off(a: str, b: str) -> bool:
    """Whether two full dates differ in day, month or year alone, by one digit or two exchanged ones,
    or in the day or month alone by one."""
    parts = [(x, y) for x, y in zip(a.split("-"), b.split("-"), strict=True) if x != y]
    if len(parts) != 1:
        return False
    x, y = parts[0]
    return OSA.distance(x, y, score_cutoff=1) <= 1 or (len(x) == 2 and abs(int(x) - int(y)) == 1)


def is_january_first(naissance: str | None) -> bool:
    """Whether this is a 1 January, written for many whose birth day is not known."""
    return naissance is not None and naissance.endswith("-01-01")


# --- contact ----------------------------------------------------------------------------


def compare_emails(a: Collection[str], b: Collection[str]) -> Niv:
    """The best level between two sets of e-mail addresses."""
    cles_a, cles_b = {key_email(e) for e in a} - {""}, {key_email(e) for e in b} - {""}
    if not cles_a or not cles_b:
        return Niv.INCONNU
    if cles_a & cles_b:
        return Niv.EGAL
    return Niv.FAUTE if any(close_emails(x, y) for x in cles_a for y in cles_b) else Niv.DIFFERENT


def close_emails(a: str, b: str) -> bool:
    """Whether two mailboxes differ by one letter, or have one name of six letters or more at two providers."""
    local_a, local_b = a.partition("@")[0], b.partition("@")[0]
    if local_a == local_b:
        return len(local_a) >= 6
    return len(local_a) >= 5 and OSA.distance(a, b, score_cutoff=1) <= 1


def compare_phones(a: Collection[str], b: Collection[str]) -> Niv:
    """The best level between two sets of phones; close is one digit off, two exchanged, or the
    same last eight digits (06 for 07, another prefix)."""
    cles_a, cles_b = {key_telephone(t) for t in a} - {""}, {key_telephone(t) for t in b} - {""}
    if not cles_a or not cles_b:
        return Niv.INCONNU
    if set(a) & set(b):
        return Niv.EGAL
    close = any(OSA.distance(x, y, score_cutoff=1) <= 1 for x in cles_a for y in cles_b)
    return Niv.FAUTE if close else Niv.DIFFERENT


def compare_addresses(a: tuple[str | None, str | None], b: tuple[str | None, str | None]) -> Niv:
    """The level between two (address line, postcode); weak, since people move and households share."""
    if not all((*a, *b)):
        return Niv.INCONNU
    same = compact(a[0]) == compact(b[0]) and compact(a[1]) == compact(b[1])
    return Niv.EGAL if same else Niv.DIFFERENT
