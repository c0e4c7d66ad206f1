"""Who is told of an RDV, by which channel, when, or why nobody (PURE, R17–R19, R21, R22).

`who_is_told` is the one answer: the screen, the printed avis, the outbox and the worker all ask it.
`plan_envois` compares that answer with the rows of the outbox: what to add, what to give up.
"""

from collections.abc import Collection, Iterable, Mapping, Set
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


# --- the outbox, compared with what is wanted --------------------------------------------------


@dataclass(frozen=True)
class Ligne:
    """A row of the outbox. `peut_etre_parti`: an attempt ended without an answer, so it may have arrived."""

    id: int
    usager_id: int
    genre: Genre
    canal: Canal
    evenement: int
    etat: Etat
    du_le: datetime
    peut_etre_parti: bool = False

    @property
    def cle(self) -> tuple[int, Genre, Canal, int]:
        """What no two waiting rows of an RDV share."""
        return self.usager_id, self.genre, self.canal, self.evenement


@dataclass(frozen=True)
class Ajout:
    """A row to write."""

    usager_id: int
    genre: Genre
    canal: Canal
    evenement: int
    du_le: datetime


@dataclass(frozen=True)
class PlanEnvois:
    """What becomes of the outbox of one RDV. `reprises`: rows that had been given up and wait again,
    and reminders whose hour changes, with when they leave."""

    ajouts: tuple[Ajout, ...] = ()
    reprises: tuple[tuple[int, datetime], ...] = ()
    abandons: tuple[tuple[int, Raison], ...] = ()


_PARTIS = (Etat.ENVOI, Etat.ENVOYE, Etat.ECHEC)  # nothing more is decided here about these


def plan_envois(
    rdv: RdvNotifie,
    lignes: Collection[Ligne],
    maintenant: datetime,
    annonce: Genre | None = None,
) -> PlanEnvois:
    """Bring the outbox of an RDV in line with who is to be told now.

    `annonce`: what just happened to the RDV, whose `evenement` was raised for it; None when only
    contacts, préférences or links changed: what still waits then goes to whoever is concerned now.
    Whoever has not yet been sent the first message gets that one, with the new date, instead of a
    second; an RDV cancelled before it was announced is not announced at all (R19).
    """
    avis = who_is_told(rdv)
    oui = {a.cle for a in avis if a.adresse is not None}
    voulus = _wanted(rdv, lignes, oui, maintenant, annonce)
    par_cle = {ligne.cle: ligne for ligne in sorted(lignes, key=lambda x: (x.etat is not Etat.ABANDON, x.id))}
    ajouts, reprises = [], []
    for (usager_id, genre, canal, evenement), du_le in sorted(voulus.items()):
        ligne = par_cle.get((usager_id, genre, canal, evenement))
        if ligne is None:
            ajouts.append(Ajout(usager_id, genre, canal, evenement, du_le))
        elif ligne.etat is Etat.ABANDON or (
            ligne.etat is Etat.ATTENTE and genre is Genre.RAPPEL and ligne.du_le != du_le
        ):
            reprises.append((ligne.id, du_le))
    raisons = {a.cle: a.raison for a in avis}
    abandons = [
        (ligne.id, _why(rdv, ligne, maintenant, raisons.get((ligne.usager_id, ligne.canal))))
        for ligne in lignes
        if ligne.etat is Etat.ATTENTE and ligne.cle not in voulus
    ]
    return PlanEnvois(tuple(ajouts), tuple(reprises), tuple(abandons))


def waiting_after(
    rdv: RdvNotifie, lignes: Collection[Ligne], maintenant: datetime, annonce: Genre | None = None
) -> tuple[Ajout, ...]:
    """Every message of the RDV that waits once `plan_envois` is carried out, in the order of leaving:
    what a preview shows (R22)."""
    plan = plan_envois(rdv, lignes, maintenant, annonce)
    perdus, reprises = {i for i, _ in plan.abandons}, dict(plan.reprises)
    restent = [
        Ajout(x.usager_id, x.genre, x.canal, x.evenement, reprises.get(x.id, x.du_le))
        for x in lignes
        if x.id in reprises or (x.etat is Etat.ATTENTE and x.id not in perdus)
    ]
    return tuple(sorted((*restent, *plan.ajouts), key=lambda a: (a.du_le, a.usager_id, a.canal, a.genre)))


Cle = tuple[int, Genre, Canal, int]


def _wanted(
    rdv: RdvNotifie,
    lignes: Collection[Ligne],
    oui: Set[tuple[int, Canal]],
    maintenant: datetime,
    annonce: Genre | None,
) -> dict[Cle, datetime]:
    """The rows that should be waiting, with when they leave; rows that left already may be among them."""
    if rdv.debut <= maintenant:
        return {}
    attente = [x for x in lignes if x.etat is Etat.ATTENTE and x.genre is not Genre.RAPPEL]
    if annonce is not None:  # whoever may have read the former message is told what became of it
        attente = [x for x in attente if not x.peut_etre_parti]
    gardees = [x for x in attente if rdv.annule == (x.genre is Genre.ANNULE)]
    voulus: dict[Cle, datetime] = {x.cle: x.du_le for x in gardees if (x.usager_id, x.canal) in oui}
    ignorants = {(x.usager_id, x.canal) for x in attente if x.genre is Genre.NOUVEAU} | _unaware(lignes)
    deja = {(x.usager_id, x.canal) for x in gardees}
    if annonce is not None and rdv.annule == (annonce is Genre.ANNULE):
        a_dire = oui - (ignorants if rdv.annule else deja)
        voulus |= {(usager_id, annonce, canal, rdv.evenement): maintenant for usager_id, canal in a_dire}
    if annonce is None:
        voulus |= _still_to_tell(lignes, gardees, oui) | _told_after_all(rdv, lignes, oui)
    rappel = reminder_at(rdv)
    if rappel is not None and rappel > maintenant and not rdv.annule:
        voulus |= {(u, Genre.RAPPEL, c, rdv.evenement): rappel for u, c in oui}
    return voulus


def _unaware(lignes: Iterable[Ligne]) -> set[tuple[int, Canal]]:
    """Those whose announcement was given up and whom nothing else reached: they never heard of the RDV."""
    avertis = {(x.usager_id, x.canal) for x in lignes if x.etat in _PARTIS or x.peut_etre_parti}
    return {(x.usager_id, x.canal) for x in lignes if x.etat is Etat.ABANDON and x.genre is Genre.NOUVEAU} - avertis


def _still_to_tell(
    lignes: Iterable[Ligne], attente: Iterable[Ligne], oui: Iterable[tuple[int, Canal]]
) -> dict[Cle, datetime]:
    """What waits to be told goes to everybody concerned now, unless this very thing was told to them, or
    it is the end of an RDV of which they never heard."""
    dits = {x.cle for x in lignes if x.etat in _PARTIS}
    ignorants = _unaware(lignes)
    servis = {(x.usager_id, x.canal) for x in attente}
    return {
        cle: x.du_le
        for x in attente
        for usager_id, canal in oui
        if not (x.genre is Genre.ANNULE and (usager_id, canal) in ignorants)
        and (usager_id, canal) not in servis
        and (cle := (usager_id, x.genre, canal, x.evenement)) not in dits
    }


def _told_after_all(
    rdv: RdvNotifie, lignes: Collection[Ligne], oui: Iterable[tuple[int, Canal]]
) -> dict[Cle, datetime]:
    """The latest announcement that was given up for everybody's sake but theirs: a channel switched off
    and on again, an address cleared and typed again, somebody excused and expected again. It leaves after
    all, unless it waits for that person or reached them by another channel."""
    annonces = [x for x in lignes if x.genre is not Genre.RAPPEL and rdv.annule == (x.genre is Genre.ANNULE)]
    dernier = max((x.evenement for x in annonces), default=0)
    derniers = [x for x in annonces if x.evenement == dernier]
    servis = {x.usager_id for x in derniers if x.etat is not Etat.ABANDON}
    ignorants = _unaware(lignes) if rdv.annule else set()
    return {
        x.cle: x.du_le
        for x in derniers
        if x.etat is Etat.ABANDON
        and x.usager_id not in servis
        and (x.usager_id, x.canal) in oui
        and (x.usager_id, x.canal) not in ignorants
    }


def _why(rdv: RdvNotifie, ligne: Ligne, maintenant: datetime, raison: Raison | None) -> Raison:
    if rdv.debut <= maintenant:
        return Raison.PASSE
    if rdv.annule:
        return Raison.ANNULE
    if raison is not None:
        return raison
    if any(p.contact.usager_id == ligne.usager_id and p.contact.decede for p in rdv.participants):
        return Raison.DECEDE
    return Raison.DEPLACE if ligne.evenement != rdv.evenement else Raison.PLUS_CONCERNE
