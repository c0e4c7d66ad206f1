"""Changing what an organisation chose; waiting messages follow in the same transaction (R19)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.notifications.outbox import resync
from fiches.organisations.models import Organisation
from fiches.organisations.reglages import ReglageModifie, Reglages, etat_of
from fiches.rdvs.models import Rdv


def read_reglages(session: Session, contexte: Contexte) -> Reglages:
    """What the agent's organisation chose."""
    o = session.get_one(Organisation, contexte.organisation_id)
    return Reglages(o.telephone, o.rappel_jours, o.rappel_heure)


def save_reglages(session: Session, contexte: Contexte, voulus: Reglages, etat: str, le: datetime) -> int:
    """Save them; of how many RDVs to come the reminders were worked out again. `etat`: the digest of
    what the form was drawn from. Raises ReglageModifie; then nothing is written."""
    with transaction(session):
        organisation = session.get_one(
            Organisation, contexte.organisation_id, with_for_update={"key_share": True}, populate_existing=True
        )
        avant = read_reglages(session, contexte)
        if etat != etat_of(vars(avant)):
            raise ReglageModifie
        organisation.telephone = voulus.telephone
        organisation.rappel_jours, organisation.rappel_heure = voulus.rappel_jours, voulus.rappel_heure
        if voulus.same_reminder(avant):
            return 0
        session.flush()
        a_venir = (Rdv.organisation_id == contexte.organisation_id, Rdv.debut > le, Rdv.annule_le.is_(None))
        rdvs = session.scalars(select(Rdv.id).where(*a_venir)).all()
        resync(session, rdvs, le)
    return len(rdvs)
