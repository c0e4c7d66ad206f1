"""The life of a fiche: removed from an organisation and taken back, kept, declared dead (R15)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.index import reindex
from fiches.journal.actions import record
from fiches.notifications.lecture import coming_rdvs
from fiches.notifications.models import Message
from fiches.notifications.outbox import lock_rdvs, resync
from fiches.notifications.rules import Etat, Genre, Raison
from fiches.rdvs.excuses import excuse
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.usagers import queries
from fiches.usagers.erreurs import FicheIntrouvable, FicheProtegee, RetraitRefuse
from fiches.usagers.models import Rattachement, Referent, Retrait, Usager
from fiches.usagers.queries_deces import coming_excused, coming_expected
from fiches.usagers.queries_vie import Limites, expected_here, given_back


def remove(session: Session, contexte: Contexte, usager_id: int, le: datetime, limites: Limites) -> datetime | None:
    """Remove a fiche from the agent's organisation; when it will be erased, None while another
    organisation has it. Done once, doing it again changes nothing.

    Raises RetraitRefuse with the RDVs in which the usager is still expected here.
    """
    with transaction(session):
        if _removed(session, contexte, usager_id) is not None:
            return session.scalar(select(Usager.effacement_le).where(Usager.id == usager_id))
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        rattachement = session.get(Rattachement, (usager.id, contexte.organisation_id))
        if rattachement is None:
            raise FicheIntrouvable
        if rdvs := expected_here(session, contexte.organisation_id, usager.id, le):
            raise RetraitRefuse(tuple(rdvs))
        ici = (Referent.usager_id == usager.id, Referent.organisation_id == contexte.organisation_id)
        session.execute(delete(Referent).where(*ici))
        session.delete(rattachement)
        session.add(
            Retrait(
                usager_id=usager.id, organisation_id=contexte.organisation_id, agent_id=contexte.agent.id, le=le,
                raison=rattachement.raison, attache_le=rattachement.cree_le,
            )
        )  # fmt: skip
        session.flush()
        gardee = session.scalar(select(exists().where(Rattachement.usager_id == usager.id)))
        # Removing it is a contact: one that was to be erased for want of it no longer is.
        usager.effacement_le = None if gardee else limites.effacement_apres(le)
        usager.version += 1
        reindex(session, [usager.id])
        _record(session, contexte, "retrait", usager.id, le)
    return usager.effacement_le


def take_back(session: Session, contexte: Contexte, usager_id: int, le: datetime, limites: Limites) -> None:
    """Give a removed fiche its rattachement back as it was; its référents are not given back.

    Raises FicheIntrouvable when there is nothing (left) to take back, FicheProtegee unless the agent
    removed it or follows it: they become its référent, so that somebody keeps the key (R11).
    """
    with transaction(session):
        usager = session.get(Usager, usager_id, with_for_update={"key_share": True}, populate_existing=True)
        retrait = session.scalar(
            select(Retrait)
            .join(Usager, Usager.id == Retrait.usager_id)
            .where(
                Retrait.usager_id == usager_id,
                Retrait.organisation_id == contexte.organisation_id,
                given_back(le, limites.retrait_jours),
            )
        )
        if usager is None or retrait is None:
            raise FicheIntrouvable
        if usager.protegee and not queries.is_referent(session, contexte, usager_id):
            if retrait.agent_id != contexte.agent.id:
                raise FicheProtegee
            queries.add_referent(session, contexte, usager_id, le)
        session.add(
            Rattachement(
                usager_id=usager_id, organisation_id=contexte.organisation_id, raison=retrait.raison,
                cree_le=retrait.attache_le,
            )
        )  # fmt: skip
        session.delete(retrait)
        usager.effacement_le = None
        usager.version += 1
        reindex(session, [usager_id])
        _record(session, contexte, "reprise", usager_id, le)


def keep(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> None:
    """Keep a fiche that would be erased for want of contact: this is one."""
    with transaction(session):
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        if usager.effacement_le is not None:
            usager.effacement_le = None
            _record(session, contexte, "garde", usager.id, le)


@dataclass(frozen=True)
class BilanDeces:
    """What recording a death, or taking it back, changed. `annules`: of `rdvs`, those that nobody
    attends any more (or again); `perdus`: those whose hour was taken since, left cancelled."""

    rdvs: int = 0
    annules: int = 0
    perdus: int = 0


def record_death(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> BilanDeces:
    """Record a death: excused from what is to come, nobody told, RDVs that nobody attends any more
    cancelled and their créneaux free. Recorded once, doing it again changes nothing."""
    with transaction(session):
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        if usager.decede_le is not None:
            return BilanDeces()
        concernes = coming_rdvs(session, [usager.id], le)
        lock_rdvs(session, concernes)
        attendaient = _waiting(session, concernes)
        touches = coming_expected(session, contexte, usager.id, le)
        annules = [t.id for t in touches if t.annule]
        for touche in touches:
            excuse(session, touche.id, [usager.id], le, "deces")
        session.execute(update(Rdv).where(Rdv.id.in_(annules)).values(annule_le=le, annule_raison="deces"))
        usager.decede_le = usager.modifie_le = le
        usager.version += 1
        _resync_silently(session, concernes, attendaient, le)
        _record(session, contexte, "deces", usager.id, le, {"rdvs": len(touches), "annules": len(annules)})
    return BilanDeces(len(touches), len(annules))


def take_death_back(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> BilanDeces:
    """Undo a death recorded by mistake: what is still to come is as it was before, messages included.
    An RDV whose hour the agent has given to somebody else since stays cancelled."""
    with transaction(session):
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        if usager.decede_le is None:
            return BilanDeces()
        lock_rdvs(session, coming_rdvs(session, [usager.id], le))
        touches = coming_excused(session, contexte, usager.id, le)
        rendus = [t for t in touches if not t.pris]
        ids, remis = [t.id for t in rendus], [t.id for t in rendus if t.annule]
        session.execute(
            update(Participation)
            .where(
                Participation.usager_id == usager.id,
                Participation.rdv_id.in_(ids),
                Participation.excuse_par == "deces",
            )
            .values(issue=None, excuse_par=None)
        )
        session.execute(update(Rdv).where(Rdv.id.in_(ids)).values(version=Rdv.version + 1))
        session.execute(update(Rdv).where(Rdv.id.in_(remis)).values(annule_le=None, annule_raison=None))
        _retake_creneaux(session, remis)
        usager.decede_le, usager.modifie_le = None, le
        usager.version += 1
        session.flush()
        concernes = coming_rdvs(session, [usager.id], le)
        _wait_again(session, concernes)
        _resync_silently(session, concernes, _waiting(session, concernes), le)
        bilan = BilanDeces(len(rendus), len(remis), len(touches) - len(rendus))
        _record(session, contexte, "deces_annule", usager.id, le, {"rdvs": bilan.rdvs, "perdus": bilan.perdus})
    return bilan


# --- a death and the outbox: nothing is announced, what waited comes back ------------------


def _waiting(session: Session, rdv_ids: Collection[int]) -> list[int]:
    return list(session.scalars(select(Message.id).where(Message.rdv_id.in_(rdv_ids), Message.etat == Etat.ATTENTE)))


def _resync_silently(session: Session, rdv_ids: Collection[int], attendaient: Collection[int], le: datetime) -> None:
    """Bring the outbox in line; what is given up by it keeps the death as its reason, and is so found
    again when the death is taken back."""
    resync(session, rdv_ids, le)
    session.execute(
        update(Message).where(Message.id.in_(attendaient), Message.etat == Etat.ABANDON).values(raison=Raison.DECEDE)
    )


def _wait_again(session: Session, rdv_ids: Collection[int]) -> None:
    """What a death gave up waits again, unless the same is waiting already."""
    autre = aliased(Message)
    meme = [getattr(autre, nom) == getattr(Message, nom) for nom in ("rdv_id", "usager_id", "genre", "canal")]
    double = exists().where(*meme, autre.evenement == Message.evenement, autre.etat == Etat.ATTENTE)
    donnes = session.scalars(
        select(Message.id).where(
            Message.rdv_id.in_(rdv_ids),
            Message.etat == Etat.ABANDON,
            Message.raison == Raison.DECEDE,
            Message.genre != Genre.RAPPEL,  # reminders come back by themselves
            ~double,
        )
    ).all()
    session.execute(update(Message).where(Message.id.in_(donnes)).values(etat=Etat.ATTENTE, raison=None))


def _retake_creneaux(session: Session, rdv_ids: Collection[int]) -> None:
    """The créneaux that these RDVs had given back, where nobody took them."""
    for rdv in session.scalars(select(Rdv).where(Rdv.id.in_(rdv_ids))):
        session.execute(
            update(Creneau)
            .where(
                Creneau.agent_id == rdv.agent_id, Creneau.debut == rdv.debut,
                Creneau.organisation_id == rdv.organisation_id, Creneau.rdv_id.is_(None),
            )
            .values(rdv_id=rdv.id)
        )  # fmt: skip


def _removed(session: Session, contexte: Contexte, usager_id: int) -> Retrait | None:
    return session.get(Retrait, (usager_id, contexte.organisation_id))


def _record(
    session: Session,
    contexte: Contexte,
    acte: str,
    usager_id: int,
    le: datetime,
    details: dict[str, int] | None = None,
) -> None:
    record(
        session, acte, usager_id=usager_id, le=le, agent_id=contexte.agent.id,
        organisation_id=contexte.organisation_id, details=details,
    )  # fmt: skip
