"""Writing fiches: create, modify, attach, set préférences. One transaction, one journal line each."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.index import reindex
from fiches.journal.actions import record
from fiches.notifications.outbox import resync_usagers
from fiches.usagers import queries
from fiches.usagers.champs import CHAMPS_COMPARES, CHAMPS_NOTIFIES, COLONNES
from fiches.usagers.erreurs import FicheModifiee, RattachementRefuse
from fiches.usagers.models import AncienNom, Rattachement, Remarque, Retrait, Usager
from fiches.usagers.rules import check_preferences_open
from fiches.usagers.saisie import Saisie, journal_values, row_values


def create_usager(
    session: Session,
    saisie: Saisie,
    *,
    territoire_id: int,
    organisation_id: int,
    agent_id: int | None,
    le: datetime,
    raison: str = "creation",
) -> int:
    """Create a fiche attached to this organisation, indexed and journalled; its id (R2).

    `raison` is 'creation' or 'import' (`agent_id` None). Both préférences are on unless the
    saisie says otherwise (R18).
    """
    with transaction(session):
        usager = Usager(**row_values(saisie, territoire_id, le))
        session.add(usager)
        session.flush()
        session.add(
            Rattachement(
                usager_id=usager.id, organisation_id=organisation_id, agent_id=agent_id, raison=raison, cree_le=le
            )
        )
        _write_remarque(session, usager.id, organisation_id, saisie, le)
        reindex(session, [usager.id])
        record(
            session,
            raison,
            usager_id=usager.id,
            le=le,
            agent_id=agent_id,
            organisation_id=organisation_id,
            valeurs=journal_values(saisie),
        )
    return usager.id


def modify_usager(
    session: Session, contexte: Contexte, usager_id: int, saisie: Saisie, version: int | None, le: datetime
) -> list[str]:
    """Save what changes; the names of the fields that did (R14).

    Raises FicheIntrouvable, FicheFusionnee, FicheProtegee, FicheModifiee when the form was
    drawn from an older `version` (None: no check), and PreferencesVerrouillees (R18).
    """
    with transaction(session):
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        if version is not None and version != usager.version:
            raise FicheModifiee(usager.version)
        changes = _changed_columns(usager, saisie)
        changes |= _changed_preferences(usager, saisie, le)
        _keep_former_name(session, usager, changes, saisie, le)
        for nom, valeur in changes.items():
            setattr(usager, nom, valeur)
        remarques = _write_remarque(session, usager.id, contexte.organisation_id, saisie, le)
        champs = [nom for nom in changes if not nom.endswith(("_auteur", "_le"))] + (["remarques"] if remarques else [])
        if not champs:
            return []
        usager.version += 1
        usager.modifie_le = le
        session.flush()
        if any(nom in CHAMPS_COMPARES or nom in ("numero_dossier", "adresse", "code_postal") for nom in champs):
            reindex(session, [usager.id])
        if any(nom in CHAMPS_NOTIFIES for nom in champs):
            resync_usagers(session, [usager.id], le)
        valeurs = {nom: saisie.valeurs["remarques"] if nom == "remarques" else changes[nom] for nom in champs}
        _record(session, contexte, "modification", usager.id, le, valeurs)
    return champs


def set_preferences(session: Session, contexte: Contexte, usager_id: int, saisie: Saisie, le: datetime) -> list[str]:
    """Set the préférences in the usager's place; raises PreferencesVerrouillees (R18)."""
    only = Saisie({}, notif_email=saisie.notif_email, notif_sms=saisie.notif_sms)
    return modify_usager(session, contexte, usager_id, only, None, le)


def attach(session: Session, contexte: Contexte, usager_id: int, raison: str, le: datetime) -> None:
    """Attach a fiche that was shown under R10 to the agent's organisation; journalled.

    Raises FicheIntrouvable outside the territoire and for a fiche protégée, RattachementRefuse
    when nothing showed it to this agent since the day before.
    """
    with transaction(session):
        usager = queries.get_attachable(session, contexte, usager_id)
        if session.get(Rattachement, (usager.id, contexte.organisation_id)):
            return
        if not queries.was_shown(session, contexte, usager.id, le):
            raise RattachementRefuse
        session.add(
            Rattachement(
                usager_id=usager.id,
                organisation_id=contexte.organisation_id,
                agent_id=contexte.agent.id,
                raison=raison,
                cree_le=le,
            )
        )
        session.execute(delete(Retrait).where(queries.removed_here(contexte, usager.id)))
        usager.effacement_le = None  # it was waiting for want of contact: this is one
        _record(session, contexte, "rattachement", usager.id, le, {}, {"raison": raison})


def set_protection(session: Session, contexte: Contexte, usager_id: int, protegee: bool, le: datetime) -> None:
    """Put a fiche under protection or lift it (R11). Whoever protects a fiche becomes one of its
    référents, so that somebody keeps the key."""
    with transaction(session):
        usager = queries.get_usager(session, contexte, usager_id, writing=True)
        if protegee and not queries.is_referent(session, contexte, usager.id):
            queries.add_referent(session, contexte, usager.id, le)
        usager.protegee = protegee
        usager.version += 1
        usager.modifie_le = le
        _record(session, contexte, "protection", usager.id, le, {}, {"protegee": protegee})


def record_reading(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> None:
    """Journal that a fiche protégée was read (R11)."""
    with transaction(session):
        _record(session, contexte, "lecture", usager_id, le, {})


def _changed_columns(usager: Usager, saisie: Saisie) -> dict[str, Any]:
    typed = {nom: valeur for nom, valeur in saisie.valeurs.items() if nom in COLONNES} | dict(saisie.drapeaux)
    return {nom: valeur for nom, valeur in typed.items() if getattr(usager, nom) != valeur}


def _changed_preferences(usager: Usager, saisie: Saisie, le: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for nom, valeur in (("notif_email", saisie.notif_email), ("notif_sms", saisie.notif_sms)):
        if valeur is not None and getattr(usager, nom) != valeur:
            check_preferences_open(queries.preferences_of(usager))
            changes |= {nom: valeur, f"{nom}_auteur": "agent", f"{nom}_le": le}
    return changes


def _keep_former_name(session: Session, usager: Usager, changes: dict[str, Any], saisie: Saisie, le: datetime) -> None:
    """A new name leaves the former one behind, searchable unless it is not to be shown (R14)."""
    if saisie.changement_nom == "correction" or not {"prenom", "nom"} & changes.keys():
        return
    if usager.prenom is None:  # a newborn's naming is no change of name
        return
    session.add(
        AncienNom(
            usager_id=usager.id,
            prenom=usager.prenom,
            nom=usager.nom,
            affiche=saisie.changement_nom == "nouveau_nom",
            origine="changement",
            cree_le=le,
        )
    )


def _write_remarque(session: Session, usager_id: int, organisation_id: int, saisie: Saisie, le: datetime) -> bool:
    """Write the organisation's own remarques; whether they changed."""
    if "remarques" not in saisie.valeurs:
        return False
    texte = saisie.valeurs["remarques"]
    remarque = session.get(Remarque, (usager_id, organisation_id))
    if texte == (remarque.texte if remarque else None):
        return False
    if texte is None:
        session.delete(remarque)
    elif remarque is None:
        session.add(Remarque(usager_id=usager_id, organisation_id=organisation_id, texte=str(texte), modifie_le=le))
    else:
        remarque.texte, remarque.modifie_le = str(texte), le
    return True


def _record(
    session: Session,
    contexte: Contexte,
    acte: str,
    usager_id: int,
    le: datetime,
    valeurs: dict[str, Any],
    details: dict[str, Any] | None = None,
) -> None:
    record(
        session,
        acte,
        usager_id=usager_id,
        le=le,
        agent_id=contexte.agent.id,
        organisation_id=contexte.organisation_id,
        valeurs=valeurs,
        details=details,
    )
