"""What the screens of an RDV show before it is saved: who will be told, and what to confirm (R22).

The actions judge with the very same functions, under the write lock.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.notifications.lecture import close_lieu, make_rdv, read_participants, read_rdvs
from fiches.notifications.outbox import read_lignes
from fiches.notifications.previsions import Prevision, show_prevision
from fiches.notifications.rules import Genre, RdvNotifie, silence_of
from fiches.organisations.models import Organisation
from fiches.rdvs.avertissements import Avertissement
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.rdvs.queries import Choisis, open_lieux, read_choisis, warn_about
from fiches.rdvs.saisie import SaisieRdv


@dataclass(frozen=True)
class Jugement:
    """An RDV as it would be, who would be told, and what is to be confirmed first. `genre`: what
    would be announced; None: nothing new, only who is concerned."""

    rdv: RdvNotifie
    previsions: tuple[Prevision, ...]
    avertissements: tuple[Avertissement, ...] = ()
    genre: Genre | None = Genre.NOUVEAU


def judge_new(
    session: Session, contexte: Contexte, saisie: SaisieRdv, choisis: Choisis, maintenant: datetime
) -> Jugement:
    """A new RDV of the current organisation."""
    lus = read_participants(session, choisis.ids, day_of(maintenant), contexte)
    rdv = make_rdv(
        None,
        saisie.debut,
        saisie.duree,
        session.get_one(Motif, saisie.motif_id),
        session.get(Lieu, saisie.lieu_id) if saisie.lieu_id else None,
        session.get_one(Organisation, contexte.organisation_id),
        tuple(lus[i] for i in choisis.ids),
        ne_pas_prevenir=saisie.ne_pas_prevenir,
    )
    previsions = (show_prevision(rdv, maintenant, Genre.NOUVEAU),)
    return Jugement(rdv, previsions, warn_about(session, contexte, saisie, choisis.gens, maintenant))


def judge_move(session: Session, contexte: Contexte, rdv: Rdv, saisie: SaisieRdv, maintenant: datetime) -> Jugement:
    """An RDV as this saisie would make it. It is announced anew when what a message says changes,
    and for the first time when until now it was silent."""
    avant = _read(session, contexte, rdv, maintenant)
    saisie = leave_lieu(session, contexte, rdv, saisie)
    lieu = session.get(Lieu, saisie.lieu_id) if saisie.lieu_id else None
    apres = make_rdv(
        rdv.id,
        saisie.debut,
        saisie.duree,
        session.get_one(Motif, saisie.motif_id),
        lieu,
        session.get_one(Organisation, rdv.organisation_id),
        avant.participants,
        ne_pas_prevenir=saisie.ne_pas_prevenir,
        evenement=avant.evenement,
    )
    apres = close_lieu(apres)
    dit_autre_chose = saisie.debut != rdv.debut or saisie.lieu_id != rdv.lieu_id
    genre = genre_of(avant, apres, dit_autre_chose)
    if dit_autre_chose:
        apres = replace(apres, evenement=apres.evenement + 1)
    lignes = read_lignes(session, [rdv.id])[rdv.id]
    gens = read_choisis(session, contexte, expected_ids(session, rdv.id)).gens
    deplace = saisie.debut != rdv.debut or saisie.duree != rdv.duree or saisie.agent_id != rdv.agent_id
    avertissements = warn_about(session, contexte, saisie, gens, maintenant, rdv.id) if deplace else ()
    return Jugement(apres, (show_prevision(apres, maintenant, genre, lignes),), avertissements, genre)


def leave_lieu(session: Session, contexte: Contexte, rdv: Rdv, saisie: SaisieRdv) -> SaisieRdv:
    """The saisie with the place left alone when this agent may not read it (R11): one that is sent
    must not tell by its answer whether it is the real one."""
    if saisie.lieu_id == rdv.lieu_id or is_lieu_open(session, contexte, rdv.id):
        return saisie
    return replace(saisie, lieu_id=rdv.lieu_id)


def judge_cancel(
    session: Session, contexte: Contexte, rdv: Rdv, ne_pas_prevenir: bool, maintenant: datetime
) -> Jugement:
    """An RDV as its cancelling would leave it."""
    avant = _read(session, contexte, rdv, maintenant)
    apres = replace(avant, annule=True, evenement=avant.evenement + 1, ne_pas_prevenir=ne_pas_prevenir)
    lignes = read_lignes(session, [rdv.id])[rdv.id]
    return Jugement(apres, (show_prevision(apres, maintenant, Genre.ANNULE, lignes),), (), Genre.ANNULE)


def judge_saved(session: Session, contexte: Contexte, rdv: Rdv, maintenant: datetime) -> Jugement:
    """An RDV as it is: what still waits to be sent."""
    lu = _read(session, contexte, rdv, maintenant)
    lignes = read_lignes(session, [rdv.id])[rdv.id]
    return Jugement(lu, (show_prevision(lu, maintenant, None, lignes),), (), None)


def genre_of(avant: RdvNotifie, apres: RdvNotifie, dit_autre_chose: bool) -> Genre | None:
    """What a change of an RDV is to those it concerns; `dit_autre_chose`: its hour or place changes."""
    if silence_of(avant) is not None and silence_of(apres) is None:
        return Genre.NOUVEAU
    return Genre.DEPLACE if dit_autre_chose else None


def expected_ids(session: Session, rdv_id: int) -> list[int]:
    """Who is still expected in an RDV."""
    return list(
        session.scalars(
            select(Participation.usager_id)
            .where(Participation.rdv_id == rdv_id, Participation.issue.is_(None))
            .order_by(Participation.id)
        )
    )


def _read(session: Session, contexte: Contexte, rdv: Rdv, maintenant: datetime) -> RdvNotifie:
    return read_rdvs(session, [rdv.id], day_of(maintenant), contexte)[rdv.id]


def is_lieu_open(session: Session, contexte: Contexte, rdv_id: int) -> bool:
    """Whether this agent may read where an RDV takes place (R11)."""
    return rdv_id in open_lieux(session, contexte, [rdv_id])
