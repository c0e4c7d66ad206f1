"""What agents do about messages: send one again, say that an address was checked (R20, R21)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.db import transaction
from fiches.journal.actions import record
from fiches.notifications import outbox
from fiches.notifications.lecture import read_rdvs
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Canal, Etat
from fiches.notifications.tentatives import explain_code, judge
from fiches.usagers.queries import get_usager


class MessageIntrouvable(Exception):
    """No such message in this organisation."""


class RenvoiImpossible(Exception):
    """The message cannot be sent again; `texte` says why."""

    def __init__(self, texte: str) -> None:
        super().__init__(texte)
        self.texte = texte


def resend(session: Session, contexte: Contexte, message_id: int, le: datetime) -> int:
    """Let a message that failed wait again, to be written anew to the present address; whose it is.

    Raises MessageIntrouvable, RenvoiImpossible.
    """
    with transaction(session):
        message = _lock(session, contexte, message_id)
        if message.etat != Etat.ECHEC:
            raise RenvoiImpossible("Ce message n’est plus en échec : il n’y a rien à renvoyer.")
        _check_wanted(session, message, le)
        message.etat, message.raison, message.essayer_le, message.tentatives = Etat.ATTENTE, None, le, 0
        message.adresse = message.sujet = message.texte = message.transport = None
        details = {"message_id": message.id, "canal": message.canal}
        _record(session, contexte, "message_renvoye", message.usager_id, le, details)
        return message.usager_id


def _lock(session: Session, contexte: Contexte, message_id: int) -> Message:
    """The message, its RDV locked first, as whoever moves or sends it does."""
    ici = Message.organisation_id == contexte.organisation_id
    rdv_id = session.scalar(select(Message.rdv_id).where(Message.id == message_id, ici))
    outbox.lock_rdvs(session, [rdv_id or 0])
    message = session.scalar(select(Message).where(Message.id == message_id, ici).with_for_update())
    if message is None:
        raise MessageIntrouvable
    return message


def _check_wanted(session: Session, message: Message, le: datetime) -> None:
    rdv_id = message.rdv_id or 0
    rdv = read_rdvs(session, [rdv_id], day_of(le)).get(rdv_id)
    lignes = outbox.read_lignes(session, [rdv_id])[rdv_id]
    ligne = next(x for x in lignes if x.id == message.id)
    autres = [x for x in lignes if x.id != message.id]
    verdict = judge(rdv, ligne, autres, None, le)
    if isinstance(verdict, tuple):
        pourquoi = explain_code(verdict[1], Canal(message.canal))
        raise RenvoiImpossible(f"Ce message ne peut plus être renvoyé : {pourquoi}.")
    if any(x.cle == ligne.cle and x.etat is Etat.ATTENTE for x in autres):
        raise RenvoiImpossible("Le même message attend déjà d’être envoyé.")


def verify_adresse(session: Session, contexte: Contexte, usager_id: int, canal: Canal, le: datetime) -> bool:
    """The present address was checked with the person: messages go there again; whether it was marked.

    Raises FicheIntrouvable, FicheFusionnee, FicheProtegee.
    """
    with transaction(session):
        usager = get_usager(session, contexte, usager_id, writing=True)
        adresse = usager.email if canal is Canal.EMAIL else usager.telephone
        marque = session.get(AdresseAVerifier, (usager.id, canal.value, adresse)) if adresse else None
        if marque is None:
            return False
        session.execute(
            delete(AdresseAVerifier).where(
                AdresseAVerifier.usager_id == usager.id,
                AdresseAVerifier.canal == canal.value,
                AdresseAVerifier.adresse == adresse,
            )
        )
        outbox.resync_usagers(session, [usager.id], le)
        _record(session, contexte, "adresse_verifiee", usager.id, le, {"canal": canal.value})
        return True


def _record(
    session: Session, contexte: Contexte, acte: str, usager_id: int, le: datetime, details: dict[str, object]
) -> None:
    agent_id, organisation_id = contexte.agent.id, contexte.organisation_id
    record(
        session, acte, usager_id=usager_id, le=le, agent_id=agent_id, organisation_id=organisation_id, details=details
    )  # fmt: skip
