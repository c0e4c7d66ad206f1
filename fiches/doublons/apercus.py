"""Showing fiches of other organisations (R10): each display is journalled, their number limited."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.queries import Candidat, Recherche
from fiches.journal.actions import record
from fiches.journal.models import EntreeJournal

ACTE = "apercu"


def limit_apercus(session: Session, contexte: Contexte, recherche: Recherche, le: datetime, maximum: int) -> Recherche:
    """The same search as this agent may see it (`permitted`), its new displays journalled."""
    montree = permitted(session, contexte, recherche, le, maximum)
    record_apercus(session, contexte, montree, le)
    return montree


def permitted(session: Session, contexte: Contexte, recherche: Recherche, le: datetime, maximum: int) -> Recherche:
    """The same search with as many candidates, but for the outside ones that the day's limit
    forbids to show: what comes next takes their place. Nothing is written.

    A fiche counts once per agent and day, however often a keystroke shows it again.
    """
    if not any(c.externe for c in recherche.tous):
        return recherche
    deja = shown_lately(session, contexte, le)
    reste = maximum - len(deja)
    montres: list[Candidat] = []
    for c in recherche.tous:
        nouveau = c.externe and c.usager_id not in deja
        if len(montres) < len(recherche.candidats) and (not nouveau or reste > 0):
            montres.append(c)
            reste -= nouveau
    return replace(recherche, candidats=tuple(montres))


def record_apercus(session: Session, contexte: Contexte, recherche: Recherche, le: datetime) -> None:
    """Journal the outside fiches that this search shows, those shown within a day left out."""
    externes = [c.usager_id for c in recherche.candidats if c.externe]
    if not externes:
        return
    deja = shown_lately(session, contexte, le)
    nouveaux = [i for i in externes if i not in deja]
    if not nouveaux:
        return
    with transaction(session):
        for usager_id in nouveaux:
            record(
                session,
                ACTE,
                usager_id=usager_id,
                le=le,
                agent_id=contexte.agent.id,
                organisation_id=contexte.organisation_id,
            )


def shown_lately(session: Session, contexte: Contexte, le: datetime) -> set[int]:
    """The outside fiches that this agent was shown within a day."""
    rows = session.scalars(
        select(func.distinct(EntreeJournal.usager_id)).where(
            EntreeJournal.agent_id == contexte.agent.id,
            EntreeJournal.acte == ACTE,
            EntreeJournal.le > le - timedelta(days=1),
        )
    )
    return set(rows)
