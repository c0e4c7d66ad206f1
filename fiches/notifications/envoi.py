"""Sending what is due: claim, send, record (R20).

A message is claimed in one short transaction, which judges it once more, works out address and words,
and says who has it. It is sent outside any transaction. The answer is recorded only by whoever still has
it. A worker that dies leaves a claim behind, which another takes over once the lease has run out: if the
answer had come but was not recorded, that makes the one repeat that R20 allows, with the same Message-ID
and the same words.
"""

import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fiches.dates import day_of
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.jetons import make_liens
from fiches.notifications.lecture import read_rdvs
from fiches.notifications.models import Message
from fiches.notifications.rules import Avis, Canal, Etat, Genre, Raison, RdvNotifie
from fiches.notifications.tentatives import Incident, Panne, after_incident, judge
from fiches.notifications.textes import Liens, write_message
from fiches.notifications.transports import Pli, Transport
from fiches.rdvs.models import Rdv

log = structlog.get_logger()

ESSAIS_NOTE = 5  # seconds between two attempts to record an answer that came


@dataclass(frozen=True)
class Expediteur:
    """Who sends, and with what. `bail`: seconds after which a claim lapses."""

    nom: str
    transports: dict[Canal, Transport]
    bail: int
    secret: str
    base: str  # where links lead


@dataclass(frozen=True)
class Reclame:
    """A message that this worker has claimed. `repete`: it may have left before, in these very words."""

    id: int
    tentative: int
    canal: Canal
    pli: Pli
    debut: datetime  # of its RDV
    repete: bool


@dataclass
class Bilan:
    """What a round did, by what became of the messages. `partis`: channels by which one left;
    `en_panne`: those whose transport failed."""

    etats: Counter[Etat] = field(default_factory=Counter)
    partis: set[Canal] = field(default_factory=set)
    en_panne: dict[Canal, Panne] = field(default_factory=dict)

    def __str__(self) -> str:
        mots = ((Etat.ENVOYE, "envoyés"), (Etat.ATTENTE, "reportés"), (Etat.ABANDON, "abandonnés"))
        return ", ".join(f"{self.etats[e]} {mot}" for e, mot in (*mots, (Etat.ECHEC, "en échec")))


def worker_name() -> str:
    """A name that no other worker has, on this machine or another."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(3)}"


def send_due(
    session: Session,
    expediteur: Expediteur,
    now: Callable[[], datetime],
    arret: Callable[[], bool] = lambda: False,
    canaux: Collection[Canal] = tuple(Canal),
) -> Bilan:
    """Send what is due on these channels, one message after the other, until nothing is left, `arret`
    says so, or a channel's transport fails: that channel then ends its round."""
    bilan = Bilan()
    ouverts = set(canaux)
    try:
        while ouverts and not arret():
            reclame = claim(session, expediteur, ouverts, now(), bilan)
            if reclame is None:
                break
            incident = _send(expediteur.transports[reclame.canal], reclame.pli)
            etat = _record(session, expediteur, reclame, incident, now)
            bilan.etats[etat] += 1
            if incident is None:
                bilan.partis.add(reclame.canal)
            elif incident.general:
                ouverts.discard(reclame.canal)
                bilan.en_panne[reclame.canal] = incident.panne
    finally:
        for transport in expediteur.transports.values():
            transport.close()
    return bilan


# --- claim --------------------------------------------------------------------------------------


def claim(
    session: Session, expediteur: Expediteur, canaux: Collection[Canal], maintenant: datetime, bilan: Bilan
) -> Reclame | None:
    """Claim the oldest message that is due and still wanted; those that no longer are, are given up
    on the way. None when there is none."""
    while _is_due(session, expediteur, canaux, maintenant):
        with transaction(session):
            message = _lock_oldest(session, expediteur, canaux, maintenant)
            if message is None:
                return None
            rdv = read_rdvs(session, [message.rdv_id or 0], day_of(maintenant)).get(message.rdv_id or 0)
            lignes = outbox.read_lignes(session, [message.rdv_id or 0])[message.rdv_id or 0]
            ligne = next(x for x in lignes if x.id == message.id)
            verdict = judge(rdv, ligne, [x for x in lignes if x.id != message.id], message.raison, maintenant)
            if isinstance(verdict, tuple):
                bilan.etats[_give_up(session, message, verdict, maintenant)] += 1
                continue
            assert rdv is not None
            if message.adresse is not None and message.adresse != verdict.adresse:
                _start_anew(session, message, maintenant)
                bilan.etats[Etat.ABANDON] += 1
                continue
            return _take(message, rdv, verdict, expediteur, maintenant)
    return None


def _due(expediteur: Expediteur, canaux: Collection[Canal], maintenant: datetime) -> ColumnElement[bool]:
    """Due, or claimed by a worker whose lease has run out."""
    echu = maintenant - timedelta(seconds=expediteur.bail)
    return and_(
        Message.canal.in_(list(canaux)),
        or_(
            and_(Message.etat == Etat.ATTENTE, Message.essayer_le <= maintenant),
            and_(Message.etat == Etat.ENVOI, Message.reclame_le <= echu),
        ),
    )


def _is_due(session: Session, expediteur: Expediteur, canaux: Collection[Canal], maintenant: datetime) -> bool:
    """A look without the write lock, so that an idle worker hinders nobody."""
    session.rollback()  # or an older snapshot would be asked
    trouve = session.scalar(select(Message.id).where(_due(expediteur, canaux, maintenant)).limit(1))
    session.rollback()
    return trouve is not None


def _lock_oldest(
    session: Session, expediteur: Expediteur, canaux: Collection[Canal], maintenant: datetime
) -> Message | None:
    """The oldest message that is due, or whose claim has lapsed, with its RDV locked: whoever moves or
    cancels it waits, and sees that the message has been taken. Rows that others hold are passed over."""
    return session.scalars(
        select(Message)
        .join(Rdv, Rdv.id == Message.rdv_id)
        .where(_due(expediteur, canaux, maintenant))
        .order_by(Message.essayer_le, Message.id)
        .limit(1)
        .with_for_update(of=[Message, Rdv], key_share=True, skip_locked=True)
    ).first()


def _give_up(session: Session, message: Message, verdict: tuple[Etat, str], maintenant: datetime) -> Etat:
    """Give up a message that no longer leaves; what it said goes to whoever is concerned now. People may
    have changed while it was claimed, which only its own claim kept from being seen then."""
    etat, raison = verdict
    if etat is Etat.ABANDON and message.rdv_id is not None:
        _end(message, Etat.ATTENTE, raison)
        outbox.resync(session, [message.rdv_id], maintenant)
    if message.etat == Etat.ATTENTE or etat is not Etat.ABANDON:
        _end(message, etat, raison)
    return Etat(message.etat)


def _end(message: Message, etat: Etat, raison: str) -> None:
    message.etat, message.raison = etat, raison
    message.reclame_par = message.reclame_le = None


def _start_anew(session: Session, message: Message, maintenant: datetime) -> None:
    """It may have reached an address that is no longer this person's: another message, with other
    links, goes to the new one."""
    _end(message, Etat.ABANDON, Panne.AUTRE_ADRESSE)
    session.flush()
    colonnes = ("organisation_id", "rdv_id", "usager_id", "genre", "canal", "evenement", "du_le")
    valeurs = {c: getattr(message, c) for c in colonnes}
    session.add(Message(**valeurs, message_id=outbox.new_message_id(), cree_le=maintenant, essayer_le=maintenant))


def _take(message: Message, rdv: RdvNotifie, avis: Avis, expediteur: Expediteur, maintenant: datetime) -> Reclame:
    """Put our name on it; its address and words are worked out unless it may have left with others."""
    liens = make_liens(message.id, expediteur.secret, expediteur.base)
    repete = message.texte is not None
    if not repete:
        texte = write_message(Genre(message.genre), rdv, avis, liens)
        message.adresse, message.sujet, message.texte = avis.adresse, texte.sujet, texte.corps
    message.etat, message.reclame_par, message.reclame_le = Etat.ENVOI, expediteur.nom, maintenant
    message.tentatives += 1
    return Reclame(message.id, message.tentatives, avis.canal, _pli(message, liens, expediteur), rdv.debut, repete)


def _pli(message: Message, liens: Liens, expediteur: Expediteur) -> Pli:
    return Pli(
        reference=message.message_id,
        adresse=message.adresse or "",
        sujet=message.sujet or "",
        texte=message.texte or "",
        arreter=liens.arreter,
        date=message.du_le,
        base=expediteur.base,
    )


# --- send and record ----------------------------------------------------------------------------


def _send(transport: Transport, pli: Pli) -> Incident | None:
    try:
        return transport.send(pli)
    except Exception as erreur:  # one message must not keep the others from leaving
        log.error("envoi", erreur=type(erreur).__name__)
        return Incident(Panne.ERREUR, certain=False)


def _record(
    session: Session, expediteur: Expediteur, reclame: Reclame, incident: Incident | None, now: Callable[[], datetime]
) -> Etat:
    """Write what came of it, however long the base is out of reach: an answer that is lost makes a repeat."""
    fin = time.monotonic() + expediteur.bail / 2
    while True:
        try:
            return record(session, expediteur, reclame, incident, now())
        except OperationalError:
            session.rollback()
            if time.monotonic() > fin:
                raise
            time.sleep(min(ESSAIS_NOTE, expediteur.bail / 10))


def record(
    session: Session, expediteur: Expediteur, reclame: Reclame, incident: Incident | None, maintenant: datetime
) -> Etat:
    """Write what came of an attempt, if the message is still ours; what state it is in."""
    with transaction(session):
        message = session.get(Message, reclame.id, with_for_update=True, populate_existing=True)
        if message is None or message.etat != Etat.ENVOI:
            return Etat.ABANDON
        if (message.reclame_par, message.tentatives) != (expediteur.nom, reclame.tentative):
            return Etat.ENVOI
        transport = expediteur.transports[reclame.canal].nom
        message.reclame_par = message.reclame_le = None
        message.transport = transport
        if incident is None:
            message.etat, message.raison, message.envoye_le = Etat.ENVOYE, None, maintenant
        else:
            _postpone(session, message, reclame, incident, maintenant)
        etat = Etat(message.etat)
        log.info("envoi", canal=reclame.canal, transport=transport, etat=etat, raison=message.raison)
        return etat


def _postpone(session: Session, message: Message, reclame: Reclame, incident: Incident, maintenant: datetime) -> None:
    suite = after_incident(incident, message.tentatives, message.essayer_le, reclame.debut, maintenant)
    if suite.essayer_le is not None:
        _give_up_twin(session, message)
        message.essayer_le = suite.essayer_le
        if suite.oublier and not reclame.repete:
            message.adresse = message.sujet = message.texte = None
    message.etat, message.raison, message.tentatives = suite.etat, incident.panne, suite.tentatives


def _give_up_twin(session: Session, message: Message) -> None:
    """A merge may have brought a waiting message that says the same to the same person: it yields to
    this one, which may have arrived already."""
    cle = ("rdv_id", "usager_id", "genre", "canal", "evenement")
    session.execute(
        update(Message)
        .where(
            *(getattr(Message, c) == getattr(message, c) for c in cle),
            Message.etat == Etat.ATTENTE,
            Message.id != message.id,
        )
        .values(etat=Etat.ABANDON, raison=Raison.DOUBLE)
    )
