"""Writes the demonstration: everything in one transaction, in bulk, indexed as the application does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fiches.acces.mots_de_passe import hash_password
from fiches.acces.queries import read_agent
from fiches.acces.rules import contexte_of
from fiches.comptes.models import AccesCompte, Compte
from fiches.db import refresh_statistics, transaction
from fiches.demo.actions_rdvs import write_rdvs
from fiches.demo.insertion import Ids, insert_all, insert_named
from fiches.demo.plan import GRAINE, FichePrevue, plan_fiches
from fiches.demo.rdvs import plan_rdvs
from fiches.demo.scenario import (
    AGENTS,
    AGENTS_DE,
    MOT_DE_PASSE,
    TELEPHONES,
    TERRITOIRES,
)
from fiches.doublons.actions import store_pairs
from fiches.doublons.index import reindex
from fiches.doublons.queries import find_doublons, read_personne
from fiches.journal.actions import digest
from fiches.journal.models import EntreeJournal
from fiches.notifications.outbox import resync
from fiches.organisations.models import Agent, Appartenance, Organisation, Territoire
from fiches.proches.models import LienProche
from fiches.usagers.champs import COLONNES
from fiches.usagers.models import AncienNom, Rattachement, Referent, Remarque, Usager

PAIRES_CONNUES = 200  # duplicates whose pairs are stored, at most


class BaseOccupee(Exception):
    """The base holds something already: the demonstration is never made beside real data."""


def is_empty(session: Session) -> bool:
    """Whether nobody has put anything in this base yet."""
    return not any(session.scalar(select(exists().select_from(table))) for table in (Territoire, Agent, Usager, Compte))


def load_demo(session: Session, taille: int, maintenant: datetime, graine: int = GRAINE) -> int:
    """Write the demonstration data, dates relative to `maintenant`; how many fiches there are.

    Raises BaseOccupee unless the base is empty.
    """
    fiches = plan_fiches(taille, maintenant, graine)
    rdvs = plan_rdvs(fiches, maintenant, graine)
    mot_de_passe = hash_password(MOT_DE_PASSE)
    with transaction(session):
        if not is_empty(session):
            raise BaseOccupee
        territoires, organisations = _write_organisations(session)
        agents = _write_agents(session, organisations, mot_de_passe, maintenant)
        ids = _write_fiches(session, fiches, territoires, organisations)
        _write_links(session, fiches, ids, organisations, agents)
        _write_comptes(session, fiches, ids, territoires, mot_de_passe, maintenant)
        coming = write_rdvs(session, rdvs, ids, organisations, agents, maintenant)
        _write_journal(session, fiches, ids, organisations, agents)
        reindex(session, list(ids.values()))
        refresh_statistics(session)
        _store_pairs(session, fiches, ids, organisations, agents, maintenant)
        resync(session, coming, maintenant)  # their reminders wait in the outbox
    return len(ids)


def _write_organisations(session: Session) -> tuple[dict[str, int], Ids]:
    """The territoire of each organisation and the organisations, both by the organisation's name."""
    ids = insert_named(session, Territoire, {nom: {"nom": nom} for nom in TERRITOIRES})
    territoires = {org: ids[nom] for nom, orgs in TERRITOIRES.items() for org in orgs}
    organisations = insert_named(
        session,
        Organisation,
        {org: {"nom": org, "territoire_id": t, "telephone": TELEPHONES[org]} for org, t in territoires.items()},
    )
    return territoires, organisations


def _write_agents(session: Session, organisations: Ids, mot_de_passe: str, le: datetime) -> Ids:
    lignes = {
        email: {"email": email, "nom": nom, "mot_de_passe": mot_de_passe, "cree_le": le}
        for email, (nom, _) in AGENTS.items()
    }
    agents = insert_named(session, Agent, lignes)
    insert_all(
        session,
        Appartenance,
        (
            {"agent_id": agents[email], "organisation_id": organisations[org], "role": role}
            for email, (_, places) in AGENTS.items()
            for org, role in places
        ),
    )
    return agents


def _write_fiches(
    session: Session, fiches: list[FichePrevue], territoires: Mapping[str, int], organisations: Ids
) -> Ids:
    """The fiches, oldest first, attached to their services; ids by rank."""
    ids = insert_named(session, Usager, {f.e.rang: _usager_row(f, territoires) for f in fiches})
    insert_all(
        session,
        Rattachement,
        (
            {
                "usager_id": ids[f.e.rang],
                "organisation_id": organisations[org],
                "raison": "orientation" if place else "creation",
                "cree_le": f.cree_le,
            }
            for f in fiches
            for place, org in enumerate(f.organisations)
        ),
    )
    return ids


def _usager_row(f: FichePrevue, territoires: Mapping[str, int]) -> dict[str, Any]:
    row = {nom: getattr(f.e, nom) for nom in COLONNES if nom != "numero_dossier"}
    auteur = "usager" if f.preference else "agent"
    return row | {
        "territoire_id": territoires[f.organisations[0]],
        "numero_dossier": f.numero_dossier,
        "notif_email": f.preference.email if f.preference else True,
        "notif_email_auteur": auteur,
        "notif_email_le": f.preference_le,
        "notif_sms": f.preference.sms if f.preference else True,
        "notif_sms_auteur": auteur,
        "notif_sms_le": f.preference_le,
        "protegee": f.protegee,
        "cree_le": f.cree_le,
        "modifie_le": f.preference_le or f.cree_le,
    }


def _write_links(session: Session, fiches: list[FichePrevue], ids: Ids, organisations: Ids, agents: Ids) -> None:
    """Proches, référents, remarques and former names."""
    proches = [f for f in fiches if f.e.responsable is not None]
    cree_le: dict[int | None, datetime] = {f.e.rang: f.cree_le for f in fiches}
    insert_all(
        session,
        LienProche,
        (
            {
                "proche_id": ids[f.e.rang],
                "responsable_id": ids[f.e.responsable],
                "nature": "familial",
                "cree_le": max(f.cree_le, cree_le[f.e.responsable]),
            }
            for f in proches
        ),
    )
    insert_all(
        session,
        Referent,
        (
            {
                "usager_id": ids[f.e.rang],
                "agent_id": agents[email],
                "organisation_id": organisations[org],
                "cree_le": f.cree_le,
            }
            for f in fiches
            for email, org in f.referents
        ),
    )
    insert_all(
        session,
        Remarque,
        (
            {
                "usager_id": ids[f.e.rang],
                "organisation_id": organisations[f.organisations[0]],
                "texte": f.remarque,
                "modifie_le": f.cree_le,
            }
            for f in fiches
            if f.remarque
        ),
    )
    insert_all(
        session,
        AncienNom,
        (
            {
                "usager_id": ids[f.e.rang],
                "prenom": f.e.prenom,
                "nom": f.e.ancien_nom,
                "origine": "changement",
                "cree_le": f.cree_le,
            }
            for f in fiches
            if f.e.ancien_nom
        ),
    )


def _write_comptes(
    session: Session,
    fiches: list[FichePrevue],
    ids: Ids,
    territoires: Mapping[str, int],
    mot_de_passe: str,
    maintenant: datetime,
) -> None:
    """Comptes, with the fiche that each opens. An invited one has no password yet."""
    titulaires = {f.e.rang: f for f in fiches if f.compte}
    lignes = {
        rang: {
            "email": f.e.email,
            "etat": f.compte,
            "mot_de_passe": mot_de_passe if f.compte == "actif" else None,
            "invite_le": f.cree_le + (maintenant - f.cree_le) * 0.2,
            "actif_le": f.cree_le + (maintenant - f.cree_le) * 0.3 if f.compte == "actif" else None,
        }
        for rang, f in titulaires.items()
    }
    comptes = insert_named(session, Compte, lignes)
    insert_all(
        session,
        AccesCompte,
        (
            {
                "usager_id": ids[rang],
                "compte_id": compte,
                "territoire_id": territoires[titulaires[rang].organisations[0]],
                "cree_le": lignes[rang]["invite_le"],
            }
            for rang, compte in comptes.items()
        ),
    )


def _write_journal(session: Session, fiches: list[FichePrevue], ids: Ids, organisations: Ids, agents: Ids) -> None:
    """The creation of each fiche, by an agent of its first service (R36)."""
    sel = session.info.get("sel", b"")
    auteurs = {org: agents[email] for email, (_, places) in reversed(AGENTS.items()) for org, _ in places}
    lignes = []
    for f in fiches:
        valeurs = {nom: v for nom in COLONNES if nom != "numero_dossier" and (v := getattr(f.e, nom)) is not None}
        lignes.append(
            {
                "le": f.cree_le,
                "acte": "creation",
                "usager_id": ids[f.e.rang],
                "organisation_id": organisations[f.organisations[0]],
                "agent_id": auteurs[f.organisations[0]],
                "champs": list(valeurs),
                "empreintes": {nom: digest(sel, nom, v) for nom, v in valeurs.items()},
                "details": {},
            }
        )
    insert_all(session, EntreeJournal, lignes)


def _store_pairs(
    session: Session, fiches: list[FichePrevue], ids: Ids, organisations: Ids, agents: Ids, maintenant: datetime
) -> None:
    """The pairs that every other duplicate raises are known already; the rest is left to be found."""
    doubles = [f for f in fiches if f.e.original is not None]
    for prevue in doubles[: 2 * PAIRES_CONNUES : 2]:
        service = prevue.organisations[0]
        trouve = read_agent(session, agents[AGENTS_DE[service][0]])
        contexte = contexte_of(trouve[0], organisations[service]) if trouve else None
        if contexte is not None:
            usager_id = ids[prevue.e.rang]
            recherche = find_doublons(session, contexte, read_personne(session, usager_id), sauf=usager_id)
            store_pairs(session, contexte, usager_id, recherche.candidats, origine="creation", le=maintenant)
