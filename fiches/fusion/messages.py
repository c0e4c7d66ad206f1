"""What becomes of the outbox: the coming RDVs as they will be, and who is then told (PURE, F23, F24).

Each coming RDV that concerns either fiche is worked out as it will be read after the merge; its rows are
re-pointed, made one where they say the same, and `notifications.rules` decides what waits from then on.
The merge does the same to the real rows: the preview and the outbox cannot differ. Nothing is sent.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fiches.dates import day_of
from fiches.fusion.comptes import PlanComptes
from fiches.fusion.etat import COTES, Cote, Lecture, Lien, other
from fiches.fusion.liens import PlanLiens
from fiches.fusion.preferences import PlanPreferences
from fiches.fusion.rdvs import PlanRdvs
from fiches.fusion.valeurs import PlanValeurs
from fiches.notifications.plan import Ligne, PlanEnvois, plan_envois
from fiches.notifications.rules import Canal, Contact, Etat, Participant, Raison, RdvNotifie
from fiches.proches.rules import link_holds
from fiches.usagers.champs import Valeur
from fiches.usagers.rules import full_name

_PARTIS = (Etat.ENVOI, Etat.ENVOYE)


@dataclass(frozen=True)
class Envois:
    """The outbox of one RDV. `rdv` is as after the merge, `lignes` are re-pointed and the `doubles` among
    them given up; `plan` is what then changes. `deplaces`: the rows of the absorbed fiche."""

    rdv: RdvNotifie
    lignes: tuple[Ligne, ...]
    doubles: tuple[tuple[int, Raison], ...]
    deplaces: tuple[int, ...]
    plan: PlanEnvois

    @property
    def abandons(self) -> dict[int, Raison]:
        """The rows given up, with why."""
        return dict((*self.doubles, *self.plan.abandons))


@dataclass(frozen=True)
class PlanMessages:
    """The outboxes that the merge concerns, in the order of their RDVs."""

    envois: tuple[Envois, ...] = ()

    @property
    def rdv_ids(self) -> tuple[int, ...]:
        """The RDVs whose outbox is brought in line."""
        return tuple(e.rdv.id for e in self.envois if e.rdv.id is not None)

    @property
    def doubles(self) -> tuple[tuple[int, Raison], ...]:
        """The rows that another one makes useless now that the two are one person."""
        return tuple(d for e in self.envois for d in e.doubles)

    def bilan(self) -> dict[str, int]:
        """How many waiting messages change hands, are given up, and are new (F26)."""
        attente = {x.id for e in self.envois for x in e.lignes if x.etat is Etat.ATTENTE}
        perdus = {i for e in self.envois for i in e.abandons}
        deplaces = {i for e in self.envois for i in e.deplaces}
        return {
            "messages": len((deplaces & attente) - perdus),
            "messages_abandonnes": len(perdus),
            "messages_ajoutes": sum(len(e.plan.ajouts) + _revived(e) for e in self.envois),
        }


def _revived(envois: Envois) -> int:
    attente = {x.id for x in envois.lignes if x.etat is Etat.ATTENTE}
    return sum(ligne_id not in attente for ligne_id, _ in envois.plan.reprises)


def plan_messages(
    lecture: Lecture,
    fiche: PlanValeurs,
    comptes: PlanComptes,
    preferences: PlanPreferences,
    liens: PlanLiens,
    rdvs: PlanRdvs,
    maintenant: datetime,
) -> PlanMessages:
    """What waits in the outbox after the merge, and what is given up and why."""
    garde, absorbe = (lecture.cote(c).id for c in (comptes.survivant, other(comptes.survivant)))
    suite = _Suite(
        contact=_contact(lecture, fiche, comptes, preferences, garde),
        absorbe=absorbe,
        responsable=_responsable(lecture, liens.responsable, maintenant),
        excuses=_excused(lecture, comptes.survivant, rdvs),
    )
    envois = []
    for rdv in lecture.courrier.rdvs:
        apres = suite.carry(rdv)
        lues = lecture.courrier.lignes.get(rdv.id or 0, ())
        lignes = [replace(x, usager_id=garde) if x.usager_id == absorbe else x for x in lues]
        deplaces = tuple(x.id for x in lues if x.usager_id == absorbe)
        doubles = _doubles(lignes, deplaces)
        restes = tuple(replace(x, etat=Etat.ABANDON) if x.id in doubles else x for x in lignes)
        plan = plan_envois(apres, restes, maintenant)
        envois.append(Envois(apres, restes, tuple(doubles.items()), deplaces, plan))
    return PlanMessages(tuple(envois))


@dataclass(frozen=True)
class _Suite:
    """What takes the place of the two fiches in an RDV. `excuses`: the common RDVs in which the result
    is not expected."""

    contact: Contact
    absorbe: int
    responsable: Contact | None
    excuses: frozenset[int]

    def carry(self, rdv: RdvNotifie) -> RdvNotifie:
        """The RDV as after the merge: of two participations the survivor's stays, in its place (F16)."""
        ids = (self.contact.usager_id, self.absorbe)
        communs = {p.contact.usager_id for p in rdv.participants} >= set(ids)
        participants = []
        for p in rdv.participants:
            if p.contact.usager_id in ids:
                if communs and p.contact.usager_id == self.absorbe:
                    continue
                attendu = rdv.id not in self.excuses if communs else p.attendu
                participants.append(Participant(self.contact, self.responsable, attendu))
            elif p.responsable is not None and p.responsable.usager_id in ids:
                participants.append(replace(p, responsable=self.contact))
            else:
                participants.append(p)
        return replace(rdv, participants=tuple(participants))


def _contact(
    lecture: Lecture, fiche: PlanValeurs, comptes: PlanComptes, preferences: PlanPreferences, garde: int
) -> Contact:
    """The resulting person as a message meets them."""
    valeurs, choisies = fiche.valeurs, preferences.preferences
    restant = comptes.restant(lecture)
    actuelles = {(Canal.EMAIL, _text(valeurs["email"])), (Canal.SMS, _text(valeurs["telephone"]))}
    marques = {(Canal(canal), adresse) for c in COTES for canal, adresse in lecture.cote(c).a_verifier}
    return Contact(
        usager_id=garde,
        nom=full_name(_text(valeurs["prenom"]), _text(valeurs["nom"]), fiche.prenom_pas_encore_donne),
        prenom=_text(valeurs["prenom"]),
        email=_text(valeurs["email"]),
        telephone=_text(valeurs["telephone"]),
        veut_email=choisies.email.active,
        veut_sms=choisies.sms.active,
        compte_actif=restant is not None and restant.etat == "actif",
        decede=fiche.decede_le is not None,
        a_verifier=frozenset(canal for canal, adresse in marques & actuelles),
    )


def _text(valeur: Valeur) -> str | None:
    return None if valeur is None else str(valeur)


def _responsable(lecture: Lecture, lien: Lien | None, maintenant: datetime) -> Contact | None:
    """Who hears of the result's RDVs in its place, None past the end of the link (R26)."""
    if lien is None or not link_holds(lien.fin, day_of(maintenant)):
        return None
    return lecture.courrier.contacts.get(lien.autre.id)


def _excused(lecture: Lecture, survivant: Cote, rdvs: PlanRdvs) -> frozenset[int]:
    reprises: Mapping[int, str] = {participation: issue for participation, issue, _ in rdvs.issues}
    gardes = lecture.cote(survivant).presences
    return frozenset(p.rdv_id for p in gardes if p.issue is not None or p.id in reprises)


def _doubles(lignes: Collection[Ligne], deplaces: Collection[int]) -> dict[int, Raison]:
    """The waiting rows that would tell the same person the same thing twice (F24): both fiches waited
    for it, and the survivor's row stays, unless only the other may have left already (R20); or one of
    them has it already, or is being sent it."""
    perdus: dict[int, Raison] = {}
    attente = [x for x in lignes if x.etat is Etat.ATTENTE]
    for ligne in attente:
        memes = [x for x in lignes if x.cle == ligne.cle and (x.id in deplaces) != (ligne.id in deplaces)]
        if any(x.etat in _PARTIS for x in memes):
            perdus[ligne.id] = Raison.DEJA_DIT
        elif any(_stays(x, ligne, deplaces) for x in memes if x.etat is Etat.ATTENTE):
            perdus[ligne.id] = Raison.DOUBLE
    return perdus


def _stays(une: Ligne, autre: Ligne, deplaces: Collection[int]) -> bool:
    if une.peut_etre_parti != autre.peut_etre_parti:
        return une.peut_etre_parti
    return autre.id in deplaces
