"""The writes of a merge, one function per table, each a fixed number of statements.

They carry out a plan that is complete and under the write lock; the order in which they run
is that of `tables.REGLES`. Rows are re-pointed, not deleted and made anew (F16).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, case, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from fiches.comptes.models import AccesCompte, Compte
from fiches.db import Base
from fiches.doublons.models import Doublon
from fiches.fusion.plan import PlanFusion
from fiches.fusion.preferences import CANAUX, channel
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Etat, Raison
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque, Retrait, Usager


@dataclass(frozen=True)
class Execution:
    """A plan being carried out, by whom and when."""

    session: Session
    plan: PlanFusion
    agent_id: int
    le: datetime

    @property
    def garde(self) -> int:
        """The id that stays."""
        return self.plan.survivant.id

    @property
    def absorbe(self) -> int:
        """The id that becomes a pointer."""
        return self.plan.absorbe.id


def table_of(modele: type[Base]) -> Table:
    """The table of a model; writes go through it, past the session's objects."""
    table = modele.__table__
    assert isinstance(table, Table)
    return table


def write_usagers(ex: Execution) -> None:
    """The survivor takes the plan's values; the other, and what pointed at it, point at the survivor (F25).

    A merge is a contact: neither fiche waits to be erased any more (R15)."""
    table, fiche = table_of(Usager), ex.plan.fiche
    valeurs: dict[str, Any] = dict(fiche.valeurs)
    for nom in CANAUX:
        preference = channel(ex.plan.preferences.preferences, nom)
        valeurs |= {nom: preference.active, f"{nom}_auteur": preference.auteur, f"{nom}_le": preference.le}
    for drapeau in (
        "prenom_pas_encore_donne",
        "nom_unique",
        "email_tiers",
        "protegee",
        "identite",
        "decede_le",
        "cree_le",
    ):
        valeurs[drapeau] = getattr(fiche, drapeau)
    touche = {"version": table.c.version + 1, "modifie_le": ex.le, "effacement_le": None}
    ex.session.execute(update(table).where(table.c.id == ex.garde).values(**valeurs, **touche))
    ex.session.execute(update(table).where(table.c.fusionne_vers_id == ex.absorbe).values(fusionne_vers_id=ex.garde))
    ex.session.execute(update(table).where(table.c.id == ex.absorbe).values(fusionne_vers_id=ex.garde, **touche))


def move_rattachements(ex: Execution) -> None:
    """Union; in an organisation of both the older rattachement stays (F18)."""
    table = table_of(Rattachement)
    for usager_id, cedes in (
        (ex.garde, ex.plan.unions.retires_survivant),
        (ex.absorbe, ex.plan.unions.retires_absorbe),
    ):
        ex.session.execute(delete(table).where(table.c.usager_id == usager_id, table.c.organisation_id.in_(cedes)))
    _repoint(ex, table, "usager_id")


def move_referents(ex: Execution) -> None:
    """Union; who follows both follows once (F18)."""
    table = table_of(Referent)
    deja = table.alias()
    double = exists().where(
        deja.c.usager_id == ex.garde,
        deja.c.agent_id == table.c.agent_id,
        deja.c.organisation_id == table.c.organisation_id,
    )
    ex.session.execute(delete(table).where(table.c.usager_id == ex.absorbe, double))
    _repoint(ex, table, "usager_id")


def write_remarques(ex: Execution) -> None:
    """Each organisation's remarques as planned: its own, both sides joined (F4)."""
    table = table_of(Remarque)
    ex.session.execute(delete(table).where(table.c.usager_id.in_((ex.garde, ex.absorbe))))
    lignes = [
        {"usager_id": ex.garde, "organisation_id": n.organisation_id, "texte": n.texte, "modifie_le": n.modifie_le}
        for n in ex.plan.unions.notes
    ]
    if lignes:
        ex.session.execute(insert(table), lignes)


def move_liens(ex: Execution) -> None:
    """The planned responsable stays, all proches follow, a link to oneself goes (F11–F14)."""
    table = table_of(LienProche)
    ex.session.execute(delete(table).where(table.c.proche_id.in_(ex.plan.liens.retires)))
    _repoint(ex, table, "proche_id")
    _repoint(ex, table, "responsable_id")


def move_participations(ex: Execution) -> None:
    """One participation per RDV, with the outcome that holds (F16)."""
    table, rdvs = table_of(Participation), ex.plan.rdvs
    ex.session.execute(delete(table).where(table.c.id.in_(rdvs.retirees)))
    issues: dict[tuple[str, str | None], list[int]] = {}
    for participation_id, issue, par in rdvs.issues:
        issues.setdefault((issue, par), []).append(participation_id)
    for (issue, par), ids in issues.items():
        ex.session.execute(update(table).where(table.c.id.in_(ids)).values(issue=issue, excuse_par=par))
    _repoint(ex, table, "usager_id")


def move_comptes(ex: Execution) -> None:
    """The planned compte opens the survivor; the other no longer does, and is closed when it
    opens nothing else (F20)."""
    acces, comptes = table_of(AccesCompte), ex.plan.comptes
    if comptes.retire is not None:
        retire = and_(acces.c.compte_id == comptes.retire.id, acces.c.usager_id.in_((ex.garde, ex.absorbe)))
        ex.session.execute(delete(acces).where(retire))
    _repoint(ex, acces, "usager_id")
    if comptes.retire is not None and comptes.a_fermer:
        table = table_of(Compte)
        ex.session.execute(update(table).where(table.c.id == comptes.retire.id).values(etat="ferme", ferme_le=ex.le))


def write_anciens_noms(ex: Execution) -> None:
    """Former names of both, and those that this merge gives up (F21)."""
    table = table_of(AncienNom)
    _repoint(ex, table, "usager_id")
    lignes = [
        {"usager_id": ex.garde, "prenom": prenom, "nom": nom, "affiche": True, "origine": "fusion", "cree_le": ex.le}
        for prenom, nom in ex.plan.fiche.noms_anciens
    ]
    if lignes:
        ex.session.execute(insert(table), lignes)


def write_anciens_contacts(ex: Execution) -> None:
    """Former addresses of both, less those that are current again, and those given up (F21)."""
    table = table_of(AncienContact)
    ex.session.execute(delete(table).where(table.c.id.in_(ex.plan.fiche.contacts_retires)))
    _repoint(ex, table, "usager_id")
    lignes = [
        {"usager_id": ex.garde, "genre": genre, "valeur": valeur, "cree_le": ex.le}
        for genre, valeur in ex.plan.fiche.contacts_anciens
    ]
    if lignes:
        ex.session.execute(insert(table), lignes)


def move_retraits(ex: Execution) -> None:
    """Union; what the result is attached to was not taken away from it (R15)."""
    table, attaches = table_of(Retrait), [x.organisation_id for x in ex.plan.unions.attaches]
    deja = select(table.c.organisation_id).where(table.c.usager_id == ex.garde)
    ex.session.execute(delete(table).where(table.c.usager_id == ex.absorbe, table.c.organisation_id.in_(deja)))
    _repoint(ex, table, "usager_id")
    ex.session.execute(delete(table).where(table.c.usager_id == ex.garde, table.c.organisation_id.in_(attaches)))


def move_adresses_a_verifier(ex: Execution) -> None:
    """Union: what somebody said of an address holds on whichever fiche has it."""
    table = table_of(AdresseAVerifier)
    deja = table.alias()
    meme = and_(deja.c.usager_id == ex.garde, deja.c.canal == table.c.canal, deja.c.adresse == table.c.adresse)
    ex.session.execute(delete(table).where(table.c.usager_id == ex.absorbe, exists().where(meme)))
    _repoint(ex, table, "usager_id")


def move_messages(ex: Execution) -> None:
    """Re-pointed, doubles given up as planned; then the outbox of each RDV concerned is brought in line
    with who is told now. Nothing is sent (F24)."""
    table, messages = table_of(Message), ex.plan.messages
    par_raison: dict[Raison, list[int]] = {}
    for message_id, raison in messages.doubles:
        par_raison.setdefault(raison, []).append(message_id)
    for raison, ids in par_raison.items():
        ex.session.execute(update(table).where(table.c.id.in_(ids)).values(etat=Etat.ABANDON, raison=raison))
    _repoint(ex, table, "usager_id")
    outbox.resync(ex.session, messages.rdv_ids, ex.le)


def move_doublons(ex: Execution) -> None:
    """The pair leaves the queue; pairs with the absorbed fiche become the survivor's (F27)."""
    table = table_of(Doublon)
    petit, grand = sorted((ex.garde, ex.absorbe))
    ex.session.execute(
        update(table)
        .where(table.c.usager_a_id == petit, table.c.usager_b_id == grand)
        .values(etat="fusionne", decide_par_id=ex.agent_id, decide_le=ex.le)
    )
    ex.session.execute(delete(table).where(table.c.id.in_(ex.plan.paires.retirees)))
    autre = case((table.c.usager_a_id == ex.absorbe, table.c.usager_b_id), else_=table.c.usager_a_id)
    ex.session.execute(
        update(table)
        .where(or_(table.c.usager_a_id == ex.absorbe, table.c.usager_b_id == ex.absorbe), table.c.etat != "fusionne")
        .values(
            usager_a_id=case((autre < ex.garde, autre), else_=ex.garde),
            usager_b_id=case((autre < ex.garde, ex.garde), else_=autre),
        )
    )


def _repoint(ex: Execution, table: Table, colonne: str) -> None:
    ex.session.execute(update(table).where(table.c[colonne] == ex.absorbe).values({colonne: ex.garde}))
