"""Adding, changing and archiving motifs and lieux; waiting messages follow (R17, R19, R21)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.identite import normal
from fiches.notifications.outbox import resync
from fiches.organisations.models import Organisation
from fiches.organisations.reglages import ReglageModifie, etat_of
from fiches.rdvs.models import Lieu, Motif
from fiches.rdvs.queries_reglages import coming_ids, lieu_of, motif_of
from fiches.rdvs.reglages import LieuSaisi, MotifSaisi, NomPris


def add_motif(session: Session, contexte: Contexte, saisi: MotifSaisi) -> int:
    """A new motif; its id. Raises NomPris."""
    with transaction(session):
        _check_name(session, contexte, Motif, saisi.nom, None)
        motif = Motif(organisation_id=contexte.organisation_id, **vars(saisi))
        session.add(motif)
        session.flush()
    return motif.id


def modify_motif(
    session: Session, contexte: Contexte, motif_id: int, saisi: MotifSaisi, etat: str, le: datetime
) -> int:
    """Change a motif; of how many RDVs to come the messages followed a new visibility. `etat`: the digest
    of what the form was drawn from. Raises ReglageModifie and NomPris; then nothing is written."""
    with transaction(session):
        _lock(session, contexte)
        motif = session.get_one(Motif, motif_id, populate_existing=True)
        if etat != etat_of(vars(motif_of(motif))):
            raise ReglageModifie
        _check_name(session, contexte, Motif, saisi.nom, motif_id)
        change = motif.visibilite != saisi.visibilite
        _write(motif, vars(saisi))
        if not change:
            return 0
        session.flush()
        rdvs = coming_ids(session, "motif_id", motif_id, le)
        resync(session, rdvs, le)
    return len(rdvs)


def add_lieu(session: Session, contexte: Contexte, saisi: LieuSaisi) -> int:
    """A new lieu; its id. Raises NomPris."""
    with transaction(session):
        _check_name(session, contexte, Lieu, saisi.nom, None)
        lieu = Lieu(organisation_id=contexte.organisation_id, **vars(saisi))
        session.add(lieu)
        session.flush()
    return lieu.id


def modify_lieu(session: Session, contexte: Contexte, lieu_id: int, saisi: LieuSaisi, etat: str) -> None:
    """Change a lieu: messages still to be sent say it as it then is. `etat`: the digest of what the form
    was drawn from. Raises ReglageModifie and NomPris; then nothing is written."""
    with transaction(session):
        _lock(session, contexte)
        lieu = session.get_one(Lieu, lieu_id, populate_existing=True)
        if etat != etat_of(vars(lieu_of(lieu))):
            raise ReglageModifie
        _check_name(session, contexte, Lieu, saisi.nom, lieu_id)
        _write(lieu, vars(saisi))


def archive(session: Session, modele: type[Motif] | type[Lieu], id: int, archiver: bool, le: datetime) -> None:
    """No longer offer a motif or lieu, or offer it again; the RDVs that have it keep it."""
    with transaction(session):
        objet: Any = session.get_one(modele, id, populate_existing=True)
        if (objet.archive_le is not None) != archiver:
            objet.archive_le = le if archiver else None


def _write(objet: Motif | Lieu, valeurs: dict[str, Any]) -> None:
    for nom, valeur in valeurs.items():
        setattr(objet, nom, valeur)


def _lock(session: Session, contexte: Contexte) -> None:
    """One writer of the organisation's settings at a time."""
    ici = select(Organisation.id).where(Organisation.id == contexte.organisation_id)
    session.execute(ici.with_for_update(key_share=True))  # rows that name the organisation are added meanwhile


def _check_name(
    session: Session, contexte: Contexte, modele: type[Motif] | type[Lieu], nom: str, sauf: int | None
) -> None:
    """Names are compared without accents and case, one writer of the organisation at a time."""
    _lock(session, contexte)
    objets: Sequence[Any] = session.scalars(
        select(modele).where(modele.organisation_id == contexte.organisation_id)
    ).all()
    for objet in objets:
        if objet.id != sauf and normal(objet.nom) == normal(nom):
            raise NomPris(objet.archive_le is not None)
