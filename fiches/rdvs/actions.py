"""Writing RDVs: make, move, cancel, give outcomes. One transaction each, one journal line per participant.

Everything that the screen showed is judged again here under the write lock: who would be told (R22),
what takes people's time, whether the créneau is still free (R16).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.journal.actions import record
from fiches.notifications import outbox
from fiches.notifications.previsions import is_current
from fiches.notifications.rules import Genre
from fiches.organisations.models import Agent
from fiches.rdvs.avertissements import still_to_confirm
from fiches.rdvs.erreurs import (
    AConfirmer,
    AvisPerime,
    CreneauPris,
    IssueImpossible,
    ParticipantRefuse,
    RdvAnnule,
    RdvModifie,
)
from fiches.rdvs.excuses import free_creneau
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.rdvs.previsions import Jugement, judge_cancel, judge_move, judge_new, leave_lieu
from fiches.rdvs.queries import get_rdv, read_choisis, warn_about
from fiches.rdvs.rules import refuse_issue, refuse_move, takes_time
from fiches.rdvs.saisie import Reponses, SaisieRdv


def take_rdv(
    session: Session,
    contexte: Contexte,
    saisie: SaisieRdv,
    usagers: Sequence[int],
    reponses: Reponses,
    *,
    creneau_id: int | None,
    secret: bytes,
    le: datetime,
) -> int:
    """Make an RDV; its id. On a créneau, whatever the race one takes it (R16).

    Raises CreneauPris, ParticipantRefuse, AvisPerime and AConfirmer; then nothing is written.
    """
    with transaction(session):
        choisis = read_choisis(session, contexte, usagers, writing=True)
        if choisis.refus or not choisis.ids:
            raise ParticipantRefuse(choisis.refus)
        _lock_agent(session, saisie.agent_id)
        creneau = _lock_creneau(session, contexte, creneau_id, le) if creneau_id is not None else None
        _check(judge_new(session, contexte, saisie, choisis, le), reponses, secret)
        rdv = Rdv(
            organisation_id=contexte.organisation_id,
            agent_id=saisie.agent_id,
            motif_id=saisie.motif_id,
            lieu_id=saisie.lieu_id,
            debut=saisie.debut,
            duree=saisie.duree,
            ne_pas_prevenir=saisie.ne_pas_prevenir,
            cree_le=le,
        )
        session.add(rdv)
        session.flush()
        rdv_id = rdv.id
        session.add_all(Participation(rdv_id=rdv_id, usager_id=i, cree_le=le) for i in choisis.ids)
        _claim(session, rdv_id, creneau.id if creneau else None, saisie)
        _record(session, contexte, "rdv_pris", choisis.ids, rdv_id, le)
        outbox.announce(session, rdv_id, Genre.NOUVEAU, le)
    return rdv_id


def move_rdv(
    session: Session,
    contexte: Contexte,
    rdv_id: int,
    saisie: SaisieRdv,
    version: int,
    reponses: Reponses,
    *,
    secret: bytes,
    le: datetime,
) -> bool:
    """Give an RDV another hour, agent, lieu or motif; whether anything changed.

    Raises RdvIntrouvable, RdvAnnule, RdvModifie, ParticipantRefuse, IssueImpossible, AvisPerime and
    AConfirmer; then nothing is written.
    """
    with transaction(session):
        rdv = _lock_rdv(session, contexte, rdv_id)
        if rdv.annule_le is not None:
            raise RdvAnnule
        if rdv.version != version:
            raise RdvModifie
        saisie = leave_lieu(session, contexte, rdv, saisie)
        avant = (rdv.agent_id, rdv.motif_id, rdv.lieu_id, rdv.debut, rdv.duree, rdv.ne_pas_prevenir)
        apres = (
            saisie.agent_id, saisie.motif_id, saisie.lieu_id, saisie.debut, saisie.duree, saisie.ne_pas_prevenir,
        )  # fmt: skip
        if avant == apres:
            return False
        lignes = _participations(session, rdv_id)
        usagers, issues = [p.usager_id for p in lignes], [p.issue for p in lignes]
        _check_coming(session, contexte, lignes, saisie.debut, le)
        _lock_agent(session, saisie.agent_id)
        jugement = judge_move(session, contexte, rdv, saisie, le)
        _check(jugement, reponses, secret)
        evenement = jugement.rdv.evenement > rdv.evenement
        rdv.agent_id, rdv.motif_id, rdv.lieu_id, rdv.debut, rdv.duree, rdv.ne_pas_prevenir = apres
        rdv.version += 1
        session.flush()
        if (saisie.agent_id, saisie.debut) != (avant[0], avant[3]):
            free_creneau(session, rdv_id, le)
            if takes_time(False, issues):
                _claim(session, rdv_id, None, saisie)
        _record(session, contexte, "rdv_deplace", usagers, rdv_id, le)
        if jugement.genre is None:
            outbox.resync(session, [rdv_id], le)
        else:
            outbox.announce(session, rdv_id, jugement.genre, le, evenement=evenement)
    return True


def cancel_rdv(
    session: Session,
    contexte: Contexte,
    rdv_id: int,
    ne_pas_prevenir: bool,
    reponses: Reponses,
    *,
    secret: bytes,
    le: datetime,
) -> bool:
    """Cancel an RDV for the service; False when it was cancelled already.

    Raises RdvIntrouvable and AvisPerime; then nothing is written.
    """
    with transaction(session):
        rdv = _lock_rdv(session, contexte, rdv_id)
        if rdv.annule_le is not None:
            return False
        _check(judge_cancel(session, contexte, rdv, ne_pas_prevenir, le), reponses, secret)
        rdv.annule_le, rdv.annule_raison = le, "service"
        rdv.ne_pas_prevenir = ne_pas_prevenir
        rdv.version += 1
        session.flush()
        free_creneau(session, rdv_id, le)
        _record(session, contexte, "rdv_annule", _participants(session, rdv_id), rdv_id, le)
        outbox.announce(session, rdv_id, Genre.ANNULE, le)
    return True


def set_issues(
    session: Session, contexte: Contexte, rdv_id: int, issues: Mapping[int, str | None], version: int, le: datetime
) -> int:
    """Give participants their outcome, by participation (None: none yet); how many changed.

    Raises RdvIntrouvable, RdvAnnule, RdvModifie and IssueImpossible; then nothing is written.
    """
    with transaction(session):
        rdv = _lock_rdv(session, contexte, rdv_id)
        if rdv.annule_le is not None:
            raise RdvAnnule
        if rdv.version != version:
            raise RdvModifie
        lignes = _participations(session, rdv_id)
        avant = takes_time(False, [p.issue for p in lignes])
        changees = [p for p in lignes if p.id in issues and issues[p.id] != p.issue]
        _check_expected(session, contexte, [p for p in changees if not issues[p.id]], rdv.debut, le)
        for participation in changees:
            issue = issues[participation.id]
            if refus := refuse_issue(issue, rdv.debut, le):
                raise IssueImpossible(refus, participation.id)
            participation.issue, participation.excuse_par = issue, None
        if not changees:
            return 0
        rdv.version += 1
        session.flush()
        if takes_time(False, [p.issue for p in lignes]):
            saisie = SaisieRdv(rdv.agent_id, rdv.motif_id, rdv.lieu_id, rdv.debut, rdv.duree, rdv.ne_pas_prevenir)
            if not avant and rdv.debut > le:
                _check_free(session, contexte, saisie, rdv_id, le)
            _claim(session, rdv_id, None, saisie)
        else:
            free_creneau(session, rdv_id, le)
        _record(session, contexte, "rdv_statut", [p.usager_id for p in changees], rdv_id, le)
        outbox.resync(session, [rdv_id], le)
    return len(changees)


def _lock_rdv(session: Session, contexte: Contexte, rdv_id: int) -> Rdv:
    """An RDV to be written, its participants' rows locked before its own, as everywhere. Raises RdvIntrouvable."""
    get_rdv(session, contexte, rdv_id)
    read_choisis(session, contexte, _participants(session, rdv_id), writing=True)
    return get_rdv(session, contexte, rdv_id, writing=True)


def _lock_creneau(session: Session, contexte: Contexte, creneau_id: int, le: datetime) -> Creneau:
    creneau = session.get(Creneau, creneau_id, with_for_update=True, populate_existing=True)
    if creneau is None or creneau.organisation_id != contexte.organisation_id:
        raise CreneauPris
    if creneau.rdv_id is not None or creneau.debut <= le:
        raise CreneauPris
    return creneau


def _claim(session: Session, rdv_id: int, creneau_id: int | None, saisie: SaisieRdv) -> None:
    """Take the créneau: the one asked for, or the free one that the agent had opened at this very time."""
    libre = update(Creneau).where(Creneau.rdv_id.is_(None)).values(rdv_id=rdv_id)
    if creneau_id is not None:
        pris = session.execute(libre.where(Creneau.id == creneau_id).returning(Creneau.id)).all()
        if not pris:
            raise CreneauPris
    elif session.scalar(select(Creneau.id).where(Creneau.rdv_id == rdv_id)) is None:
        session.execute(libre.where(Creneau.agent_id == saisie.agent_id, Creneau.debut == saisie.debut))


def _check_coming(
    session: Session, contexte: Contexte, lignes: Sequence[Participation], debut: datetime, le: datetime
) -> None:
    """What is to come did not take place, and expects only people whom a new RDV would take (R15, R16)."""
    if refus := refuse_move([p.issue for p in lignes], debut, le):
        raise IssueImpossible(refus)
    attendus = [p.usager_id for p in lignes if p.issue is None]
    if debut > le and (refuses := read_choisis(session, contexte, attendus).refus):
        raise ParticipantRefuse(refuses)


def _check_expected(
    session: Session, contexte: Contexte, lignes: Sequence[Participation], debut: datetime, le: datetime
) -> None:
    """Who is expected again in an RDV to come is somebody whom a new one would take (R15)."""
    if debut <= le:
        return
    choisis = read_choisis(session, contexte, [p.usager_id for p in lignes])
    if choisis.refus:
        fautive = next((p.id for p in lignes if p.usager_id not in choisis.ids), None)
        raise IssueImpossible(choisis.refus, fautive)


def _check_free(session: Session, contexte: Contexte, saisie: SaisieRdv, rdv_id: int, le: datetime) -> None:
    """An RDV that everybody had left takes place again only if the agent's hour was not given away."""
    _lock_agent(session, saisie.agent_id)
    for a in warn_about(session, contexte, saisie, (), le, rdv_id):
        raise IssueImpossible(f"{a.phrase} Déplacez d’abord l’un des deux.")


def _lock_agent(session: Session, agent_id: int) -> None:
    """One at a time fills an agent's diary: the second sees what the first wrote."""
    session.execute(select(Agent.id).where(Agent.id == agent_id).with_for_update(key_share=True))


def _check(jugement: Jugement, reponses: Reponses, secret: bytes) -> None:
    if not is_current(reponses.avis, jugement.previsions, secret):
        raise AvisPerime
    reste = still_to_confirm(jugement.avertissements, reponses.confirmes, reponses.vus)
    if reste:
        raise AConfirmer(reste)


def _participants(session: Session, rdv_id: int) -> list[int]:
    return list(
        session.scalars(
            select(Participation.usager_id).where(Participation.rdv_id == rdv_id).order_by(Participation.id)
        )
    )


def _participations(session: Session, rdv_id: int) -> Sequence[Participation]:
    return session.scalars(select(Participation).where(Participation.rdv_id == rdv_id).order_by(Participation.id)).all()


def _record(session: Session, contexte: Contexte, acte: str, usagers: Sequence[int], rdv_id: int, le: datetime) -> None:
    for usager_id in usagers:
        record(
            session,
            acte,
            usager_id=usager_id,
            le=le,
            agent_id=contexte.agent.id,
            organisation_id=contexte.organisation_id,
            details={"rdv_id": rdv_id},
        )
