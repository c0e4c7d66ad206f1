"""Importing a file of fiches (R34): good lines in one transaction, the others returned with a reason.

Import only creates. It merges and attaches nothing (R0), touches no existing préférence (R18): a
probable duplicate becomes a pair in the queue, that a person will judge.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from fiches.acces.rules import AgentConnecte, Contexte
from fiches.db import refresh_statistics, transaction
from fiches.doublons.actions import alert_referents, store_pairs
from fiches.doublons.index import reindex
from fiches.doublons.queries import find_doublons, read_personne
from fiches.echanges import queries
from fiches.echanges.lecture import Table
from fiches.echanges.queries import Service
from fiches.echanges.rules import LigneBonne, LigneRejetee, check_colonnes, key_dossier, read_ligne
from fiches.journal.actions import digest
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.usagers.champs import COLONNES
from fiches.usagers.models import Rattachement, Remarque, Usager
from fiches.usagers.saisie import DRAPEAUX

LOT = 500  # fiches written by one statement
LOT_COMPARE = 200  # fiches compared in one transaction
LIMITE_PAIRES = 20  # pairs kept of one new fiche
AUCUN_AGENT = 0  # no agent has this id

Pair = tuple[int, int]  # two fiches, the smaller id first

Avance = Callable[[int], None]  # told how many more lines are done


class OrganisationIntrouvable(Exception):
    """No organisation has this id."""


class _Simulation(Exception):
    """Ends a simulated import: everything it wrote is taken back."""


@dataclass(frozen=True)
class Bilan:
    """What an import did, or would do when simulated."""

    importees: int
    rejetees: tuple[LigneRejetee, ...]
    doublons: int


def import_fiches(
    session: Session,
    table: Table,
    organisation_id: int,
    *,
    simuler: bool,
    aujourdhui: date,
    le: datetime,
    avance: Avance = lambda _: None,
) -> Bilan:
    """Create a fiche for each good line, in one transaction. Raises FichierRefuse, OrganisationIntrouvable.

    The pairs follow lot by lot in transactions of their own, so that agents are not kept waiting
    behind a long file; were the machine to stop in between, the fiches are all there, and a pair
    still missing appears when one of the two is next modified. With `simuler` everything is done
    in one transaction and then rolled back.
    """
    check_colonnes(table.colonnes)
    service = queries.read_service(session, organisation_id)
    if service is None:
        raise OrganisationIntrouvable
    lues = [read_ligne(table.colonnes, brute, aujourdhui) for brute in table.lignes]
    paires: set[Pair] = set()
    ids: list[int] = []
    rejetees: list[LigneRejetee] = []
    try:
        with transaction(session):
            bonnes, rejetees = _sort_out(session, lues, organisation_id)
            avance(2 * len(rejetees))
            ids = _create_all(session, bonnes, service, le, avance)
            if simuler:
                paires = _match_all(session, ids, service, le, avance)
                raise _Simulation
    except _Simulation:
        pass
    else:
        paires = _match_all(session, ids, service, le, avance)
    return Bilan(len(ids), tuple(rejetees), len(paires))


def _sort_out(
    session: Session, lues: Sequence[LigneBonne | LigneRejetee], organisation_id: int
) -> tuple[list[LigneBonne], list[LigneRejetee]]:
    """The lines that go in and those that do not, also for what only the base can tell."""
    dossiers = queries.taken_dossiers(session, organisation_id)
    cites = (ligne.responsable_id for ligne in lues if isinstance(ligne, LigneBonne))
    responsables = queries.attached_ids(session, organisation_id, (i for i in cites if i is not None))
    bonnes: list[LigneBonne] = []
    rejetees: list[LigneRejetee] = []
    for ligne in lues:
        if isinstance(ligne, LigneRejetee):
            rejetees.append(ligne)
            continue
        dossier = key_dossier(ligne.saisie.valeurs.get("numero_dossier"))
        if dossier and dossier in dossiers:
            rejetees.append(LigneRejetee(ligne.brute, "Déjà importé : ce numéro de dossier existe déjà."))
        elif ligne.responsable_id is not None and ligne.responsable_id not in responsables:
            motif = "responsable_id : ce numéro n’est pas celui d’une fiche de cette organisation."
            rejetees.append(LigneRejetee(ligne.brute, motif))
        else:
            dossiers.add(dossier)
            bonnes.append(ligne)
    return bonnes, rejetees


def _create_all(
    session: Session, bonnes: Sequence[LigneBonne], service: Service, le: datetime, avance: Avance
) -> list[int]:
    """Write the fiches with what hangs on them, lot by lot; their ids in the order of the lines."""
    ids: list[int] = []
    for debut in range(0, len(bonnes), LOT):
        lot = bonnes[debut : debut + LOT]
        statement = insert(Usager).returning(Usager.id, sort_by_parameter_order=True)
        nouveaux = list(session.scalars(statement, [_usager_row(ligne, service, le) for ligne in lot]))
        liens = list(zip(nouveaux, lot, strict=True))
        commun = {"organisation_id": service.id}
        _insert_all(
            session, Rattachement, ({"usager_id": i, "raison": "import", "cree_le": le} | commun for i in nouveaux)
        )
        _insert_all(session, Remarque, (_remarque_row(i, ligne, le) | commun for i, ligne in liens if _texte(ligne)))
        _insert_all(session, LienProche, (_lien_row(i, ligne, le) for i, ligne in liens if ligne.responsable_id))
        _insert_all(session, EntreeJournal, (_journal_row(session, i, ligne, le) | commun for i, ligne in liens))
        reindex(session, nouveaux)
        ids += nouveaux
        avance(len(lot))
    if len(ids) > LOT:
        refresh_statistics(session)
    return ids


def _match_all(session: Session, ids: Sequence[int], service: Service, le: datetime, avance: Avance) -> set[Pair]:
    """Store a pair for each fiche that is probably one of the new ones; the pairs (R0: no more than that)."""
    contexte = _contexte(service)
    paires: set[Pair] = set()
    for debut in range(0, len(ids), LOT_COMPARE):
        lot = ids[debut : debut + LOT_COMPARE]
        with transaction(session):
            vivants = queries.attached_ids(session, service.id, lot)
            for usager_id in lot:
                if usager_id in vivants:
                    paires |= _match_one(session, contexte, usager_id, le)
        avance(len(lot))
    return paires


def _match_one(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> set[Pair]:
    recherche = find_doublons(
        session, contexte, read_personne(session, usager_id), sauf=usager_id, limite=LIMITE_PAIRES
    )
    forts = [candidat for candidat in recherche.candidats if candidat.fort]
    store_pairs(session, contexte, usager_id, forts, origine="import", le=le)
    alert_referents(session, contexte, recherche.proteges_touches, le=le)
    return {(min(usager_id, c.usager_id), max(usager_id, c.usager_id)) for c in forts}


def _contexte(service: Service) -> Contexte:
    """An import acts for its organisation and for no agent: it sees what is attached there, and R10."""
    personne = AgentConnecte(AUCUN_AGENT, "", "Import", ())
    return Contexte(personne, service.id, service.nom, service.territoire_id, (service.id,))


def _usager_row(ligne: LigneBonne, service: Service, le: datetime) -> dict[str, Any]:
    saisie = ligne.saisie
    return {
        "territoire_id": service.territoire_id,
        "cree_le": le,
        "modifie_le": le,
        "notif_email": saisie.notif_email is not False,
        "notif_sms": saisie.notif_sms is not False,
        **{nom: saisie.valeurs.get(nom) for nom in COLONNES},
        **{nom: saisie.drapeaux.get(nom, False) for nom in DRAPEAUX},
    }


def _texte(ligne: LigneBonne) -> Any:
    return ligne.saisie.valeurs.get("remarques")


def _remarque_row(usager_id: int, ligne: LigneBonne, le: datetime) -> dict[str, Any]:
    return {"usager_id": usager_id, "texte": _texte(ligne), "modifie_le": le}


def _lien_row(usager_id: int, ligne: LigneBonne, le: datetime) -> dict[str, Any]:
    return {"proche_id": usager_id, "responsable_id": ligne.responsable_id, "nature": "familial", "cree_le": le}


def _journal_row(session: Session, usager_id: int, ligne: LigneBonne, le: datetime) -> dict[str, Any]:
    """One line of the journal: names of the fields and salted digests, no value (R36)."""
    sel = session.info.get("sel", b"")
    valeurs = {nom: v for nom, v in ligne.saisie.valeurs.items() if v is not None}
    return {
        "le": le,
        "acte": "import",
        "usager_id": usager_id,
        "champs": list(valeurs),
        "empreintes": {nom: digest(sel, nom, v) for nom, v in valeurs.items()},
        "details": {"ligne": ligne.brute.numero},
    }


def _insert_all(session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    lignes = list(rows)
    if lignes:
        session.execute(insert(table), lignes)
