"""What a link of a message still opens (R21).

*Annuler* expires when the RDV begins, the two others 90 days after the message was due, or with the RDV.
What decides (*Annuler*, *Ne plus recevoir*) also asks that the address still be the person's: a stranger
to whom a message went by mistake may only say so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fiches.dates import day_of
from fiches.notifications.jetons import Usage
from fiches.notifications.lecture import read_rdvs
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Canal, Participant, RdvNotifie
from fiches.rdvs.models import Rdv
from fiches.usagers.models import AncienContact, Usager

VALABLE = timedelta(days=90)  # from when the message was due, and until its RDV at least (R21)


class LienPerime(Exception):
    """The link was invented, is too old, or is no longer that person's."""


@dataclass(frozen=True)
class LienLu:
    """A link as its page shows it. `deja`: what it does is done already; `pour`: the participants whom
    *Annuler* excuses; `prenoms`: those of them who are somebody else's proches, by first name (R21)."""

    usage: Usage
    message_id: int
    organisation_id: int
    usager_id: int
    canal: Canal
    adresse: str | None
    deja: bool
    rdv: RdvNotifie | None = None
    passe: bool = False
    pour: tuple[int, ...] = ()
    prenoms: tuple[str, ...] = ()


def read_lien(session: Session, lu: tuple[int, Usage] | None, maintenant: datetime) -> LienLu:
    """The link of a token that was read. Raises LienPerime."""
    message = session.get(Message, lu[0]) if lu else None
    usager = session.get(Usager, message.usager_id) if message else None
    if lu is None or message is None or usager is None or usager.anonymise_le is not None:
        raise LienPerime
    if lu[1] is Usage.PAS_MOI:
        _check_age(session, message, maintenant)
        return _read_pas_moi(session, message)
    _check_address(session, message, usager)
    if lu[1] is Usage.ANNULER:
        return _read_annuler(session, message, maintenant)
    _check_age(session, message, maintenant)
    return _read_arreter(message, usager)


def _check_age(session: Session, message: Message, maintenant: datetime) -> None:
    rdv = session.get(Rdv, message.rdv_id or 0)
    if maintenant > max(message.du_le + VALABLE, rdv.debut if rdv else message.du_le):
        raise LienPerime


def _check_address(session: Session, message: Message, usager: Usager) -> None:
    """Whoever holds a message has a say only while its address is the person's: the present one, or one
    that a merge gave up (F23), of which nobody said « Ce n'est pas moi »."""
    canal = Canal(message.canal)
    presente = usager.email if canal is Canal.EMAIL else usager.telephone
    genre = "email" if canal is Canal.EMAIL else "telephone"
    cedee = exists().where(
        AncienContact.usager_id == usager.id, AncienContact.genre == genre, AncienContact.valeur == message.adresse
    )
    doutee = (message.usager_id, message.canal, message.adresse)
    if message.adresse is None or session.get(AdresseAVerifier, doutee) is not None:
        raise LienPerime
    if message.adresse != presente and not session.scalar(select(cedee)):
        raise LienPerime


def _read_arreter(message: Message, usager: Usager) -> LienLu:
    par_email = Canal(message.canal) is Canal.EMAIL
    actif = usager.notif_email if par_email else usager.notif_sms
    auteur = usager.notif_email_auteur if par_email else usager.notif_sms_auteur
    return _make(Usage.ARRETER, message, deja=not actif and auteur == "usager")


def _read_pas_moi(session: Session, message: Message) -> LienLu:
    """*Ce n'est pas moi* is about the address the message went to: with its text erased nothing is known of it."""
    if message.adresse is None:
        raise LienPerime
    marque = session.get(AdresseAVerifier, (message.usager_id, message.canal, message.adresse))
    return _make(Usage.PAS_MOI, message, deja=marque is not None)


def _make(usage: Usage, message: Message, **reste: Any) -> LienLu:
    return LienLu(
        usage, message.id, message.organisation_id, message.usager_id, Canal(message.canal), message.adresse, **reste
    )


def _read_annuler(session: Session, message: Message, maintenant: datetime) -> LienLu:
    """*Annuler* opens the recipient's own participation and those of their present proches: a former
    responsable's link opens nothing (R26), nor does that of an RDV become discreet (R17)."""
    rdv = read_rdvs(session, [message.rdv_id or 0], day_of(maintenant)).get(message.rdv_id or 0)
    concernes = [p for p in rdv.participants if _answers_for(message.usager_id, p)] if rdv else []
    if rdv is None or rdv.visibilite == "invisible" or not concernes:
        raise LienPerime
    proches = [p.contact for p in concernes if p.contact.usager_id != message.usager_id]
    return _make(
        Usage.ANNULER,
        message,
        rdv=rdv,
        deja=rdv.annule or not any(p.attendu for p in concernes),
        passe=rdv.debut <= maintenant,
        pour=tuple(p.contact.usager_id for p in concernes if p.attendu),
        prenoms=tuple(c.prenom or "votre proche" for c in proches) if len(proches) == len(concernes) else (),
    )


def _answers_for(usager_id: int, participant: Participant) -> bool:
    responsable = participant.responsable
    return participant.contact.usager_id == usager_id or (
        responsable is not None and responsable.usager_id == usager_id
    )
