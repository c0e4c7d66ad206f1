"""Writing the outbox, always in the caller's own transaction (R20).

    announce(session, rdv_id, Genre.DEPLACE, le)    an RDV was made, moved or cancelled
    resync(session, rdv_ids, le)                    who is concerned changed: contact, préférences, link, merge

Both lock the RDVs, ask `plan.plan_envois` and write what it says. Nothing is sent from here.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from fiches.dates import day_of
from fiches.notifications.lecture import coming_rdvs, read_rdvs
from fiches.notifications.models import Message
from fiches.notifications.plan import Ajout, Ligne, PlanEnvois, plan_envois
from fiches.notifications.rules import Canal, Etat, Genre, Raison, RdvNotifie
from fiches.rdvs.models import Rdv

DOMAINE = "fiches-usager.invalid"  # right side of a Message-ID: nobody's, so that no server's name leaks

LOT = 500  # RDVs brought in line at a time


def announce(session: Session, rdv_id: int, genre: Genre, le: datetime, *, evenement: bool = False) -> None:
    """Write the messages of what just happened to an RDV, whose row is as it is now (R19).

    Raises its `evenement` when it was moved or cancelled: each is an event of its own. So is, with
    `evenement`, another hour or place given as its silence is lifted: it is announced as new, also to
    whoever had been told of the former one.
    """
    session.flush()
    if evenement or genre is not Genre.NOUVEAU:
        session.execute(update(Rdv).where(Rdv.id == rdv_id).values(evenement=Rdv.evenement + 1))
    _bring_in_line(session, [rdv_id], le, genre)


def resync(session: Session, rdv_ids: Collection[int], le: datetime) -> None:
    """Bring waiting messages and reminders of these RDVs in line with who is to be told now."""
    session.flush()
    _bring_in_line(session, rdv_ids, le, None)


def resync_usagers(session: Session, usager_ids: Collection[int], le: datetime) -> None:
    """The same for every RDV to come that concerns these usagers, as participants or responsables."""
    session.flush()
    _bring_in_line(session, coming_rdvs(session, usager_ids, le), le, None)


def _bring_in_line(session: Session, rdv_ids: Collection[int], le: datetime, genre: Genre | None) -> None:
    for ids in _lots(rdv_ids):
        _lock(session, ids)
        session.expire_all()
        rdvs = read_rdvs(session, ids, day_of(le))
        lignes = read_lignes(session, ids)
        _write(session, [(rdv, plan_envois(rdv, lignes[rdv_id], le, genre)) for rdv_id, rdv in rdvs.items()], le)


def lock_rdvs(session: Session, rdv_ids: Collection[int]) -> None:
    """Lock these RDVs, the smaller id first. Whoever locks usagers too does so before."""
    for ids in _lots(rdv_ids):
        _lock(session, ids)


def _lots(rdv_ids: Collection[int]) -> Iterator[Sequence[int]]:
    """The ids in their order, so many at a time: SQLite takes 32,766 variables in a statement."""
    ids = sorted(rdv_ids)
    return (ids[i : i + LOT] for i in range(0, len(ids), LOT))


def _lock(session: Session, ids: Sequence[int]) -> None:
    session.scalars(select(Rdv.id).where(Rdv.id.in_(ids)).order_by(Rdv.id).with_for_update(key_share=True)).all()


def read_lignes(session: Session, rdv_ids: Collection[int]) -> dict[int, list[Ligne]]:
    """The rows of the outbox of each of these RDVs, oldest first."""
    par_rdv: dict[int, list[Ligne]] = defaultdict(list)
    colonnes = (Message.id, Message.usager_id, Message.genre, Message.canal, Message.evenement, Message.etat)
    ecrite = Message.texte.is_not(None)  # a waiting row keeps its text only when it may have left
    for rdv_id, id, usager_id, genre, canal, evenement, etat, du_le, fige in session.execute(
        select(Message.rdv_id, *colonnes, Message.du_le, ecrite).where(Message.rdv_id.in_(rdv_ids)).order_by(Message.id)
    ):
        par_rdv[rdv_id or 0].append(
            Ligne(id, usager_id, Genre(genre), Canal(canal), evenement, Etat(etat), du_le, bool(fige))
        )
    return par_rdv


def _write(session: Session, plans: Collection[tuple[RdvNotifie, PlanEnvois]], le: datetime) -> None:
    """Carry out all the plans in a number of statements that their number does not change."""
    table = Message.__table__
    assert isinstance(table, Table)
    par_raison: dict[Raison, list[int]] = defaultdict(list)
    for _, plan in plans:
        for message_id, raison in plan.abandons:
            par_raison[raison].append(message_id)
    for raison, ids in sorted(par_raison.items()):
        session.execute(update(table).where(table.c.id.in_(ids)).values(etat=Etat.ABANDON, raison=raison))
    reprises = [{"cle": i, "quand": du_le} for _, plan in plans for i, du_le in plan.reprises]
    if reprises:
        quand = bindparam("quand", type_=table.c.du_le.type)
        attente = {"etat": Etat.ATTENTE, "raison": None, "du_le": quand, "essayer_le": quand, "tentatives": 0}
        session.execute(update(table).where(table.c.id == bindparam("cle")).values(**attente), reprises)
    ajouts = [_row(rdv, ajout, le) for rdv, plan in plans for ajout in plan.ajouts]
    if ajouts:
        session.execute(insert(table), ajouts)


def new_message_id() -> str:
    """A Message-ID that no other message has."""
    return f"<{uuid.uuid4().hex}@{DOMAINE}>"


def _row(rdv: RdvNotifie, ajout: Ajout, le: datetime) -> dict[str, Any]:
    return {
        "organisation_id": rdv.organisation_id,
        "rdv_id": rdv.id,
        "usager_id": ajout.usager_id,
        "genre": ajout.genre,
        "canal": ajout.canal,
        "evenement": ajout.evenement,
        "du_le": ajout.du_le,
        "essayer_le": ajout.du_le,
        "message_id": new_message_id(),
        "cree_le": le,
    }
