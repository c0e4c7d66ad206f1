"""Importing a file of fiches (R34): good lines in one transaction, the others returned with a reason.

Import only creates. It merges and attaches nothing (R0), touches no existing préférence (R18): a
probable duplicate becomes a pair in the queue, that a person will judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import AgentConnecte, Contexte
from fiches.db import refresh_statistics, transaction
from fiches.doublons.actions import alert_referents, store_pairs
from fiches.doublons.queries import Candidat, find_doublons, read_personne
from fiches.echanges import queries
from fiches.echanges.copie import copy_of_base
from fiches.echanges.lecture import Table
from fiches.echanges.preparation import FichePrete, prepare, write_all
from fiches.echanges.queries import Service
from fiches.echanges.rules import LigneBonne, LigneRejetee, check_colonnes, key_dossier, read_ligne, sort_out

LOT_COMPARE = 100  # fiches whose pairs are stored by one transaction
LIMITE_PAIRES = 20  # pairs kept of one new fiche
SANS_STATISTIQUES = 500  # fiches that the database's planner can do without knowing of
AUCUN_AGENT = 0  # no agent has this id

Pair = tuple[int, int]  # two fiches, the smaller id first

Avance = Callable[[int], None]  # told how many more lines are done


class OrganisationIntrouvable(Exception):
    """No organisation has this id."""


@dataclass(frozen=True)
class Bilan:
    """What an import did, or would do when simulated."""

    importees: int
    rejetees: tuple[LigneRejetee, ...]
    doublons: int


@dataclass(frozen=True)
class _Ressemblances:
    """What was found of one new fiche: strong candidates, and fiches protégées to alert (R11)."""

    usager_id: int
    forts: list[Candidat]
    proteges: tuple[int, ...]


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

    Agents save in the meantime: all that can be computed is, before the transaction begins, and
    the pairs follow lot by lot in short transactions of their own. Were the machine to stop in
    between, the fiches are all there, and a pair still missing appears when one of the two is
    next modified. With `simuler` the same is done in a copy of the base that is thrown away.
    """
    check_colonnes(table.colonnes)
    service = queries.read_service(session, organisation_id)
    if service is None:
        raise OrganisationIntrouvable
    lues = [read_ligne(table.colonnes, brute, aujourdhui) for brute in table.lignes]
    if not simuler:
        return _import_all(session, lues, service, le, avance)
    with copy_of_base(session) as copie:
        return _import_all(copie, lues, service, le, avance)


def _import_all(
    session: Session, lues: Sequence[LigneBonne | LigneRejetee], service: Service, le: datetime, avance: Avance
) -> Bilan:
    """Prepare, write in one transaction, compare."""
    rejetees = [ligne for ligne in lues if isinstance(ligne, LigneRejetee)]
    lisibles = [ligne for ligne in lues if isinstance(ligne, LigneBonne)]
    connus = queries.read_dossiers(session, service.id)
    bonnes, refusees = sort_out(lisibles, set(map(key_dossier, connus)), _responsables(session, lisibles, service))
    pretes: list[FichePrete] = []
    for ligne in bonnes:
        pretes.append(prepare(ligne, service, session.info.get("sel", b""), le))
        avance(1)
    with transaction(session):
        pretes, tardives = _still_good(session, pretes, service, connus)
        ids = queries.reserve_ids(session, len(pretes))
        write_all(session, pretes, ids, service.territoire_id)
        if len(ids) > SANS_STATISTIQUES:
            refresh_statistics(session)
    rejetees = sorted([*rejetees, *refusees, *tardives], key=lambda rejet: rejet.brute.numero)
    avance(2 * len(rejetees) - len(tardives))
    paires = _match_all(session, ids, service, le, avance)
    return Bilan(len(ids), tuple(rejetees), len(paires))


def _responsables(session: Session, lignes: Sequence[LigneBonne], service: Service) -> set[int]:
    cites = {ligne.responsable_id for ligne in lignes if ligne.responsable_id is not None}
    return queries.attached_ids(session, service.id, cites)


def _still_good(
    session: Session, pretes: Sequence[FichePrete], service: Service, connus: set[str]
) -> tuple[list[FichePrete], list[LigneRejetee]]:
    """What is to be written now that nobody else writes: somebody may have used a dossier since it
    was looked up, or merged a responsable."""
    lignes = [prete.ligne for prete in pretes]
    nouveaux = set(map(key_dossier, queries.read_dossiers(session, service.id) - connus))
    bonnes, tardives = sort_out(lignes, nouveaux, _responsables(session, lignes, service))
    gardees = {ligne.brute.numero for ligne in bonnes} if tardives else None
    return [prete for prete in pretes if gardees is None or prete.ligne.brute.numero in gardees], tardives


def _match_all(session: Session, ids: Sequence[int], service: Service, le: datetime, avance: Avance) -> set[Pair]:
    """Store a pair for each fiche that is probably one of the new ones; the pairs (R0: no more than that).

    The comparison only reads; a transaction is open for as long as it takes to store what was found.
    """
    contexte = _contexte(service)
    paires: set[Pair] = set()
    for debut in range(0, len(ids), LOT_COMPARE):
        lot = ids[debut : debut + LOT_COMPARE]
        vivants = queries.attached_ids(session, service.id, lot)
        trouvees = [_find(session, contexte, usager_id) for usager_id in lot if usager_id in vivants]
        session.rollback()
        paires |= _store(session, contexte, [r for r in trouvees if r.forts or r.proteges], le)
        avance(len(lot))
    return paires


def _find(session: Session, contexte: Contexte, usager_id: int) -> _Ressemblances:
    personne = read_personne(session, usager_id)
    recherche = find_doublons(session, contexte, personne, sauf=usager_id, limite=LIMITE_PAIRES)
    return _Ressemblances(usager_id, [c for c in recherche.candidats if c.fort], recherche.proteges_touches)


def _store(session: Session, contexte: Contexte, trouvees: Sequence[_Ressemblances], le: datetime) -> set[Pair]:
    """Store the pairs of fiches that nobody has merged since they were compared."""
    paires: set[Pair] = set()
    if not trouvees:
        return paires
    with transaction(session):
        vivants = queries.living_ids(
            session, {i for r in trouvees for i in (r.usager_id, *(c.usager_id for c in r.forts))}
        )
        for r in trouvees:
            if r.usager_id in vivants:
                forts = [c for c in r.forts if c.usager_id in vivants]
                store_pairs(session, contexte, r.usager_id, forts, origine="import", le=le)
                alert_referents(session, contexte, r.proteges, le=le)
                paires |= {(min(r.usager_id, c.usager_id), max(r.usager_id, c.usager_id)) for c in forts}
    return paires


def _contexte(service: Service) -> Contexte:
    """An import acts for its organisation and for no agent: it sees what is attached there, and R10."""
    personne = AgentConnecte(AUCUN_AGENT, "", "Import", ())
    return Contexte(personne, service.id, service.nom, service.territoire_id, (service.id,))
