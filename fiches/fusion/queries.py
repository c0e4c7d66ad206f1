"""Reading two fiches whole, in a number of statements that no count of RDVs changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from fiches.acces.rules import Contexte
from fiches.comptes.models import AccesCompte, Compte
from fiches.dates import show_court
from fiches.doublons.models import Doublon
from fiches.fusion.etat import (
    COTES,
    Attache,
    Changement,
    CompteLu,
    ContactAncien,
    Cote,
    Ecarte,
    FicheLue,
    Lecture,
    Lien,
    NomAncien,
    Note,
    PaireLue,
    Personne,
    Presence,
    Suivi,
)
from fiches.fusion.models import Fusion
from fiches.fusion.queries_messages import read_courrier, read_marks
from fiches.fusion.refus import FicheIntrouvable, FicheProtegee, MemeFiche
from fiches.journal.models import EntreeJournal
from fiches.organisations.models import Agent, Organisation
from fiches.proches.models import LienProche
from fiches.rdvs.models import Motif, Participation, Rdv
from fiches.usagers.champs import COLONNES
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque, Usager
from fiches.usagers.queries import hidden_fields
from fiches.usagers.rules import Preference, Preferences, full_name

AUTRE_SERVICE = "un autre service"
ACTES_USAGER = ("espace", "inscription", "desabonnement")  # changes that the usager made (F4)
ACTES_VOULUS = ("creation", "modification", "fusion", *ACTES_USAGER)  # an import is none (F4)

Par = dict[int, list[Any]]


def read_fusion(session: Session, contexte: Contexte, a_id: int, b_id: int, maintenant: datetime) -> Lecture:
    """Both fiches with all that hangs on them; merged ids are followed to their survivor (F10).

    Raises FicheIntrouvable or FicheProtegee for a side the agent may not merge, MemeFiche
    when both sides are, or have become, one fiche.
    """
    ids = follow(session, contexte, a_id, b_id)
    usagers = {u.id: u for u in session.scalars(select(Usager).where(Usager.id.in_(ids.values())))}
    attaches, suivis = _attaches(session, contexte, ids), _suivis(session, contexte, ids)
    for cote in COTES:
        if usagers[ids[cote]].protegee and not _follows(contexte, suivis[ids[cote]]):
            raise FicheProtegee(cote)
    lus: dict[str, Par] = {
        "attaches": attaches,
        "suivis": suivis,
        "notes": _notes(session, contexte, ids),
        "proches": _proches(session, contexte, ids),
        "responsable": _responsables(session, contexte, ids),
        "presences": _presences(session, contexte, ids),
        "compte": _comptes(session, ids),
        "anciens_noms": _anciens_noms(session, ids),
        "anciens_contacts": _anciens_contacts(session, ids),
        "a_verifier": read_marks(session, ids.values()),
    }
    changements = _changements(session, ids)
    tout = replace(contexte, champs_masques=())  # what a service does not use moves under the agent's eyes
    fiches = {
        c: _fiche(
            usagers[i],
            {nom: par[i] for nom, par in lus.items()},
            changements[i],
            hidden_fields(session, tout, usagers[i]),
        )
        for c, i in ids.items()
    }
    ecarte, paires = _paires(session, ids)
    courrier = read_courrier(session, contexte, ids.values(), maintenant)
    return Lecture(fiches["a"], fiches["b"], _ascendants(session, contexte, ids), ecarte, paires, courrier)


def _follows(contexte: Contexte, suivis: list[Suivi]) -> bool:
    """Whether the agent is one of these référents, in one of their own organisations (R11)."""
    return any(s.agent_id == contexte.agent.id and s.organisation_id in contexte.portee for s in suivis)


def follow(session: Session, contexte: Contexte, a_id: int, b_id: int) -> dict[Cote, int]:
    """The ids that the two now stand for, checked against what the agent may see (F7, F10)."""
    demandes: dict[Cote, int] = {"a": a_id, "b": b_id}
    if a_id == b_id:
        raise MemeFiche(a_id, fusionnees=False)
    actuel = func.coalesce(Usager.fusionne_vers_id, Usager.id)
    lignes = session.execute(select(Usager.id, actuel).where(Usager.id.in_((a_id, b_id))))
    pointe = {usager_id: vers for usager_id, vers in lignes}  # noqa: C416 -- a Result is no mapping
    visibles = set(session.scalars(visible_ids(contexte, list(pointe.values()))))
    ids: dict[Cote, int] = {}
    for cote, demande in demandes.items():
        if pointe.get(demande) not in visibles:
            raise FicheIntrouvable(cote)
        ids[cote] = pointe[demande]
    if ids["a"] == ids["b"]:
        raise MemeFiche(ids["a"], fusionnees=True)
    return ids


def visible_ids(contexte: Contexte, ids: Iterable[int]) -> Select[int]:
    """Of these fiches, those attached to one of the agent's organisations of the territoire; an
    anonymised one is nobody's any more (R15)."""
    return (
        select(Rattachement.usager_id)
        .join(Usager, Usager.id == Rattachement.usager_id)
        .where(Usager.anonymise_le.is_(None))
        .where(Rattachement.usager_id.in_(list(ids)), Rattachement.organisation_id.in_(contexte.portee))
        .distinct()
    )


def _fiche(
    usager: Usager, lus: dict[str, list[Any]], changements: dict[str, Changement], fermes: frozenset[str]
) -> FicheLue:
    return FicheLue(
        id=usager.id,
        version=usager.version,
        cree_le=usager.cree_le,
        valeurs={nom: getattr(usager, nom) for nom in COLONNES},
        preferences=Preferences(
            Preference(usager.notif_email, usager.notif_email_auteur, usager.notif_email_le),
            Preference(usager.notif_sms, usager.notif_sms_auteur, usager.notif_sms_le),
        ),
        prenom_pas_encore_donne=usager.prenom_pas_encore_donne,
        nom_unique=usager.nom_unique,
        email_tiers=usager.email_tiers,
        protegee=usager.protegee,
        identite=usager.identite,
        attaches=tuple(lus["attaches"]),
        suivis=tuple(lus["suivis"]),
        notes=tuple(lus["notes"]),
        responsable=next(iter(lus["responsable"]), None),
        proches=tuple(lus["proches"]),
        presences=tuple(lus["presences"]),
        compte=next(iter(lus["compte"]), None),
        anciens_noms=tuple(lus["anciens_noms"]),
        anciens_contacts=tuple(lus["anciens_contacts"]),
        changements=changements,
        decede_le=usager.decede_le,
        a_verifier=tuple(lus["a_verifier"]),
        fermes=tuple(sorted(fermes)),
    )


def _par(ids: dict[Cote, int]) -> Par:
    return {i: [] for i in ids.values()}


def _attaches(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    lignes = session.execute(
        select(Rattachement, Organisation)
        .join(Organisation, Organisation.id == Rattachement.organisation_id)
        .where(Rattachement.usager_id.in_(ids.values()))
        .order_by(Rattachement.cree_le, Rattachement.organisation_id)
    )
    for lien, organisation in lignes:
        lisible = organisation.id in contexte.portee
        nom = organisation.nom if lisible or not organisation.discrete else AUTRE_SERVICE
        par[lien.usager_id].append(Attache(organisation.id, nom, lien.cree_le, lisible))
    return par


def _suivis(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    lignes = session.execute(
        select(Referent.usager_id, Referent.agent_id, Referent.organisation_id, Agent.nom)
        .join(Agent, Agent.id == Referent.agent_id)
        .where(Referent.usager_id.in_(ids.values()))
        .order_by(Referent.agent_id, Referent.organisation_id)
    )
    for usager_id, agent_id, organisation_id, nom in lignes:
        lisible = organisation_id in contexte.portee
        par[usager_id].append(Suivi(agent_id, organisation_id, nom if lisible else "", lisible))
    return par


def _notes(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    lignes = session.execute(
        select(Remarque, Organisation.nom)
        .join(Organisation, Organisation.id == Remarque.organisation_id)
        .where(Remarque.usager_id.in_(ids.values()))
        .order_by(Remarque.organisation_id)
    )
    for note, nom in lignes:
        lisible = note.organisation_id in contexte.portee
        par[note.usager_id].append(Note(note.organisation_id, nom, note.texte, note.modifie_le, lisible))
    return par


def personnes(session: Session, contexte: Contexte, ids: Iterable[int]) -> dict[int, Personne]:
    """Who these fiches are, as far as the agent may know (F7)."""
    ids = list(ids)
    if not ids:
        return {}
    attachee = (
        select(Rattachement.usager_id)
        .where(Rattachement.usager_id == Usager.id, Rattachement.organisation_id.in_(contexte.portee))
        .exists()
    )
    lignes = session.execute(
        select(Usager.id, Usager.prenom, Usager.nom, Usager.prenom_pas_encore_donne, attachee).where(Usager.id.in_(ids))
    )
    return {i: Personne(i, full_name(prenom, nom, attend), vu) for i, prenom, nom, attend, vu in lignes}


def _proches(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    liens = session.scalars(select(LienProche).where(LienProche.responsable_id.in_(ids.values()))).all()
    noms = personnes(session, contexte, {lien.proche_id for lien in liens})
    for lien in sorted(liens, key=lambda x: x.proche_id):
        par[lien.responsable_id].append(
            Lien(noms[lien.proche_id], lien.nature, lien.fin, lien.cree_le, lien.confirme_le)
        )
    return par


def _responsables(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    liens = session.scalars(select(LienProche).where(LienProche.proche_id.in_(ids.values()))).all()
    noms = personnes(session, contexte, {lien.responsable_id for lien in liens})
    for lien in liens:
        par[lien.proche_id].append(
            Lien(noms[lien.responsable_id], lien.nature, lien.fin, lien.cree_le, lien.confirme_le)
        )
    return par


def _ascendants(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> dict[int, Personne]:
    """Each proche above the two fiches with its responsable, all the way up (F15)."""
    montee = (
        select(LienProche.proche_id, LienProche.responsable_id)
        .where(LienProche.proche_id.in_(ids.values()))
        .cte("montee", recursive=True)
    )
    haut = aliased(LienProche)
    montee = montee.union(
        select(haut.proche_id, haut.responsable_id).join(montee, haut.proche_id == montee.c.responsable_id)
    )
    paires = session.execute(select(montee.c.proche_id, montee.c.responsable_id)).all()
    noms = personnes(session, contexte, {responsable for _, responsable in paires})
    return {proche: noms[responsable] for proche, responsable in paires}


def _presences(session: Session, contexte: Contexte, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    participation = (Participation.usager_id, Participation.id, Participation.issue, Participation.excuse_par)
    lignes = session.execute(
        select(*participation, Rdv.id, Rdv.organisation_id, Rdv.debut, Rdv.duree, Rdv.annule_le, Motif.nom)
        .join(Rdv, Rdv.id == Participation.rdv_id)
        .join(Motif, Motif.id == Rdv.motif_id)
        .where(Participation.usager_id.in_(ids.values()))
        .order_by(Rdv.debut, Rdv.id)
    )
    for usager_id, id, issue, par_qui, rdv_id, organisation_id, debut, duree, annule_le, motif in lignes:
        lisible = organisation_id in contexte.portee
        libelle = f"{show_court(debut)}, {motif}" if lisible else ""
        annule = annule_le is not None
        par[usager_id].append(
            Presence(id, rdv_id, organisation_id, debut, duree, annule, issue, lisible, libelle, par_qui)
        )
    return par


def _comptes(session: Session, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    ailleurs = aliased(AccesCompte)
    lignes = session.execute(
        select(AccesCompte.usager_id, Compte, func.count(ailleurs.usager_id))
        .join(Compte, Compte.id == AccesCompte.compte_id)
        .outerjoin(ailleurs, and_(ailleurs.compte_id == Compte.id, ailleurs.usager_id != AccesCompte.usager_id))
        .where(AccesCompte.usager_id.in_(ids.values()))
        .group_by(AccesCompte.usager_id, Compte.id)
    )
    for usager_id, compte, autres in lignes:
        par[usager_id].append(CompteLu(compte.id, compte.email, compte.etat, autres))
    return par


def _anciens_noms(session: Session, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    for x in session.scalars(select(AncienNom).where(AncienNom.usager_id.in_(ids.values())).order_by(AncienNom.id)):
        par[x.usager_id].append(NomAncien(x.id, x.prenom, x.nom))
    return par


def _anciens_contacts(session: Session, ids: dict[Cote, int]) -> Par:
    par = _par(ids)
    lignes = select(AncienContact).where(AncienContact.usager_id.in_(ids.values())).order_by(AncienContact.id)
    for x in session.scalars(lignes):
        par[x.usager_id].append(ContactAncien(x.id, x.genre, x.valeur))
    return par


def _changements(session: Session, ids: dict[Cote, int]) -> dict[int, dict[str, Changement]]:
    """The last deliberate change of each field, by the journal; an import is none (F4)."""
    par: dict[int, dict[str, Changement]] = {i: {} for i in ids.values()}
    lignes = session.execute(
        select(EntreeJournal.usager_id, EntreeJournal.le, EntreeJournal.acte, EntreeJournal.champs)
        .where(EntreeJournal.usager_id.in_(ids.values()), EntreeJournal.acte.in_(ACTES_VOULUS))
        .order_by(EntreeJournal.id)
    )
    for usager_id, le, acte, champs in lignes:
        for champ in champs:
            par[usager_id][champ] = Changement(le, acte in ACTES_USAGER)
    return par


def _paires(session: Session, ids: dict[Cote, int]) -> tuple[Ecarte | None, tuple[PaireLue, ...]]:
    a, b = ids["a"], ids["b"]
    ecarte, paires = None, []
    lignes = session.scalars(
        select(Doublon)
        .where(or_(Doublon.usager_a_id.in_((a, b)), Doublon.usager_b_id.in_((a, b))))
        .order_by(Doublon.id)
    )
    for paire in lignes:
        if {paire.usager_a_id, paire.usager_b_id} == {a, b}:
            ecarte = Ecarte(paire.raison, paire.decide_le) if paire.etat == "ecarte" else None
            continue
        cote: Cote = "a" if a in (paire.usager_a_id, paire.usager_b_id) else "b"
        autre = paire.usager_b_id if paire.usager_a_id == ids[cote] else paire.usager_a_id
        paires.append(PaireLue(paire.id, cote, autre, paire.etat, paire.score))
    return ecarte, tuple(paires)


@dataclass(frozen=True)
class FusionLue:
    """A merge that was done, as its page shows it. Of another, discreet service neither the name
    nor the agent's is told (R10): `agent` is then ''."""

    fusion: Fusion
    agent: str
    organisation: str
    survivant: Personne


def read_fusion_faite(session: Session, contexte: Contexte, fusion_id: int) -> FusionLue | None:
    """A merge whose kept fiche the agent may see, None otherwise."""
    ligne = session.execute(
        select(Fusion, Agent.nom, Organisation, func.coalesce(Usager.fusionne_vers_id, Usager.id))
        .join(Agent, Agent.id == Fusion.agent_id)
        .join(Organisation, Organisation.id == Fusion.organisation_id)
        .join(Usager, Usager.id == Fusion.survivant_id)
        .where(Fusion.id == fusion_id)
    ).one_or_none()
    if ligne is None:
        return None
    fusion, agent, organisation, survivant = ligne
    personne = personnes(session, contexte, [survivant])[survivant]
    if not personne.visible:
        return None
    if organisation.discrete and organisation.id not in contexte.portee:
        return FusionLue(fusion, "", AUTRE_SERVICE, personne)
    return FusionLue(fusion, agent, organisation.nom, personne)
