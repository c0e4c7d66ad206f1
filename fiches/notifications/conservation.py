"""How long messages are kept: addresses and texts go, the fact that something was sent stays (R36)."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.notifications.models import Message
from fiches.notifications.rules import Etat


def erase_texts(session: Session, avant: datetime) -> int:
    """Erase address and text of the messages that were due before `avant` and are done with; how many.

    Without them *Ce n'est pas moi* no longer opens, which is as old by then."""
    colonnes = (Message.adresse, Message.sujet, Message.texte)
    with transaction(session):
        efface = session.execute(
            update(Message)
            .where(
                Message.etat.in_([Etat.ENVOYE, Etat.ABANDON, Etat.ECHEC]),
                Message.du_le < avant,
                or_(*(c.is_not(None) for c in colonnes)),
            )
            .values(adresse=None, sujet=None, texte=None)
        )
        return cast(CursorResult[Any], efface).rowcount
