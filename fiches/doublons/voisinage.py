"""Asking the index: the words near a word, the fiches near a person. Nothing scans a table.

One statement fetches the vocabulary around every typed word, a second one the fiches under pairs
of those words or under an exact key. Each source has a limit of its own, the exact pair first, so
that a very common name never pushes out what is nearer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import JaroWinkler
from sqlalchemy import BindParameter, ColumnElement, Select, String, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from fiches.doublons import keys
from fiches.doublons.entrees import CLE, MOT, PAIRE, SUPPRESSION
from fiches.doublons.personne import Personne
from fiches.identite import key_email, key_telephone, swap_day_month

VOISINS = 14  # vocabulary words taken around one typed word
VOISINS_PAR_NOM = 28  # and around all the words of one name
SONS_MAXIMUM = 300  # words of one sound read at most, before the nearest are chosen
DEBUT = 3  # letters of a shared beginning
DEBUTS_MAXIMUM = 150  # words of one beginning read at most
FIN = "\x7f"  # after every letter of a normal form
JUGES_MAXIMUM = 80  # fiches compared in full

# Source of candidates → (most rows taken, how much it says); the most telling are compared first.
SOURCES = {
    "exact": (80, 4),
    "voisin": (250, 3),
    "inverse": (60, 2),
    "naissance": (120, 4),
    "permutee": (60, 2),
    "email": (40, 3),
    "telephone": (40, 3),
}


@dataclass(frozen=True, slots=True)
class Voisin:
    """A word of the vocabulary, with how many fiches use it."""

    id: int
    texte: str
    frequence: int
    phonetique: str


@dataclass(frozen=True)
class Recolte:
    """Fiches worth comparing, the most telling first, and what the index knows beside them.

    `frequences`: fiches per word near the typed ones; `fiches`: fiches of the territoire;
    `contacts`: (genre, key) → the fiches under it, at most the source's limit.
    """

    ids: tuple[int, ...]
    frequences: Mapping[str, int]
    fiches: int
    contacts: Mapping[tuple[str, str], tuple[int, ...]]


# --- words ------------------------------------------------------------------------------

_COLONNES = (MOT.c.id, MOT.c.texte, MOT.c.frequence, MOT.c.phonetique)
_TERRITOIRE: ColumnElement[Any] = bindparam("t")
_TEXTES: BindParameter[Any] = bindparam("textes", expanding=True)
_VOCABULAIRE = union_all(
    select(*_COLONNES).where(MOT.c.territoire_id == _TERRITOIRE, MOT.c.texte.in_(_TEXTES)),
    select(*_COLONNES)
    .join(SUPPRESSION, SUPPRESSION.c.mot_id == MOT.c.id)
    .where(SUPPRESSION.c.territoire_id == _TERRITOIRE, SUPPRESSION.c.cle.in_(_TEXTES)),
    select(
        select(*_COLONNES)
        .where(MOT.c.territoire_id == _TERRITOIRE, MOT.c.phonetique.in_(bindparam("sons", expanding=True)))
        .limit(SONS_MAXIMUM)
        .subquery()
    ),
    *(
        select(
            select(*_COLONNES)
            .where(
                MOT.c.territoire_id == _TERRITOIRE,
                MOT.c.texte >= bindparam(f"debut_{i}"),
                MOT.c.texte < bindparam(f"fin_{i}"),
            )
            .limit(DEBUTS_MAXIMUM)
            .subquery()
        )
        for i in (0, 1)
    ),
)


def read_vocabulary(
    session: Session, territoire_id: int, mots: Iterable[str], principaux: Sequence[str] = ()
) -> dict[int, Voisin]:
    """The words written like these, one letter away, or sounding alike; the empty word too.

    Of the first two `principaux`, those of the same three first letters besides: two typing
    errors in one word are rarely both at its beginning.
    """
    cherches = set(mots)
    textes = {""}.union(cherches, *(keys.deletions(mot) for mot in cherches))
    parametres = {"t": territoire_id, "textes": sorted(textes), "sons": sorted(map(keys.phonetic, cherches))}
    for i in (0, 1):
        debut = principaux[i][:DEBUT] if i < len(principaux) and len(principaux[i]) > DEBUT else ""
        parametres |= {f"debut_{i}": debut, f"fin_{i}": debut and debut + FIN}
    return {row[0]: Voisin(*row) for row in session.connection().execute(_VOCABULAIRE, parametres)}


def nearest(mot: str, vocabulaire: Iterable[Voisin], limite: int = VOISINS) -> list[Voisin]:
    """Of these words, the ones near `mot`: itself first, then by Jaro–Winkler and frequency."""
    son = keys.phonetic(mot)
    notes = []
    for voisin in vocabulaire:
        note = JaroWinkler.similarity(mot, voisin.texte, score_cutoff=0.80)
        if note or (son and voisin.phonetique == son):
            notes.append((-(note or 0.8), -voisin.frequence, voisin.texte, voisin))
    notes.sort(key=lambda n: n[:3])
    return [n[3] for n in notes[:limite]]


def words_near(session: Session, territoire_id: int, mot: str, limite: int = VOISINS) -> list[Voisin]:
    """The words of the territoire's vocabulary nearest to a word in normal form, best first."""
    vocabulaire = read_vocabulary(session, territoire_id, [mot])
    return nearest(mot, (v for v in vocabulaire.values() if v.texte), limite)


def words_with_prefix(session: Session, territoire_id: int, prefixe: str, limite: int) -> list[Voisin]:
    """The words that begin with `prefixe` (in normal form), the most used first."""
    if not prefixe:
        return []
    rows = session.execute(
        select(*_COLONNES)
        .where(MOT.c.territoire_id == territoire_id, MOT.c.texte >= prefixe, MOT.c.texte < prefixe + FIN)
        .order_by(MOT.c.frequence.desc(), MOT.c.texte)
        .limit(limite)
    )
    return [Voisin(*row) for row in rows]


# --- fiches -----------------------------------------------------------------------------


def _under(source: str, cle: ColumnElement[Any], table: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    rows = select(literal(source).label("source"), cle.label("cle"), table.c.usager_id).where(
        table.c.territoire_id == _TERRITOIRE, *conditions
    )
    return select(rows.limit(SOURCES[source][0]).subquery())


def _under_pair(source: str, du_nom: str, du_prenom: str) -> Select[Any]:
    return _under(
        source,
        literal("", String),
        PAIRE,
        PAIRE.c.mot_nom_id.in_(bindparam(du_nom, expanding=True)),
        PAIRE.c.mot_prenom_id.in_(bindparam(du_prenom, expanding=True)),
    )


def _under_key(source: str, genre: str) -> Select[Any]:
    return _under(source, CLE.c.cle, CLE, CLE.c.genre == genre, CLE.c.cle.in_(bindparam(source, expanding=True)))


_PAR_NOMS = (
    _under_pair("exact", "noms", "prenoms"),
    _under_pair("voisin", "noms_voisins", "prenoms_voisins"),
    _under_pair("inverse", "prenoms_voisins", "noms_voisins"),
)
_PAR_CLES = (
    _under_key("naissance", "naissance"),
    _under_key("permutee", "naissance"),
    _under_key("email", "email"),
    _under_key("telephone", "telephone"),
)
_FICHES = union_all(*_PAR_NOMS, *_PAR_CLES)


def candidates(session: Session, territoire_id: int, saisie: Personne, sauf: int | None = None) -> set[int]:
    """The fiches of the territoire worth comparing with this person, `sauf` left out."""
    return {i for i in gather(session, territoire_id, saisie).ids if i != sauf}


def gather(session: Session, territoire_id: int, saisie: Personne) -> Recolte:
    """What the index finds near this person, in two statements."""
    noms = keys.looked_up_surnames(nom for nom in saisie.surnames())
    prenoms = tuple(dict.fromkeys(m for prenom in saisie.first_names() for m in keys.first_name_words(prenom)))
    vocabulaire = read_vocabulary(session, territoire_id, (*noms, *prenoms), (*noms[:1], *prenoms[:1]))
    vide = next((v for v in vocabulaire.values() if not v.texte), None)
    if vide is None:
        return Recolte((), {}, 0, {})
    mots = [v for v in vocabulaire.values() if v.texte]
    parametres = {"t": territoire_id} | _word_parameters(noms, prenoms, mots, vide.id) | _key_parameters(saisie)
    poids: Counter[int] = Counter()
    contacts: dict[tuple[str, str], list[int]] = {}
    seen = set()
    for source, cle, usager_id in session.connection().execute(_FICHES, parametres):
        if (source, usager_id) not in seen:
            seen.add((source, usager_id))
            poids[usager_id] += SOURCES[source][1]
        if source in ("email", "telephone"):
            contacts.setdefault((source, cle), []).append(usager_id)
    ordre = sorted(poids, key=lambda i: (-poids[i], i))
    return Recolte(
        tuple(ordre),
        {v.texte: v.frequence for v in mots},
        vide.frequence,
        {cle: tuple(ids) for cle, ids in contacts.items()},
    )


def _word_parameters(
    noms: Sequence[str], prenoms: Sequence[str], mots: Sequence[Voisin], vide: int
) -> dict[str, list[int]]:
    """The ids of the words to look under. A missing name is looked for as the empty word, which
    also stands beside the neighbours: a newborn's fiche has no prénom yet (R1)."""
    by_text = {v.texte: v.id for v in mots}
    if not noms and not prenoms:
        return {"noms": [], "prenoms": [], "noms_voisins": [], "prenoms_voisins": []}
    return {
        "noms": [by_text[m] for m in noms if m in by_text] or [vide],
        "prenoms": [by_text[m] for m in prenoms if m in by_text] or [vide],
        "noms_voisins": [*_around(noms, mots), vide],
        "prenoms_voisins": [*_around(prenoms, mots), vide],
    }


def _around(cherches: Sequence[str], mots: Sequence[Voisin]) -> list[int]:
    ids = [v.id for mot in cherches for v in nearest(mot, mots)]
    return list(dict.fromkeys(ids))[:VOISINS_PAR_NOM]


def _key_parameters(saisie: Personne) -> dict[str, list[str]]:
    naissance = saisie.naissance if saisie.naissance and len(saisie.naissance) == 10 else None
    permutee = swap_day_month(naissance)
    return {
        "naissance": [naissance] if naissance else [],
        "permutee": [permutee] if permutee else [],
        "email": sorted({key_email(e) for e in saisie.emails} - {""}),
        "telephone": sorted({key_telephone(t) for t in saisie.telephones} - {""}),
    }
