"""Naming the référents of an usager in one organisation (R11, R13)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.journal.actions import record
from fiches.usagers.erreurs import DernierReferent, FicheIntrouvable, ReferentInconnu
from fiches.usagers.models import Referent
from fiches.usagers.queries import get_usager
from fiches.usagers.queries_referents import count_elsewhere, read_possibles


def set_referents(session: Session, contexte: Contexte, usager_id: int, agents: Collection[int], le: datetime) -> bool:
    """Make exactly these agents the référents in the current organisation; whether that changed any.

    Raises FicheIntrouvable when the fiche is not attached here, FicheProtegee, ReferentInconnu for
    somebody of elsewhere, DernierReferent when a fiche protégée would be left without any.
    """
    with transaction(session):
        usager = get_usager(session, contexte, usager_id, writing=True)
        possibles = {a.id: a for a in read_possibles(session, contexte, usager_id)}
        if not possibles:
            raise FicheIntrouvable
        voulus = set(agents)
        if not voulus <= possibles.keys():
            raise ReferentInconnu
        suivent = {a.id for a in possibles.values() if a.suit}
        if voulus == suivent:
            return False
        if usager.protegee and not voulus and not count_elsewhere(session, contexte, usager_id):
            raise DernierReferent
        ici = (Referent.usager_id == usager_id, Referent.organisation_id == contexte.organisation_id)
        session.execute(delete(Referent).where(*ici, Referent.agent_id.in_(suivent - voulus)))
        session.add_all(
            Referent(usager_id=usager_id, agent_id=i, organisation_id=contexte.organisation_id, cree_le=le)
            for i in sorted(voulus - suivent)
        )
        record(
            session,
            "referents",
            usager_id=usager_id,
            le=le,
            agent_id=contexte.agent.id,
            organisation_id=contexte.organisation_id,
            details={"ajoutes": len(voulus - suivent), "retires": len(suivent - voulus)},
        )
    return True
