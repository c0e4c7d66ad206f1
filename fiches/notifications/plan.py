"""What the outbox of an RDV should hold, compared with what it holds (PURE, R19, R20).

`plan_envois` asks `rules.who_is_told` and says what to add, what to give up and why, what waits again.
Carried out and asked once more, it changes nothing.
"""

from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from fiches.notifications.rules import Canal, Etat, Genre, Raison, RdvNotifie, reminder_at, who_is_told


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
    """The latest announcement, given up for a reason that has passed: a channel switched off
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
