"""Creating and modifying with the judgement of R9: the check is made again under the write lock,
so that two people who type the same person at once do not both slip through.

Only what the agent may see is asked about: an outside fiche that the day's limit forbids to show
(R10) is neither shown nor asked about, but its pair is stored.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.actions import alert_referents, set_aside, store_pairs
from fiches.doublons.apercus import permitted, record_apercus, shown_lately
from fiches.doublons.personne import Personne
from fiches.doublons.queries import Candidat, Recherche, find_doublons, read_personne
from fiches.doublons.rules import unconfirmed
from fiches.organisations.queries import lock_territoire
from fiches.usagers import queries
from fiches.usagers.actions import create_usager, modify_usager
from fiches.usagers.saisie import Saisie

FORTS_MONTRES = 20  # strong candidates shown at once when they are asked about
APERCUS_MAXIMUM = 50  # outside fiches shown to an agent in a day, unless the caller says otherwise


class DoublonsAConfirmer(Exception):
    """Strong candidates that the agent has not said to be somebody else (R9).

    `recherche` is what to show: those asked about first, its outside fiches within the day's
    limit and journalled. `nouveaux`: they were not on the page when the tick was made.
    """

    def __init__(self, recherche: Recherche, nouveaux: bool) -> None:
        super().__init__("unconfirmed")
        self.recherche = recherche
        self.nouveaux = nouveaux


def create_judged(
    session: Session,
    contexte: Contexte,
    saisie: Saisie,
    personne: Personne,
    *,
    autre_personne: bool,
    vus: Collection[int] | None,
    le: datetime,
    apercus_maximum: int = APERCUS_MAXIMUM,
    ensuite: Callable[[int], object] | None = None,
) -> int:
    """Create the fiche unless a strong candidate is unconfirmed; its id.

    The judgement is kept and the other pairs are stored. `ensuite` is called with the id in the same
    transaction: what it raises undoes the creation. Raises DoublonsAConfirmer.
    """
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        recherche = find_doublons(session, contexte, personne)
        forts = _strong(recherche)
        ouverts = _open(session, contexte, forts, autre_personne, vus, le)
        page = _page(session, contexte, recherche, forts, ouverts, le, apercus_maximum)
        if page is not None:
            record_apercus(session, contexte, page, le)
        else:
            usager_id = create_usager(
                session,
                saisie,
                territoire_id=contexte.territoire_id,
                organisation_id=contexte.organisation_id,
                agent_id=contexte.agent.id,
                le=le,
            )
            judged = [c for c in forts if c.usager_id not in ouverts]
            _keep(session, contexte, usager_id, recherche, judged, "creation", le)
            if ensuite is not None:
                ensuite(usager_id)
    if page is not None:  # raised after the commit: what is shown is journalled
        raise DoublonsAConfirmer(page, nouveaux=autre_personne)
    return usager_id


def modify_judged(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    saisie: Saisie,
    personne: Personne,
    version: int | None,
    *,
    autre_personne: bool,
    vus: Collection[int] | None,
    le: datetime,
    apercus_maximum: int = APERCUS_MAXIMUM,
) -> list[str]:
    """Modify the fiche unless the change itself raises an unconfirmed strong candidate.

    The names of the changed fields; raises DoublonsAConfirmer and what modify_usager raises.
    """
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        queries.get_usager(session, contexte, usager_id, writing=True)
        avant = find_doublons(session, contexte, read_personne(session, usager_id), sauf=usager_id)
        essai = session.begin_nested()
        champs = modify_usager(session, contexte, usager_id, saisie, version, le)
        apres = find_doublons(session, contexte, personne, sauf=usager_id)
        raised = [c for c in _strong(apres) if c.usager_id not in avant.forts]
        ouverts = _open(session, contexte, raised, autre_personne, vus, le)
        page = _page(session, contexte, apres, raised, ouverts, le, apercus_maximum)
        if page is not None:
            essai.rollback()
            record_apercus(session, contexte, page, le)
        else:
            essai.commit()
            judged = [c for c in raised if c.usager_id not in ouverts]
            _keep(session, contexte, usager_id, apres, judged, "modification", le)
    if page is not None:
        raise DoublonsAConfirmer(page, nouveaux=autre_personne)
    return champs


def _strong(recherche: Recherche) -> list[Candidat]:
    return [c for c in recherche.tous if c.fort]


def _open(
    session: Session,
    contexte: Contexte,
    forts: Collection[Candidat],
    ticked: bool,
    vus: Collection[int] | None,
    le: datetime,
) -> set[int]:
    """The strong candidates that the agent did not judge. An outside fiche that was never shown
    cannot be among those that a form says were shown (R10)."""
    ouverts = unconfirmed([c.usager_id for c in forts], ticked, vus)
    externes = {c.usager_id for c in forts if c.externe and vus is not None}
    return ouverts | (externes - shown_lately(session, contexte, le)) if externes else ouverts


def _page(
    session: Session,
    contexte: Contexte,
    recherche: Recherche,
    forts: Collection[Candidat],
    ouverts: Collection[int],
    le: datetime,
    maximum: int,
) -> Recherche | None:
    """What to ask about: the unjudged first, then the others. None when no unjudged may be shown."""
    tous = tuple(sorted(recherche.tous, key=lambda c: c.usager_id not in ouverts))
    nombre = max(len(recherche.candidats), min(FORTS_MONTRES, len(recherche.forts)))
    confirmes = tuple(c.usager_id for c in forts if c.usager_id not in ouverts)
    page = replace(recherche, tous=tous, candidats=tous[:nombre], confirmes=confirmes)
    page = permitted(session, contexte, page, le, maximum)
    return page if any(c.usager_id in ouverts for c in page.candidats) else None


def _keep(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    recherche: Recherche,
    judged: Collection[Candidat],
    origine: str,
    le: datetime,
) -> None:
    """Keep the judgement; every other strong pair, and the likeliest of the rest, go to the queue."""
    judged_ids = {c.usager_id for c in judged}
    retenus = {c.usager_id: c for c in (*recherche.candidats, *_strong(recherche))}
    others = [c for i, c in retenus.items() if i not in judged_ids]
    set_aside(session, contexte, usager_id, judged, raison=origine, le=le)
    store_pairs(session, contexte, usager_id, others, origine=origine, le=le)
    alert_referents(session, contexte, recherche.proteges_touches, le=le)
