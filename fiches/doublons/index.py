"""Keeping the index of the matching: rows written in the caller's own transaction.

How it is asked is in `voisinage`, whose look-ups are offered here too.

A fiche uses each word of its pairs, and the empty word besides: the frequency of the empty word is
how many fiches the territoire has. Rows are written as differences, in bulk, words in alphabetical
order, so that two writers wait for each other instead of blocking one another. A word is deleted
with its last use: no name outlives its fiche.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fiches.doublons import keys
from fiches.doublons.entrees import (
    CLE,
    MOT,
    PAIRE,
    SUPPRESSION,
    Adresse,
    Entrees,
    living_ids,
    stored_entries,
    wanted_entries,
)
from fiches.doublons.voisinage import Voisin, candidates, words_near, words_with_prefix

__all__ = ["Voisin", "candidates", "check_index", "index_new", "rebuild", "reindex", "words_near", "words_with_prefix"]

LOT = 400  # fiches per round of statements


def reindex(session: Session, usager_ids: Iterable[int]) -> None:
    """Make the index rows of these fiches follow their present rows, in the caller's transaction.

    Former names that are shown and former contacts count (R14, F21); a merged fiche leaves the
    index (F25), and one that no organisation has (R15). Ids that do not exist are left alone.
    """
    session.flush()
    ids = sorted(set(usager_ids))
    for debut in range(0, len(ids), LOT):
        lot = ids[debut : debut + LOT]
        _apply(session, stored_entries(session, lot), wanted_entries(session, lot))


def index_new(session: Session, nouvelles: Mapping[Adresse, Entrees]) -> None:
    """Write the index rows of fiches created in the caller's transaction, from entries (`new_entries`)
    computed before it began: nothing is read again, so the transaction is short."""
    session.flush()
    _apply(session, {}, nouvelles)


def rebuild(session: Session, territoire_id: int | None = None) -> int:
    """Make the index of a territoire (None: of all) anew; how many fiches it then holds."""
    session.flush()
    for table in (PAIRE, CLE, SUPPRESSION, MOT):
        effacer = delete(table)
        session.execute(effacer if territoire_id is None else effacer.where(table.c.territoire_id == territoire_id))
    ids = living_ids(session, territoire_id)
    for debut in range(0, len(ids), LOT):
        _apply(session, {}, wanted_entries(session, ids[debut : debut + LOT]))
    return len(ids)


def check_index(session: Session) -> list[str]:
    """What in the index is not as a rebuild would make it; empty when all is well.

    The lines name ids, never words.
    """
    session.flush()
    ids = living_ids(session, None)
    stored = stored_entries(session, None)
    wanted: dict[Adresse, Entrees] = {}
    for debut in range(0, len(ids), LOT):
        wanted |= wanted_entries(session, ids[debut : debut + LOT])
    ecarts = [
        f"fiche {adresse[1]}\u00a0: index différent de ses données"
        for adresse in sorted(stored.keys() | wanted.keys())
        if stored.get(adresse) != wanted.get(adresse)
    ]
    return ecarts + _check_words(session, wanted)


def _check_words(session: Session, wanted: dict[Adresse, Entrees]) -> list[str]:
    usages = Counter((adresse[0], mot) for adresse, entrees in wanted.items() for mot in entrees.mots())
    ecarts: list[str] = []
    suppressions: set[tuple[int, str, int]] = set()
    seen = set()
    for mot in session.execute(select(MOT)):
        cle = (mot.territoire_id, mot.texte)
        seen.add(cle)
        if mot.frequence != usages[cle]:
            ecarts.append(f"mot {mot.id}\u00a0: fréquence {mot.frequence} au lieu de {usages[cle]}")
        if mot.phonetique != keys.phonetic(mot.texte):
            ecarts.append(f"mot {mot.id}\u00a0: clé phonétique périmée")
        suppressions |= {(mot.territoire_id, s, mot.id) for s in keys.deletions(mot.texte)}
    ecarts += [f"territoire {t} : il manque un mot" for t, mot in usages.keys() - seen]
    held = {tuple(row) for row in session.execute(select(SUPPRESSION))}
    return ecarts + [f"mot {mot_id}\u00a0: suppressions différentes" for _, _, mot_id in sorted(held ^ suppressions)]


# --- writing the difference -------------------------------------------------------------


def _apply(session: Session, stored: Mapping[Adresse, Entrees], wanted: Mapping[Adresse, Entrees]) -> None:
    rien = Entrees()
    deltas: Counter[tuple[int, str]] = Counter()
    changed = [a for a in stored.keys() | wanted.keys() if stored.get(a, rien) != wanted.get(a, rien)]
    for adresse in changed:
        avant, apres = stored.get(adresse, rien).mots(), wanted.get(adresse, rien).mots()
        deltas.update((adresse[0], mot) for mot in apres - avant)
        deltas.subtract((adresse[0], mot) for mot in avant - apres)
    ids = _word_ids(session, {(a[0], mot) for a in changed for mot in stored.get(a, rien).mots()})
    unused = _count_uses(session, {cle: delta for cle, delta in deltas.items() if delta}, ids)
    _write(session, PAIRE, _pair_rows(changed, stored, wanted, ids), _pair_rows(changed, wanted, stored, ids))
    _write(session, CLE, _key_rows(changed, stored, wanted), _key_rows(changed, wanted, stored))
    _write(session, SUPPRESSION, [row for t, mot, mot_id in unused for row in _deletion_rows(t, mot, mot_id)], [])
    _write(session, MOT, [{"id": mot_id} for _, _, mot_id in unused], [])


def _pair_rows(
    adresses: Iterable[Adresse],
    ici: Mapping[Adresse, Entrees],
    pas_la: Mapping[Adresse, Entrees],
    ids: dict[tuple[int, str], int],
) -> list[dict[str, Any]]:
    """The rows of pairs that are on one side (`ici`) and not on the other."""
    return [
        {"territoire_id": t, "mot_nom_id": ids[t, nom], "mot_prenom_id": ids[t, prenom], "usager_id": usager_id}
        for t, usager_id in adresses
        for nom, prenom in _only(ici, pas_la, (t, usager_id), "paires")
    ]


def _key_rows(
    adresses: Iterable[Adresse], ici: Mapping[Adresse, Entrees], pas_la: Mapping[Adresse, Entrees]
) -> list[dict[str, Any]]:
    return [
        {"territoire_id": t, "genre": genre, "cle": cle, "usager_id": usager_id}
        for t, usager_id in adresses
        for genre, cle in _only(ici, pas_la, (t, usager_id), "cles")
    ]


def _only(
    ici: Mapping[Adresse, Entrees], pas_la: Mapping[Adresse, Entrees], adresse: Adresse, quoi: str
) -> Iterable[tuple[str, str]]:
    rien = Entrees()
    return sorted(getattr(ici.get(adresse, rien), quoi) - getattr(pas_la.get(adresse, rien), quoi))


def _write(session: Session, table: Table, gone: list[dict[str, Any]], come: list[dict[str, Any]]) -> None:
    if gone:
        conditions = [colonne == bindparam(f"old_{colonne.name}") for colonne in table.primary_key]
        session.connection().execute(
            delete(table).where(*conditions), [{f"old_{n}": v for n, v in row.items()} for row in gone]
        )
    if come:
        session.connection().execute(table.insert(), come)


def _word_ids(session: Session, mots: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    return {
        (row.territoire_id, row.texte): row.id
        for lot in _lots(sorted(mots))
        for row in session.execute(
            select(MOT.c.territoire_id, MOT.c.texte, MOT.c.id).where(tuple_(MOT.c.territoire_id, MOT.c.texte).in_(lot))
        )
    }


def _count_uses(
    session: Session, deltas: dict[tuple[int, str], int], ids: dict[tuple[int, str], int]
) -> list[tuple[int, str, int]]:
    """Add these differences to the words' frequencies, new words with their deletions, and put
    their ids into `ids`; the (territoire, word, id) of the words that nobody uses any more."""
    if not deltas:
        return []
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert: Any = insert(MOT)
    upsert = upsert.on_conflict_do_update(
        index_elements=[MOT.c.territoire_id, MOT.c.texte],
        set_={"frequence": MOT.c.frequence + upsert.excluded.frequence},
    ).returning(MOT.c.territoire_id, MOT.c.texte, MOT.c.id, MOT.c.frequence)
    rows = [
        {"territoire_id": t, "texte": mot, "phonetique": keys.phonetic(mot), "frequence": deltas[t, mot]}
        for t, mot in sorted(deltas)
    ]
    nouvelles: list[dict[str, Any]] = []
    unused: list[tuple[int, str, int]] = []
    for lot in _lots(rows):
        for t, mot, mot_id, frequence in session.connection().execute(upsert, lot):
            ids[t, mot] = mot_id
            if frequence <= 0:
                unused.append((t, mot, mot_id))
            elif frequence == deltas[t, mot]:
                nouvelles += _deletion_rows(t, mot, mot_id)
    _write(session, SUPPRESSION, [], nouvelles)
    return unused


def _deletion_rows(territoire_id: int, mot: str, mot_id: int) -> list[dict[str, Any]]:
    return [{"territoire_id": territoire_id, "cle": s, "mot_id": mot_id} for s in sorted(keys.deletions(mot))]


def _lots(elements: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for debut in range(0, len(elements), LOT):
        yield elements[debut : debut + LOT]
