"""Creating and modifying with the judgement of R9: the check is made again under the write lock,
so that two people who type the same person at once do not both slip through."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.actions import alert_referents, set_aside, store_pairs
from fiches.doublons.personne import Personne
from fiches.doublons.queries import Candidat, Recherche, find_doublons, read_personne, strong_raised_by_change
from fiches.doublons.rules import unconfirmed
from fiches.organisations.queries import lock_territoire
from fiches.usagers import queries
from fiches.usagers.actions import create_usager, modify_usager
from fiches.usagers.saisie import Saisie


class DoublonsAConfirmer(Exception):
    """Strong candidates that the agent has not said to be somebody else (R9).

    `nouveaux`: they were not on the page when the tick was made.
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
) -> int:
    """Create the fiche unless a strong candidate is unconfirmed; its id.

    The judgement is kept and the other pairs are stored. Raises DoublonsAConfirmer.
    """
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        recherche = find_doublons(session, contexte, personne)
        _check(recherche, _strong(recherche), autre_personne, vus)
        usager_id = create_usager(
            session,
            saisie,
            territoire_id=contexte.territoire_id,
            organisation_id=contexte.organisation_id,
            agent_id=contexte.agent.id,
            le=le,
        )
        _keep(session, contexte, usager_id, recherche, _strong(recherche), "creation", le)
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
) -> list[str]:
    """Modify the fiche unless the change itself raises an unconfirmed strong candidate.

    The names of the changed fields; raises DoublonsAConfirmer and what modify_usager raises.
    """
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        queries.get_usager(session, contexte, usager_id, writing=True)
        avant = find_doublons(session, contexte, read_personne(session, usager_id), sauf=usager_id)
        champs = modify_usager(session, contexte, usager_id, saisie, version, le)
        apres = find_doublons(session, contexte, personne, sauf=usager_id)
        raised = list(strong_raised_by_change(avant, apres))
        _check(apres, raised, autre_personne, vus)
        _keep(session, contexte, usager_id, apres, raised, "modification", le)
    return champs


def _strong(recherche: Recherche) -> list[Candidat]:
    return [c for c in recherche.candidats if c.fort]


def _check(recherche: Recherche, forts: list[Candidat], ticked: bool, vus: Collection[int] | None) -> None:
    if unconfirmed([c.usager_id for c in forts], ticked, vus):
        raise DoublonsAConfirmer(recherche, nouveaux=ticked)


def _keep(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    recherche: Recherche,
    judged: list[Candidat],
    origine: str,
    le: datetime,
) -> None:
    judged_ids = {c.usager_id for c in judged}
    others = [c for c in recherche.candidats if c.usager_id not in judged_ids]
    set_aside(session, contexte, usager_id, judged, raison=origine, le=le)
    store_pairs(session, contexte, usager_id, others, origine=origine, le=le)
    alert_referents(session, contexte, recherche.proteges_touches, le=le)
