"""Opening créneaux in series, and closing one (R16)."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.organisations.models import Agent
from fiches.rdvs.creneaux import SERIE_MAXIMALE, Serie, Tri, debuts_of, sort_out
from fiches.rdvs.erreurs import RdvIntrouvable, SerieRefusee
from fiches.rdvs.models import Creneau
from fiches.rdvs.moments import end_of
from fiches.rdvs.queries_creneaux import read_occupations


def sort_serie(session: Session, serie: Serie, le: datetime) -> Tri:
    """Which créneaux of a series would be opened, and how many hours are taken already.

    Raises SerieRefusee when there are none, or too many at once.
    """
    debuts = debuts_of(serie, le)
    if not debuts:
        raise SerieRefusee("Aucun créneau à venir ne tient dans ces jours et ces heures.")
    if len(debuts) > SERIE_MAXIMALE:
        raise SerieRefusee(f"{len(debuts)} créneaux : c’est trop à la fois, {SERIE_MAXIMALE} au plus.")
    occupes = read_occupations(session, serie.agent_id, debuts[0], end_of(debuts[-1], serie.duree))
    return sort_out(debuts, serie.duree, occupes)


def open_serie(session: Session, contexte: Contexte, serie: Serie, le: datetime) -> Tri:
    """Open the créneaux of a series that are free; what became of it. Raises SerieRefusee."""
    with transaction(session):
        session.execute(select(Agent.id).where(Agent.id == serie.agent_id).with_for_update(key_share=True))
        tri = sort_serie(session, serie, le)
        lignes = [
            {
                "organisation_id": contexte.organisation_id,
                "agent_id": serie.agent_id,
                "motif_id": serie.motif_id,
                "lieu_id": serie.lieu_id,
                "debut": debut,
                "duree": serie.duree,
                "cree_le": le,
            }
            for debut in tri.libres
        ]
        if lignes:
            session.execute(insert(Creneau), lignes)
    return tri


def close_creneau(session: Session, contexte: Contexte, creneau_id: int) -> bool:
    """Close a free créneau; False when it is taken. Raises RdvIntrouvable when there is none."""
    with transaction(session):
        creneau = session.get(Creneau, creneau_id, populate_existing=True)
        if creneau is None or creneau.organisation_id != contexte.organisation_id:
            raise RdvIntrouvable
        fermes = session.execute(
            delete(Creneau).where(Creneau.id == creneau_id, Creneau.rdv_id.is_(None)).returning(Creneau.id)
        ).all()
    return bool(fermes)
