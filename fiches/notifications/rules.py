"""Who is told of an RDV, by which channel, when, or why nobody (PURE, R17–R19, R21, R22).

`who_is_told` is the one answer: the screen, the printed avis, the outbox and the worker all ask it.
`plan.plan_envois` compares that answer with the rows of the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from fiches.dates import day_of, instant_of
from fiches.identite import takes_sms


class Canal(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class Genre(StrEnum):
    """What a message says: an RDV is made, moved, cancelled, or near."""

    NOUVEAU = "nouveau"
    DEPLACE = "deplace"
    ANNULE = "annule"
    RAPPEL = "rappel"


class Etat(StrEnum):
    """Where a message stands."""

    ATTENTE = "attente"
    ENVOI = "envoi"  # claimed by a worker
    ENVOYE = "envoye"
    ABANDON = "abandon"
    ECHEC = "echec"


class Raison(StrEnum):
    """Why somebody is not told, or why a message was given up."""

    NON_NOTIFIE = "non_notifie"
    INVISIBLE = "invisible"
    NE_PAS_PREVENIR = "ne_pas_prevenir"
    PASSE = "passe"
    DECEDE = "decede"
    REFUSE = "refuse"
    SANS_ADRESSE = "sans_adresse"
    FIXE = "fixe"
    A_VERIFIER = "a_verifier"
    MEME_ADRESSE = "meme_adresse"
    ANNULE = "annule"
    DEPLACE = "deplace"
    PLUS_CONCERNE = "plus_concerne"
    EFFACE = "efface"
    DOUBLE = "double"
    DEJA_DIT = "deja_dit"


@dataclass(frozen=True)
class Contact:
    """A person who may receive messages. Not `lisible`: this agent reads neither address (R10, R11);
    `nom` is what they may read. `a_verifier`: channels whose present address said « pas moi ».
    `reserve`: a fiche protégée of which this agent is no référent."""

    usager_id: int
    nom: str
    prenom: str | None = None
    email: str | None = None
    telephone: str | None = None
    veut_email: bool = True
    veut_sms: bool = True
    compte_actif: bool = False
    decede: bool = False
    a_verifier: frozenset[Canal] = frozenset()
    lisible: bool = True
    reserve: bool = False

    def adresse(self, canal: Canal) -> str | None:
        """The address of this channel. A second phone is no SMS address (R19)."""
        return self.email if canal is Canal.EMAIL else self.telephone

    def veut(self, canal: Canal) -> bool:
        """Whether the channel is switched on."""
        return self.veut_email if canal is Canal.EMAIL else self.veut_sms


@dataclass(frozen=True)
class Participant:
    """Somebody in an RDV. `responsable`: the direct one of a link in force; not `attendu`: excused."""

    contact: Contact
    responsable: Contact | None = None
    attendu: bool = True


@dataclass(frozen=True)
class RdvNotifie:
    """What a message needs to know of an RDV. `id` is None while it is still being typed.

    `lieu` and `service` and `motif` are already what a message may say (R21); None: nothing.
    """

    id: int | None
    organisation_id: int
    debut: datetime
    duree: int  # minutes
    visibilite: str
    participants: tuple[Participant, ...]
    annule: bool = False
    ne_pas_prevenir: bool = False
    evenement: int = 0
    lieu: str | None = None
    telephone: str | None = None
    service: str | None = None
    motif: str | None = None
    rappel_jours: int = 2
    rappel_heure: int = 9


@dataclass(frozen=True)
class Avis:
    """One person by one channel: `adresse` when they are told, else `raison`. `pour`: the
    participants it is about, themselves or their proches."""

    destinataire: Contact
    canal: Canal
    pour: tuple[Contact, ...]
    adresse: str | None = None
    raison: Raison | None = None

    @property
    def cle(self) -> tuple[int, Canal]:
        """The person and the channel."""
        return self.destinataire.usager_id, self.canal


def silence_of(rdv: RdvNotifie) -> Raison | None:
    """Why an RDV notifies nobody at all, None when it may (R17, R18)."""
    if rdv.visibilite == "invisible":
        return Raison.INVISIBLE
    if rdv.visibilite != "visible_notifie":
        return Raison.NON_NOTIFIE
    return Raison.NE_PAS_PREVENIR if rdv.ne_pas_prevenir else None


def who_is_told(rdv: RdvNotifie) -> tuple[Avis, ...]:
    """Every person concerned by every channel, told or not, in the order of the participants (R19).

    A proche's RDV goes to the direct responsable, and to the proche too when their compte is active.
    Nobody, and no address, is told twice of one RDV.
    """
    pour: dict[int, list[Contact]] = {}
    contacts: dict[int, Contact] = {}
    for participant in rdv.participants:
        if participant.attendu:
            for contact in _recipients(participant):
                contacts.setdefault(contact.usager_id, contact)
                pour.setdefault(contact.usager_id, []).append(participant.contact)
    silence = silence_of(rdv)
    prises: set[tuple[Canal, str]] = set()
    tous = []
    for usager_id, contact in contacts.items():
        for canal in Canal:
            raison = silence or _refusal(contact, canal)
            adresse = contact.adresse(canal)
            if raison is None and adresse is not None:
                raison = Raison.MEME_ADRESSE if (canal, adresse.lower()) in prises else None
                prises.add((canal, adresse.lower()))
            tous.append(Avis(contact, canal, tuple(pour[usager_id]), None if raison else adresse, raison))
    return tuple(tous)


def _recipients(participant: Participant) -> list[Contact]:
    if participant.contact.decede:
        return []
    if participant.responsable is None:
        return [participant.contact]
    return [participant.responsable, *([participant.contact] if participant.contact.compte_actif else [])]


def _refusal(contact: Contact, canal: Canal) -> Raison | None:
    adresse = contact.adresse(canal)
    if contact.decede:
        return Raison.DECEDE
    if not contact.veut(canal):
        return Raison.REFUSE
    if adresse is None:
        return Raison.SANS_ADRESSE
    if canal is Canal.SMS and not takes_sms(adresse):
        return Raison.FIXE
    return Raison.A_VERIFIER if canal in contact.a_verifier else None


def reminder_at(rdv: RdvNotifie) -> datetime | None:
    """When the reminder leaves: so many days before, at that hour of the clock in Paris (R19); None
    when the organisation sends none."""
    if not rdv.rappel_jours:
        return None
    return instant_of(day_of(rdv.debut) - timedelta(days=rdv.rappel_jours), time(rdv.rappel_heure))


def with_contacts(rdv: RdvNotifie, contacts: Mapping[int, Contact]) -> RdvNotifie:
    """The RDV as it would be with these contacts in place of those of the same ids."""

    def renewed(participant: Participant) -> Participant:
        contact, responsable = participant.contact, participant.responsable
        if responsable is not None:
            responsable = contacts.get(responsable.usager_id, responsable)
        return replace(participant, contact=contacts.get(contact.usager_id, contact), responsable=responsable)

    return replace(rdv, participants=tuple(renewed(p) for p in rdv.participants))


def with_responsable(rdv: RdvNotifie, proche_id: int, responsable: Contact | None) -> RdvNotifie:
    """The RDV as it would be if this proche had this responsable (None: no longer any)."""
    return replace(
        rdv,
        participants=tuple(
            replace(p, responsable=responsable) if p.contact.usager_id == proche_id else p for p in rdv.participants
        ),
    )
