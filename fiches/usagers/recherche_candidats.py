"""The fiches that a search is judged against, through the index and never by a scan (R12).

Words are looked up in the vocabulary of the territoire (beginnings, one typo, sound-alikes), then
fiches under pairs of those words; data by their exact keys. With names and data together, the fiches
under both come besides: a common name never pushes out the one whose birth date was typed.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons.keys import exact_keys
from fiches.doublons.models import CleExacte, Paire
from fiches.doublons.voisinage import FIN, words_near, words_with_prefix
from fiches.journal.models import EntreeJournal
from fiches.usagers.jugement import Portrait
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Usager
from fiches.usagers.requete import Donnee, Requete, near_dates
from fiches.usagers.rules import closed_fields

CANDIDATS = 300  # fiches taken from one source at most
VOISINS = 40  # vocabulary words taken for one typed word

CONTACTS = frozenset({"telephone", "email"})  # genres that a fiche protégée keeps for its référents (R11)


def find_candidates(session: Session, territoire_id: int, scope: Sequence[int], lu: Requete) -> set[int]:
    """The fiches of these organisations worth judging."""
    ids: set[int] = set()
    conditions = [c for donnee in lu.donnees for c in _conditions(territoire_id, donnee)]
    if lu.entier:
        conditions.append(_under(territoire_id, "dossier", lu.entier))
    for condition in conditions:
        ids |= _in_scope(session, select(CleExacte.usager_id).where(condition), CleExacte.usager_id, scope)
    if numero := lu.first("numero"):
        ids |= _by_number(session, scope, int(numero))
    if lu.mots:
        ids |= _by_names(session, territoire_id, scope, lu)
    return ids


def _conditions(territoire_id: int, donnee: Donnee) -> list[ColumnElement[bool]]:
    return [_under(territoire_id, genre, debut) for genre, debut in donnee.lectures if genre != "numero"]


def _under(territoire_id: int, genre: str, debut: str) -> ColumnElement[bool]:
    return and_(
        CleExacte.territoire_id == territoire_id,
        CleExacte.genre == genre,
        CleExacte.cle >= debut,
        CleExacte.cle < debut + FIN,
    )


def _in_scope(
    session: Session, statement: Select[int], column: ColumnElement[int] | object, scope: Sequence[int]
) -> set[int]:
    return set(
        session.scalars(
            statement.join(
                Rattachement, and_(Rattachement.usager_id == column, Rattachement.organisation_id.in_(scope))
            )
            .distinct()
            .limit(CANDIDATS)
        )
    )


def _by_number(session: Session, scope: Sequence[int], numero: int) -> set[int]:
    usager = session.get(Usager, numero)
    if usager is None:
        return set()
    return _in_scope(
        session, select(Usager.id).where(Usager.id == (usager.fusionne_vers_id or numero)), Usager.id, scope
    )


# --- names --------------------------------------------------------------------------------


def _by_names(session: Session, territoire_id: int, scope: Sequence[int], lu: Requete) -> set[int]:
    """Fiches under the vocabulary's words that begin like, or are spelled nearly like, these."""
    mots = lu.mots
    voisins = {mot: _neighbours(session, territoire_id, mot) for mot in mots}
    tous = sorted({i for v in voisins.values() for i in v})
    ids: set[int] = set()

    def add(*conditions: ColumnElement[bool]) -> None:
        statement = select(Paire.usager_id).where(Paire.territoire_id == territoire_id, *conditions)
        ids.update(_in_scope(session, statement, Paire.usager_id, scope))

    def under_one(words: Sequence[int]) -> ColumnElement[bool]:
        return or_(Paire.mot_nom_id.in_(words), Paire.mot_prenom_id.in_(words))

    if lu.donnees:
        add(under_one(tous), _also_under(territoire_id, lu.donnees))
    if len(mots) > 1:
        add(Paire.mot_nom_id.in_(tous), Paire.mot_prenom_id.in_(tous))
    joints = {"".join(mots): _neighbours(session, territoire_id, "".join(mots))} if len(mots) > 1 else voisins
    for mot, trouves in joints.items():
        if trouves and len(mot) > 1:
            add(under_one(trouves))
    return ids


def _also_under(territoire_id: int, donnees: Sequence[Donnee]) -> ColumnElement[bool]:
    """The fiche of a pair has one of these data, or a birth date a slip away."""
    conditions = [c for donnee in donnees for c in _conditions(territoire_id, donnee)]
    glissees = sorted(d for donnee in donnees for d in near_dates(donnee.read_as("naissance") or ""))
    if glissees:
        conditions.append(
            and_(CleExacte.territoire_id == territoire_id, CleExacte.genre == "naissance", CleExacte.cle.in_(glissees))
        )
    return exists().where(CleExacte.usager_id == Paire.usager_id, or_(*conditions))


def _neighbours(session: Session, territoire_id: int, mot: str) -> list[int]:
    debuts = [m.id for m in words_with_prefix(session, territoire_id, mot, VOISINS)]
    proches = [m.id for m in words_near(session, territoire_id, mot)] if len(mot) >= 3 else []
    return list(dict.fromkeys(debuts + proches))[: 2 * VOISINS]


# --- what the candidates are judged by ------------------------------------------------------


def read_portraits(session: Session, contexte: Contexte, ids: Collection[int], lu: Requete) -> list[Portrait]:
    """What of these fiches a search is compared with, in a fixed number of statements.

    A datum that the agent may not read is not compared, so that nobody guesses it digit by digit:
    the contact of a fiche protégée is for its référents (R11), the numéro de dossier for the
    services that wrote it or made the fiche (R10).
    """
    usagers = session.execute(
        select(
            Usager.id, Usager.prenom, Usager.nom, Usager.nom_naissance, Usager.date_naissance, Usager.protegee,
            Usager.email, Usager.telephone, Usager.telephone_2, Usager.numero_dossier,
        ).where(Usager.id.in_(ids), Usager.fusionne_vers_id.is_(None))
    ).all()  # fmt: skip
    anciens: dict[int, list[tuple[str | None, str | None, str]]] = {}
    for usager_id, prenom, nom, origine in session.execute(
        select(AncienNom.usager_id, AncienNom.prenom, AncienNom.nom, AncienNom.origine).where(
            AncienNom.usager_id.in_(ids), AncienNom.affiche
        )
    ):
        anciens.setdefault(usager_id, []).append((prenom, nom, origine))
    if not lu.donnees:
        return [Portrait(u.id, u.prenom, u.nom, u.nom_naissance, anciens.get(u.id, ())) for u in usagers]
    contacts = _former_contacts(session, ids)
    numeros = _former_numbers(session, ids) if lu.first("numero") else {}
    fermes = _closed(session, contexte, usagers, lu)
    return [
        Portrait(
            u.id, u.prenom, u.nom, u.nom_naissance, anciens.get(u.id, ()),
            _keys(u, contacts.get(u.id, ()), numeros.get(u.id, ())), fermes.get(u.id, frozenset()),
        )
        for u in usagers
    ]  # fmt: skip


def _keys(usager: Any, contacts: Sequence[tuple[str, str]], numeros: Sequence[int]) -> dict[str, list[tuple[str, str]]]:
    """Genre → (field, key), the present data before the former ones."""
    donnees = [("date_naissance", exact_keys(usager.date_naissance, (), ()))]
    donnees += [("numero_dossier", exact_keys(None, (), (), usager.numero_dossier))]
    donnees += [("email", exact_keys(None, [usager.email or ""], ()))]
    donnees += [(nom, exact_keys(None, (), [getattr(usager, nom) or ""])) for nom in ("telephone", "telephone_2")]
    for genre, valeur in contacts:
        emails, telephones = ([valeur], []) if genre == "email" else ([], [valeur])
        donnees.append((f"ancien_{genre}", exact_keys(None, emails, telephones)))
    cles: dict[str, list[tuple[str, str]]] = {"numero": [("id", str(usager.id))]}
    cles["numero"] += [("ancien_numero", str(n)) for n in numeros]
    for champ, trouvees in donnees:
        for genre, cle in trouvees:
            cles.setdefault(genre, []).append((champ, cle))
    return cles


def _former_contacts(session: Session, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    contacts: dict[int, list[tuple[str, str]]] = {}
    for usager_id, genre, valeur in session.execute(
        select(AncienContact.usager_id, AncienContact.genre, AncienContact.valeur)
        .where(AncienContact.usager_id.in_(ids))
        .order_by(AncienContact.id)
    ):
        contacts.setdefault(usager_id, []).append((genre, valeur))
    return contacts


def _former_numbers(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    numeros: dict[int, list[int]] = {}
    for vers, absorbe in session.execute(
        select(Usager.fusionne_vers_id, Usager.id).where(Usager.fusionne_vers_id.in_(ids)).order_by(Usager.id)
    ):
        if vers is not None:
            numeros.setdefault(vers, []).append(absorbe)
    return numeros


def _closed(session: Session, contexte: Contexte, usagers: Sequence[Any], lu: Requete) -> dict[int, frozenset[str]]:
    """Genres of data that this agent may not read, by fiche."""
    fermes: dict[int, frozenset[str]] = {}
    protegees = [u.id for u in usagers if u.protegee]
    miennes = set(
        session.scalars(
            select(Referent.usager_id).where(
                Referent.usager_id.in_(protegees),
                Referent.agent_id == contexte.agent.id,
                Referent.organisation_id.in_(contexte.portee),
            )
        )
    )
    for usager_id in set(protegees) - miennes:
        fermes[usager_id] = CONTACTS
    if any(d.read_as("dossier") for d in lu.donnees):
        for usager_id in _dossier_closed(session, contexte, [u.id for u in usagers if u.numero_dossier]):
            fermes[usager_id] = fermes.get(usager_id, frozenset()) | {"dossier"}
    return fermes


def _dossier_closed(session: Session, contexte: Contexte, ids: Sequence[int]) -> list[int]:
    if "numero_dossier" in contexte.champs_masques:
        return list(ids)
    raisons: dict[int, list[str]] = {i: [] for i in ids}
    for usager_id, raison in session.execute(
        select(Rattachement.usager_id, Rattachement.raison).where(
            Rattachement.usager_id.in_(ids), Rattachement.organisation_id.in_(contexte.portee)
        )
    ):
        raisons[usager_id].append(raison)
    fermes = [i for i, motifs in raisons.items() if closed_fields(motifs, ["numero_dossier"], ())]
    ecrits = session.execute(
        select(EntreeJournal.usager_id, EntreeJournal.champs).where(
            EntreeJournal.usager_id.in_(fermes), EntreeJournal.organisation_id.in_(contexte.portee)
        )
    )
    ouverts = {usager_id for usager_id, champs in ecrits if "numero_dossier" in champs}
    return [i for i in fermes if i not in ouverts]
