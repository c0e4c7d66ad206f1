"""Reading the motifs and lieux of an organisation, for its admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.rdvs.models import Lieu, Motif, Rdv
from fiches.rdvs.reglages import LieuSaisi, MotifSaisi


@dataclass(frozen=True)
class Entree:
    """A motif or a lieu, with how many RDVs to come use it."""

    objet: Motif | Lieu
    rdvs: int


@dataclass(frozen=True)
class Catalogue:
    """Those that are offered and those that were archived, by name."""

    offerts: tuple[Entree, ...]
    archives: tuple[Entree, ...]


def list_motifs(session: Session, contexte: Contexte, maintenant: datetime) -> Catalogue:
    """The motifs of the agent's organisation."""
    motifs = session.scalars(select(Motif).where(Motif.organisation_id == contexte.organisation_id))
    return _catalogue(motifs.all(), _counts(session, contexte, maintenant, "motif_id"))


def list_lieux(session: Session, contexte: Contexte, maintenant: datetime) -> Catalogue:
    """The lieux of the agent's organisation."""
    lieux = session.scalars(select(Lieu).where(Lieu.organisation_id == contexte.organisation_id))
    return _catalogue(lieux.all(), _counts(session, contexte, maintenant, "lieu_id"))


def find_motif(session: Session, contexte: Contexte, motif_id: int) -> Motif | None:
    """A motif of the agent's organisation, None otherwise."""
    motif = session.get(Motif, motif_id)
    return motif if motif is not None and motif.organisation_id == contexte.organisation_id else None


def find_lieu(session: Session, contexte: Contexte, lieu_id: int) -> Lieu | None:
    """A lieu of the agent's organisation, None otherwise."""
    lieu = session.get(Lieu, lieu_id)
    return lieu if lieu is not None and lieu.organisation_id == contexte.organisation_id else None


def motif_of(motif: Motif) -> MotifSaisi:
    """A stored motif as its form holds it."""
    return MotifSaisi(motif.nom, motif.visibilite, motif.duree, motif.dire_motif, motif.dire_service)


def lieu_of(lieu: Lieu) -> LieuSaisi:
    """A stored lieu as its form holds it."""
    return LieuSaisi(lieu.nom, lieu.adresse)


def coming_ids(session: Session, colonne: str, valeur: int, maintenant: datetime) -> Sequence[int]:
    """The RDVs to come with this motif or at this lieu (`colonne`)."""
    a_venir = (getattr(Rdv, colonne) == valeur, Rdv.debut > maintenant, Rdv.annule_le.is_(None))
    return session.scalars(select(Rdv.id).where(*a_venir).order_by(Rdv.id)).all()


def _counts(session: Session, contexte: Contexte, maintenant: datetime, colonne: str) -> dict[int, int]:
    objet = getattr(Rdv, colonne)
    a_venir = (Rdv.organisation_id == contexte.organisation_id, Rdv.debut > maintenant, Rdv.annule_le.is_(None))
    rows = session.execute(select(objet, func.count()).where(*a_venir).group_by(objet))
    return {id: n for id, n in rows if id is not None}


def _catalogue(objets: Sequence[Motif] | Sequence[Lieu], comptes: dict[int, int]) -> Catalogue:
    ranges: list[Any] = sorted(objets, key=lambda o: (o.nom.lower(), o.id))
    entrees = [Entree(o, comptes.get(o.id, 0)) for o in ranges]
    return Catalogue(
        tuple(e for e in entrees if e.objet.archive_le is None),
        tuple(e for e in entrees if e.objet.archive_le is not None),
    )
