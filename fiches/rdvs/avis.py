"""The avis to print: when and where, and what will be sent to whom, one sheet per participant (PURE, R22).

A sheet names one participant alone: nobody learns who else takes part (R16).
"""

from dataclasses import dataclass
from datetime import datetime

from fiches.identite import show_telephone
from fiches.notifications.previsions import Destinataire, Prevision
from fiches.notifications.rules import RdvNotifie, who_is_told
from fiches.notifications.textes import LIBELLES_CANAL


@dataclass(frozen=True)
class Feuille:
    """One sheet. `annule`: it says that there is no RDV any more."""

    usager_id: int
    nom: str
    debut: datetime
    duree: int
    lieu: str | None
    telephone: str
    destinataires: tuple[Destinataire, ...]
    annule: bool


def make_feuilles(rdv: RdvNotifie, previsions: tuple[Prevision, ...]) -> tuple[Feuille, ...]:
    """A sheet for each participant who is expected."""
    return tuple(
        Feuille(
            p.contact.usager_id,
            p.contact.nom,
            rdv.debut,
            rdv.duree,
            rdv.lieu,
            show_telephone(rdv.telephone),
            _told(rdv, previsions, p.contact.usager_id),
            rdv.annule,
        )
        for p in rdv.participants
        if p.attendu
    )


def _told(rdv: RdvNotifie, previsions: tuple[Prevision, ...], usager_id: int) -> tuple[Destinataire, ...]:
    """Those who are told of this participant's RDV."""
    siens = {
        (a.destinataire.usager_id, LIBELLES_CANAL[a.canal])
        for a in who_is_told(rdv)
        if any(c.usager_id == usager_id for c in a.pour)
    }
    return tuple(d for p in previsions for d in p.prevenus if (d.usager_id, d.canal) in siens)
