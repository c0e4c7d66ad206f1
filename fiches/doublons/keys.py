"""The keys under which fiches of one person meet (PURE).

Two fiches are only ever compared when a key brings them together: a name word written alike, one
letter apart or sounding alike, or a birth date, e-mail or phone that is the same. Everything here
is made from normal forms of `identite`, so what is typed and what is stored meet without accents,
case or hyphens.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from fiches.doublons.surnoms import FORMES
from fiches.identite import compact, key_email, key_telephone, normal

MOT_MAXIMUM = 60  # characters kept of a word; longer names meet by their beginning
MOTS_MAXIMUM = 8  # words kept of one name
PAIRES_MAXIMUM = 24  # (surname word, first-name word) pairs kept of one fiche
LONGUEUR_MINIMALE = 3  # letters of a surname token worth a word of its own
SIGNES_PHONETIQUES = 10

# What is typed instead of a name that is not known: no word at all.
_ABSENTS = """
x xx xxx xxxx inconnu inconnue inconnus anonyme nc na nr nd neant aucun aucune sans sansnom sansprenom nonrenseigne
nonrenseignee noncommunique nonconnu indetermine avenir prenomavenir null none
"""
ABSENTS = frozenset(_ABSENTS.split())

# Words that lead a surname and are often left out or glued to it (R6).
_PARTICULES = """
de du des d la le les l el al ul ben ibn bin bent bint ould ait da do dos das di del della van von der den ter abd mc
mac saint sainte st ste
"""
PARTICULES = frozenset(_PARTICULES.split())
COLLEES = ("ait", "ben", "del", "dos", "van", "von", "el", "al", "da", "de", "du", "le", "la")

# French spelling to sound, in this order; capitals are sounds of their own
# (C ch, N gn, U ou, A an/en, I in/ain, O on).
_SONS = tuple(
    (re.compile(motif), sens)
    for motif, sens in (
        (r"ph", "f"),
        (r"(sch|sh|tch)", "C"),
        (r"ch(?=[rlnt])", "k"),
        (r"ch", "C"),
        (r"h", ""),
        (r"dj", "j"),
        (r"^ou(?=[aei])", "v"),
        (r"w", "v"),
        (r"c?qu?|ck", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"gn", "N"),
        (r"ge(?=[ao])|g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"x(?=.)", "ks"),
        (r"z", "s"),
        (r"eau|au", "o"),
        (r"oeu|oe|ae|eu", "e"),
        (r"ou", "U"),
        (r"y", "i"),
        (r"ien(?![aeioun])", "iI"),
        (r"(ain|ein|aim|in|im)(?![aeiounm])", "I"),
        (r"(an|am|en|em)(?![aeiounm])", "A"),
        (r"(on|om)(?![aeiounm])", "O"),
        (r"(un|um)(?![aeiounm])", "I"),
        (r"oi", "wa"),
        (r"ai|ei", "e"),
        (r"e[rz]s?$", "e"),
        (r"(?<=..)(ss|tt)es?$", r"\1"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[^aeou])ie$", "i"),
        (r"(?<=..)(es?|[tdsxp]+)$", ""),
    )
)


@lru_cache(maxsize=65536)
def phonetic(mot: str) -> str:
    """How a word in normal form sounds in French, in at most ten signs; « thierry » = « tierri »."""
    son = mot.replace(" ", "")
    for motif, sens in _SONS:
        son = motif.sub(sens, son)
    return son[:SIGNES_PHONETIQUES]


def deletions(mot: str) -> set[str]:
    """The word with one letter removed, each way; none for words of three letters or fewer."""
    return {mot[:i] + mot[i + 1 :] for i in range(len(mot))} if len(mot) > 3 else set()


def is_absent(nom: str | None) -> bool:
    """Whether this name is missing, or one of the words that stand for a missing one."""
    entier = compact(nom)
    return not entier or entier in ABSENTS


@lru_cache(maxsize=65536)
def tokens(nom: str | None) -> tuple[str, ...]:
    """The words of a name in normal form, none for a missing one."""
    return () if is_absent(nom) else tuple(normal(nom).split())


@lru_cache(maxsize=65536)
def without_particles(nom: str | None) -> str:
    """The name in one word without its leading words (« El Amrani » → « amrani »)."""
    mots = tokens(nom)
    return "".join(m for m in mots if m not in PARTICULES) or "".join(mots)


@lru_cache(maxsize=65536)
def surname_words(nom: str | None) -> tuple[str, ...]:
    """The words a surname is filed under: whole, then its parts when it has several."""
    mots = tokens(nom)
    parts = [m for m in mots if len(m) >= LONGUEUR_MINIMALE and m not in PARTICULES] if len(mots) > 1 else []
    return _kept(("".join(mots), without_particles(nom), *parts) if mots else ())


@lru_cache(maxsize=65536)
def first_name_forms(prenom: str | None) -> frozenset[str]:
    """The first names that this writing may stand for: « Manu » is Emmanuel or Emmanuelle."""
    mots = tokens(prenom)
    if not mots:
        return frozenset()
    entier = "".join(mots)
    parts = "".join(FORMES.get(m, (m,))[0] for m in mots)
    return frozenset((entier, *FORMES.get(entier, (parts,))))


@lru_cache(maxsize=65536)
def first_name_words(prenom: str | None) -> tuple[str, ...]:
    """The words a first name is filed under: as written, what it stands for, then its parts."""
    mots = tokens(prenom)
    parts = [f for m in mots if len(m) > 1 for f in FORMES.get(m, (m,))[:1]] if len(mots) > 1 else []
    return _kept(("".join(mots), *sorted(first_name_forms(prenom)), *parts) if mots else ())


def name_key(prenom: str | None, nom: str | None) -> frozenset[str]:
    """What two people who bear one name in any writing of it share: sound, short form, order (R6)."""
    return frozenset((phonetic(without_particles(nom)), phonetic(min(first_name_forms(prenom), default=""))))


def looked_up_surnames(noms: Iterable[str | None]) -> tuple[str, ...]:
    """The words to look for when these surnames are typed: theirs, and a glued particle taken off."""
    mots = [m for nom in noms for m in surname_words(nom)]
    colles = [m[len(p) :] for m in mots for p in COLLEES if m.startswith(p) and len(m) >= len(p) + 4]
    return _kept([*mots, *colles])


def pairs(noms: Iterable[str | None], prenoms: Iterable[str | None]) -> tuple[tuple[str, str], ...]:
    """The (surname word, first-name word) pairs a fiche is filed under, the fullest first.

    A missing name is the empty word, so that every fiche has at least one pair.
    """
    du_nom = list(dict.fromkeys(m for nom in noms for m in surname_words(nom))) or [""]
    du_prenom = list(dict.fromkeys(m for prenom in prenoms for m in first_name_words(prenom))) or [""]
    toutes = [(i + j, nom, prenom) for i, nom in enumerate(du_nom) for j, prenom in enumerate(du_prenom)]
    toutes.sort(key=lambda rang: rang[0])
    return tuple((nom, prenom) for _, nom, prenom in toutes[:PAIRES_MAXIMUM])


def exact_keys(
    naissance: str | None, emails: Iterable[str], telephones: Iterable[str], dossier: str | None = None
) -> tuple[tuple[str, str], ...]:
    """The (genre, key) of each datum that brings fiches together only when it is the same."""
    cles = [("naissance", naissance or "")]
    cles += [("email", key_email(e)) for e in emails]
    cles += [("telephone", key_telephone(t)) for t in telephones]
    cles.append(("dossier", key_dossier(dossier)))
    return tuple(dict.fromkeys((genre, cle) for genre, cle in cles if cle))


def key_dossier(dossier: str | None) -> str:
    """The key of a file number: letters and digits only."""
    return compact(dossier)[:320]


def _kept(mots: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m[:MOT_MAXIMUM] for m in mots if m))[:MOTS_MAXIMUM]
