"""Who will be told otherwise of RDVs to come when an usager's contact or préférences change (R14, R22)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.notifications.lecture import coming_rdvs, mark_addresses, read_contacts, read_rdvs
from fiches.notifications.outbox import read_lignes
from fiches.notifications.previsions import Prevision, show_change
from fiches.notifications.rules import with_contacts

CHAMPS = {"email": "email", "telephone": "telephone", "notif_email": "veut_email", "notif_sms": "veut_sms"}


def preview_contact(
    session: Session, contexte: Contexte, usager_id: int, valeurs: Mapping[str, Any], maintenant: datetime
) -> tuple[Prevision, ...]:
    """For each RDV to come that will be told to other addresses, or to nobody any more, who will be
    told of it once the fiche holds these values (field → value; absent ones stay)."""
    changes = {CHAMPS[nom]: valeur for nom, valeur in valeurs.items() if nom in CHAMPS}
    ids = coming_rdvs(session, [usager_id], maintenant) if changes else []
    if not ids:
        return ()
    contact = read_contacts(session, [usager_id], contexte)[usager_id]
    futur = mark_addresses(session, {usager_id: replace(contact, **changes)})
    lignes = read_lignes(session, ids)
    rdvs = read_rdvs(session, ids, day_of(maintenant), contexte)
    previsions = (
        show_change(rdv, with_contacts(rdv, futur), maintenant, lignes[rdv_id]) for rdv_id, rdv in rdvs.items()
    )
    return tuple(p for p in previsions if p is not None)
