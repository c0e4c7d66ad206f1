"""The steps of `flask entretien`: each in transactions of its own, short ones, so that people go on
working meanwhile; done twice, the second time finds nothing to do (R15, R36)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from fiches.acces.queries import DUREE_SESSION, FENETRE
from fiches.db import transaction
from fiches.fusion.models import Fusion, FusionEtat
from fiches.journal.actions import record
from fiches.notifications.conservation import erase_texts
from fiches.notifications.models import Message
from fiches.notifications.outbox import resync
from fiches.organisations.models import SessionOuverte, TentativeConnexion
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.usagers.effacement import anonymise_due, due_ids
from fiches.usagers.models import Retrait, Usager
from fiches.usagers.queries_vie import Limites, given_back, is_attached, no_contact_since

LOT = 200  # rows, fiches or RDVs in one transaction
RAPPELS_JOURS = 40  # an organisation's reminder leaves 30 days before at most


@dataclass(frozen=True)
class Delais:
    """What an installation chose to keep, in days. `rdv_conserves_jours` 0: for ever."""

    limites: Limites
    rdv_conserves_jours: int
    textes_jours: int


@dataclass(frozen=True)
class Etape:
    """One step: what it is called, in a line of the command, and what does it and counts."""

    libelle: str
    faire: Callable[[Session, datetime, Delais], int]


def renew_reminders(session: Session, le: datetime, delais: Delais) -> int:
    """Bring the outbox of the RDVs to come in line; how many messages had been missing."""
    ids = session.scalars(
        select(Rdv.id).where(Rdv.debut > le, Rdv.debut <= le + timedelta(days=RAPPELS_JOURS)).order_by(Rdv.id)
    ).all()
    ajoutes = 0
    for lot in _lots(ids):
        with transaction(session):
            avant = _count_waiting(session, lot)
            resync(session, lot, le)
            ajoutes += max(0, _count_waiting(session, lot) - avant)
    return ajoutes


def forget_sessions(session: Session, le: datetime, delais: Delais) -> int:
    """Sessions too old to be good, and failed sign-ins that no longer count."""
    with transaction(session):
        return _run(session, delete(SessionOuverte).where(SessionOuverte.ouverte_le <= le - DUREE_SESSION)) + _run(
            session, delete(TentativeConnexion).where(TentativeConnexion.le < le - FENETRE)
        )


def forget_texts(session: Session, le: datetime, delais: Delais) -> int:
    """Addresses and texts of messages that were done with long ago."""
    return erase_texts(session, le - timedelta(days=delais.textes_jours))


def forget_merges(session: Session, le: datetime, delais: Delais) -> int:
    """The undo records of merges that can no longer be undone."""
    with transaction(session):
        perimees = select(Fusion.id).where(Fusion.annulable_jusqu_au < le)
        return _run(session, delete(FusionEtat).where(FusionEtat.fusion_id.in_(perimees)))


def forget_rdvs(session: Session, le: datetime, delais: Delais) -> int:
    """RDVs past their time, with who took part and what was sent about them."""
    if not delais.rdv_conserves_jours:
        return 0
    limite, oublies = le - timedelta(days=delais.rdv_conserves_jours), 0
    anciens = select(Rdv.id).where(Rdv.debut < limite).order_by(Rdv.id).limit(LOT).with_for_update()
    while True:
        with transaction(session):
            ids = session.scalars(anciens).all()
            for modele in (Message, Participation, Creneau):
                session.execute(delete(modele).where(modele.rdv_id.in_(ids)))
            session.execute(delete(Rdv).where(Rdv.id.in_(ids)))
        if not ids:
            return oublies
        oublies += len(ids)


def forget_creneaux(session: Session, le: datetime, delais: Delais) -> int:
    """Créneaux that nobody took in time."""
    with transaction(session):
        return _run(session, delete(Creneau).where(Creneau.rdv_id.is_(None), Creneau.debut < le))


def forget_removals(session: Session, le: datetime, delais: Delais) -> int:
    """Removals past their delay, of fiches that another organisation has."""
    with transaction(session):
        reprenable = given_back(le, delais.limites.retrait_jours)
        passes = session.execute(
            select(Retrait.usager_id, Retrait.organisation_id)
            .join(Usager, Usager.id == Retrait.usager_id)
            .where(~reprenable)
        ).all()
        for usager_id, organisation_id in passes:
            cle = and_(Retrait.usager_id == usager_id, Retrait.organisation_id == organisation_id)
            session.execute(delete(Retrait).where(cle))
    return len(passes)


def announce_erasures(session: Session, le: datetime, delais: Delais) -> int:
    """Give the fiches without contact a date of erasing, and take it from those with a contact since."""
    sans_contact = no_contact_since(delais.limites.sans_contact_depuis(le))
    vivante = and_(Usager.fusionne_vers_id.is_(None), Usager.anonymise_le.is_(None), is_attached())
    with transaction(session):
        revues = and_(vivante, Usager.effacement_le.is_not(None), ~sans_contact)
        _run(session, update(Usager).where(revues).values(effacement_le=None))
    annoncees = 0
    a_annoncer = select(Usager.id).where(vivante, Usager.effacement_le.is_(None), sans_contact)
    while True:
        with transaction(session):
            ids = session.scalars(
                a_annoncer.order_by(Usager.id).limit(LOT).with_for_update(of=Usager, key_share=True)
            ).all()
            session.execute(
                update(Usager).where(Usager.id.in_(ids)).values(effacement_le=delais.limites.effacement_apres(le))
            )
            for usager_id in ids:
                record(session, "sans_contact", usager_id=usager_id, le=le)
        if not ids:
            return annoncees
        annoncees += len(ids)


def anonymise_all_due(session: Session, le: datetime, delais: Delais) -> int:
    """Every fiche whose time has come, one transaction each."""
    return sum(anonymise_due(session, usager_id, le, delais.limites) for usager_id in due_ids(session, le))


ETAPES: tuple[Etape, ...] = (
    Etape("Rappels et messages manquants", renew_reminders),
    Etape("Sessions et essais de connexion périmés", forget_sessions),
    Etape("Textes et adresses de messages trop anciens", forget_texts),
    Etape("États gardés pour annuler une fusion, périmés", forget_merges),
    Etape("RDV trop anciens", forget_rdvs),
    Etape("Créneaux passés restés libres", forget_creneaux),
    Etape("Retraits qui ne peuvent plus être repris", forget_removals),
    Etape("Fiches sans contact, annoncées à l’effacement", announce_erasures),
    Etape("Fiches anonymisées", anonymise_all_due),
)


def _count_waiting(session: Session, rdv_ids: Sequence[int]) -> int:
    attente = or_(Message.etat == "attente", Message.etat == "envoi")
    return session.scalar(select(func.count()).select_from(Message).where(Message.rdv_id.in_(rdv_ids), attente)) or 0


def _run(session: Session, statement: Delete | Update) -> int:
    """Execute it; how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def _lots(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for debut in range(0, len(ids), LOT):
        yield ids[debut : debut + LOT]
