"""Somebody will not come: the way in of a message's link and of a death (R16).

What an agent notes on the page of an RDV goes through `actions.set_issues`; both free the créneau here.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.notifications.outbox import lock_rdvs, resync
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.rdvs.rules import Issue


def excuse(session: Session, rdv_id: int, usager_ids: Collection[int], le: datetime, par: str) -> list[int]:
    """Excuse these usagers from an RDV; who among them was still expected. `par`: 'usager' or
    'deces'. Their waiting messages are given up, and an RDV in which nobody is expected any more gives
    its créneau back."""
    with transaction(session):
        lock_rdvs(session, [rdv_id])
        attendus = (Participation.rdv_id == rdv_id, Participation.issue.is_(None))
        concernes = session.scalars(
            select(Participation.usager_id).where(*attendus, Participation.usager_id.in_(usager_ids))
        ).all()
        if not concernes:
            return []
        session.execute(
            update(Participation)
            .where(*attendus, Participation.usager_id.in_(concernes))
            .values(issue=Issue.EXCUSE, excuse_par=par)
        )
        session.execute(update(Rdv).where(Rdv.id == rdv_id).values(version=Rdv.version + 1))
        if not session.scalar(select(exists().where(*attendus))):
            free_creneau(session, rdv_id, le)
        resync(session, [rdv_id], le)
    return list(concernes)


def free_creneau(session: Session, rdv_id: int, le: datetime) -> None:
    """Give back the créneau of an RDV that will not take place, when it is still to come."""
    session.execute(update(Creneau).where(Creneau.rdv_id == rdv_id, Creneau.debut > le).values(rdv_id=None))
