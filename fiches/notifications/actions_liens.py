"""What the links of a message do, once their page is answered (R18, R21)."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.journal.actions import record
from fiches.notifications.jetons import Usage
from fiches.notifications.models import AdresseAVerifier
from fiches.notifications.outbox import resync_usagers
from fiches.notifications.queries_liens import LienLu, read_lien
from fiches.notifications.rules import Canal
from fiches.rdvs.excuses import excuse
from fiches.usagers.models import Usager
from fiches.usagers.queries import lock_usagers

CHAMPS = {Canal.EMAIL: "notif_email", Canal.SMS: "notif_sms"}


def follow_lien(session: Session, lu: tuple[int, Usage] | None, le: datetime) -> LienLu:
    """Do what the link is for; once more does nothing more. Raises LienPerime.

    The link as it was just before: `passe` when the RDV had begun, and then nothing is done.
    """
    with transaction(session):
        lien = read_lien(session, lu, le)
        if lien.deja or lien.passe:
            return lien
        lock_usagers(session, {lien.usager_id, *lien.pour})
        session.expire_all()
        lien = read_lien(session, lu, le)  # the same answer may just have been given in another window
        if lien.deja or lien.passe:
            return lien
        match lien.usage:
            case Usage.ANNULER:
                _cancel(session, lien, le)
            case Usage.ARRETER:
                _unsubscribe(session, lien, le)
            case Usage.PAS_MOI:
                _not_me(session, lien, le)
    return lien


def _cancel(session: Session, lien: LienLu, le: datetime) -> None:
    assert lien.rdv is not None
    assert lien.rdv.id is not None
    for usager_id in excuse(session, lien.rdv.id, lien.pour, le, "usager"):
        details = {"rdv_id": lien.rdv.id}
        _record(session, "rdv_excuse_usager", lien, usager_id, le, details=details)


def _unsubscribe(session: Session, lien: LienLu, le: datetime) -> None:
    """An explicit act of the usager: the channel is off and the préférences are theirs (R18)."""
    champ = CHAMPS[lien.canal]
    valeurs: dict[str, Any] = {champ: False, f"{champ}_auteur": "usager", f"{champ}_le": le}
    touche = {"version": Usager.version + 1, "modifie_le": le}
    session.execute(update(Usager).where(Usager.id == lien.usager_id).values(**valeurs, **touche))
    _record(session, "desabonnement", lien, lien.usager_id, le, valeurs={champ: False})
    resync_usagers(session, [lien.usager_id], le)


def _not_me(session: Session, lien: LienLu, le: datetime) -> None:
    """Nothing more goes to that address until an agent has checked it with the person."""
    cle = (lien.usager_id, lien.canal.value, lien.adresse)
    if session.get(AdresseAVerifier, cle) is None:
        session.add(AdresseAVerifier(usager_id=cle[0], canal=cle[1], adresse=lien.adresse, le=le))
        _record(session, "pas_moi", lien, lien.usager_id, le, details={"canal": lien.canal.value})
    resync_usagers(session, [lien.usager_id], le)


def _record(session: Session, acte: str, lien: LienLu, usager_id: int, le: datetime, **reste: Any) -> None:
    """A line without agent: the person's own act, which the service that wrote to them reads on the fiche."""
    record(session, acte, usager_id=usager_id, le=le, organisation_id=lien.organisation_id, **reste)
