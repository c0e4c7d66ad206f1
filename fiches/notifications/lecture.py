"""Reads RDVs as `rules.who_is_told` judges them, in a number of statements that no count changes.

With a `Contexte` the contacts are named and masked for that agent; without one they are the worker's.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, union
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.comptes.models import AccesCompte, Compte
from fiches.notifications.models import AdresseAVerifier
from fiches.notifications.rules import Canal, Contact, Participant, RdvNotifie
from fiches.organisations.models import Organisation
from fiches.proches.models import LienProche
from fiches.proches.rules import INCONNU, link_holds
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.usagers.models import Rattachement, Referent, Usager
from fiches.usagers.rules import full_name

LIEU_RESERVE = "(lieu réservé aux référents)"  # in place of the place of an RDV with a fiche protégée (R11)


def coming_rdvs(session: Session, usager_ids: Collection[int], maintenant: datetime) -> list[int]:
    """The RDVs to come whose messages may go to one of these usagers or be about one: those they take
    part in, and those of their proches. Cancelled ones among them: a notice may still wait."""
    a_venir = select(Rdv.id).join(Participation, Participation.rdv_id == Rdv.id).where(Rdv.debut > maintenant)
    leurs = a_venir.where(Participation.usager_id.in_(usager_ids))
    des_proches = a_venir.join(LienProche, LienProche.proche_id == Participation.usager_id).where(
        LienProche.responsable_id.in_(usager_ids)
    )  # two searches by index: with "or" PostgreSQL reads both tables whole
    return sorted(session.scalars(union(leurs, des_proches)))


def read_rdvs(
    session: Session, rdv_ids: Collection[int], aujourdhui: date, contexte: Contexte | None = None
) -> dict[int, RdvNotifie]:
    """These RDVs, by id, in the order of their dates. Where a fiche protégée takes part, the place is
    for its référents alone: another agent reads `LIEU_RESERVE` (R11)."""
    rows = session.execute(
        select(Rdv, Motif, Lieu, Organisation)
        .join(Motif, Motif.id == Rdv.motif_id)
        .outerjoin(Lieu, Lieu.id == Rdv.lieu_id)
        .join(Organisation, Organisation.id == Rdv.organisation_id)
        .where(Rdv.id.in_(rdv_ids))
        .order_by(Rdv.debut, Rdv.id)
    ).all()
    presences: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for rdv_id, usager_id, issue in session.execute(
        select(Participation.rdv_id, Participation.usager_id, Participation.issue)
        .where(Participation.rdv_id.in_(rdv_ids))
        .order_by(Participation.id)
    ):
        presences[rdv_id].append((usager_id, issue is None))
    lus = read_participants(session, {u for rdv in presences.values() for u, _ in rdv}, aujourdhui, contexte)
    rdvs = (
        make_rdv(
            rdv.id,
            rdv.debut,
            rdv.duree,
            motif,
            lieu,
            organisation,
            tuple(Participant(lus[u].contact, lus[u].responsable, attendu) for u, attendu in presences[rdv.id]),
            annule=rdv.annule_le is not None,
            ne_pas_prevenir=rdv.ne_pas_prevenir,
            evenement=rdv.evenement,
        )
        for rdv, motif, lieu, organisation in rows
    )
    return {rdv.id: close_lieu(rdv) for rdv in rdvs if rdv.id is not None}


def close_lieu(rdv: RdvNotifie) -> RdvNotifie:
    """The RDV without its place when a participant's fiche is protégée and not this agent's (R11)."""
    if rdv.lieu is None or not any(p.contact.reserve for p in rdv.participants):
        return rdv
    return replace(rdv, lieu=LIEU_RESERVE)


def make_rdv(
    id: int | None,
    debut: datetime,
    duree: int,
    motif: Motif,
    lieu: Lieu | None,
    organisation: Organisation,
    participants: tuple[Participant, ...],
    **reste: Any,
) -> RdvNotifie:
    """An RDV, saved or still being typed, with what its messages may say (R21).

    A place is told by its address, since its name may tell the service; by its name where there is
    no address, or where the motif allows the service's name.
    """
    noms = [] if lieu is None else [lieu.nom] if motif.dire_service or not lieu.adresse else []
    if lieu is not None and lieu.adresse:
        noms.append(lieu.adresse)
    return RdvNotifie(
        id=id,
        organisation_id=organisation.id,
        debut=debut,
        duree=duree,
        visibilite=motif.visibilite,
        participants=participants,
        lieu=", ".join(noms) or None,
        telephone=organisation.telephone,
        service=organisation.nom if motif.dire_service else None,
        motif=motif.nom if motif.dire_motif else None,
        rappel_jours=organisation.rappel_jours,
        rappel_heure=organisation.rappel_heure,
        **reste,
    )


def read_participants(
    session: Session, usager_ids: Collection[int], aujourdhui: date, contexte: Contexte | None = None
) -> dict[int, Participant]:
    """These usagers with the responsable whom a link in force gives them, by id, in the order given."""
    liens = {
        lien.proche_id: lien.responsable_id
        for lien in session.scalars(select(LienProche).where(LienProche.proche_id.in_(usager_ids)))
        if link_holds(lien.fin, aujourdhui)
    }
    contacts = read_contacts(session, {*usager_ids, *liens.values()}, contexte, {r: p for p, r in liens.items()})
    return {
        usager_id: Participant(contacts[usager_id], contacts[liens[usager_id]] if usager_id in liens else None)
        for usager_id in usager_ids
        if usager_id in contacts
    }


def read_contacts(
    session: Session,
    usager_ids: Collection[int],
    contexte: Contexte | None = None,
    proches: Mapping[int, int] | None = None,
) -> dict[int, Contact]:
    """Who these usagers are to a message, by id. `proches`: for a responsable, the proche through
    whom the agent meets them: of these the name is known even where the fiche is not (R10)."""
    usagers = session.scalars(select(Usager).where(Usager.id.in_(usager_ids))).all()
    actifs = set(
        session.scalars(
            select(AccesCompte.usager_id)
            .join(Compte, Compte.id == AccesCompte.compte_id)
            .where(AccesCompte.usager_id.in_(usager_ids), Compte.etat == "actif")
        )
    )
    lisibles, suivis = _readable(session, contexte, usager_ids)
    contacts = {
        u.id: Contact(
            usager_id=u.id,
            nom=_name(u, u.id in lisibles or (u.id in (proches or {}) and not u.protegee)),
            prenom=u.prenom,
            email=u.email,
            telephone=u.telephone,
            veut_email=u.notif_email,
            veut_sms=u.notif_sms,
            compte_actif=u.id in actifs,
            decede=u.decede_le is not None,
            lisible=u.id in lisibles and (not u.protegee or contexte is None or u.id in suivis),
            reserve=u.protegee and contexte is not None and u.id not in suivis,
        )
        for u in usagers
    }
    return mark_addresses(session, contacts)


def mark_addresses(session: Session, contacts: Mapping[int, Contact]) -> dict[int, Contact]:
    """The contacts with the channels marked whose address somebody said was not theirs (R21)."""
    marques: dict[int, set[tuple[Canal, str]]] = defaultdict(set)
    for ligne in session.scalars(select(AdresseAVerifier).where(AdresseAVerifier.usager_id.in_(list(contacts)))):
        marques[ligne.usager_id].add((Canal(ligne.canal), ligne.adresse))
    return {
        usager_id: replace(contact, a_verifier=frozenset(c for c, a in marques[usager_id] if a == contact.adresse(c)))
        for usager_id, contact in contacts.items()
    }


def _name(usager: Usager, nommable: bool) -> str:
    if not nommable:
        return INCONNU
    return full_name(usager.prenom, usager.nom, usager.prenom_pas_encore_donne)


def _readable(session: Session, contexte: Contexte | None, usager_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Of these, the fiches attached to the agent's organisations, and those the agent is référent of."""
    if contexte is None:
        return set(usager_ids), set()
    suit = exists().where(
        Referent.usager_id == Rattachement.usager_id,
        Referent.agent_id == contexte.agent.id,
        Referent.organisation_id.in_(contexte.portee),
    )
    rows = session.execute(
        select(Rattachement.usager_id, suit)
        .where(Rattachement.usager_id.in_(usager_ids), Rattachement.organisation_id.in_(contexte.portee))
        .distinct()
    ).all()
    return {u for u, _ in rows}, {u for u, suivi in rows if suivi}
