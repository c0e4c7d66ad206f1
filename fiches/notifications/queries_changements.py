"""Who will be told otherwise of RDVs to come when an usager's contact or préférences change (R14, R22)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.notifications.lecture import coming_rdvs, mark_addresses, read_contacts, read_rdvs
from fiches.notifications.outbox import read_lignes
from fiches.notifications.previsions import Prevision, show_change
from fiches.notifications.rules import Etat, RdvNotifie, with_contacts

CHAMPS = {"email": "email", "telephone": "telephone", "notif_email": "veut_email", "notif_sms": "veut_sms"}


@dataclass(frozen=True)
class Changements:
    """What changes for RDVs to come: those of the agent's organisations one by one, of the others only
    how many (R13)."""

    previsions: tuple[Prevision, ...] = ()
    ailleurs: int = 0


def preview_contact(
    session: Session, contexte: Contexte, usager_id: int, valeurs: Mapping[str, Any], maintenant: datetime
) -> Changements:
    """For each RDV to come that will be told to other addresses, or to nobody any more, who will be
    told of it once the fiche holds these values (field → value; absent ones stay)."""
    changes = {CHAMPS[nom]: valeur for nom, valeur in valeurs.items() if nom in CHAMPS}
    if not changes:
        return Changements()
    contact = read_contacts(session, [usager_id], contexte)[usager_id]
    futur = mark_addresses(session, {usager_id: replace(contact, **changes)})
    return preview_changes(session, contexte, usager_id, lambda rdv: with_contacts(rdv, futur), maintenant)


def preview_changes(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    change: Callable[[RdvNotifie], RdvNotifie],
    maintenant: datetime,
) -> Changements:
    """What becomes of the RDVs to come that concern an usager once `change` has happened to each."""
    ids = coming_rdvs(session, [usager_id], maintenant)
    if not ids:
        return Changements()
    lignes = read_lignes(session, ids)
    previsions: list[Prevision] = []
    ailleurs = 0
    for rdv_id, rdv in read_rdvs(session, ids, day_of(maintenant), contexte).items():
        if rdv.annule and not any(ligne.etat is Etat.ATTENTE for ligne in lignes[rdv_id]):
            continue  # over and told
        prevision = show_change(rdv, change(rdv), maintenant, lignes[rdv_id])
        if prevision is not None and rdv.organisation_id in contexte.portee:
            previsions.append(prevision)
        elif prevision is not None:
            ailleurs += 1
    return Changements(tuple(previsions), ailleurs)
