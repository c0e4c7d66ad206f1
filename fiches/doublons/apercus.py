"""Showing fiches of other organisations (R10): each display is journalled, their number limited."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.queries import Recherche
from fiches.journal.actions import record
from fiches.journal.models import EntreeJournal

ACTE = "apercu"


def limit_apercus(session: Session, contexte: Contexte, recherche: Recherche, le: datetime, maximum: int) -> Recherche:
    """The same search without the outside fiches that the day's limit forbids to show.

    A fiche counts once per agent and day, however often a keystroke shows it again.
    """
    externes = [c.usager_id for c in recherche.candidats if c.externe]
    if not externes:
        return recherche
    permis = allow_apercus(session, contexte, externes, le, maximum)
    return replace(recherche, candidats=tuple(c for c in recherche.candidats if not c.externe or c.usager_id in permis))


def allow_apercus(
    session: Session, contexte: Contexte, usager_ids: Collection[int], le: datetime, maximum: int
) -> set[int]:
    """Of these outside fiches, those that may be shown; the new ones are journalled."""
    shown = _shown_lately(session, contexte, le)
    nouveaux = [i for i in dict.fromkeys(usager_ids) if i not in shown][: max(0, maximum - len(shown))]
    if nouveaux:
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
    return (shown | set(nouveaux)) & set(usager_ids)


def _shown_lately(session: Session, contexte: Contexte, le: datetime) -> set[int]:
    rows = session.scalars(
        select(func.distinct(EntreeJournal.usager_id)).where(
            EntreeJournal.agent_id == contexte.agent.id,
            EntreeJournal.acte == ACTE,
            EntreeJournal.le > le - timedelta(days=1),
        )
    )
    return set(rows)
