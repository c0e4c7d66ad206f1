"""Reading fiches through an agent's rights: what one may not see is not found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from fiches.usagers.champs import COLONNES
from fiches.usagers.erreurs import FicheFusionnee, FicheIntrouvable, FicheProtegee
from fiches.usagers.models import Rattachement, Referent, Retrait, Usager
from fiches.usagers.rules import RAISONS_R10, Preference, Preferences, closed_fields

PAR_PAGE = 25
TRIS = {"nom": "Nom", "naissance": "Date de naissance", "recent": "Ajout récent"}


def get_usager(
    session: Session, contexte: Contexte, usager_id: int, *, writing: bool = False, protection: bool = False
) -> Usager:
    """The fiche, if it is attached to one of the agent's organisations of this territoire.

    Raises FicheIntrouvable, FicheFusionnee when it was merged into one that may be seen, and,
    when `writing` (which locks the row) or `protection`, FicheProtegee unless the agent is one
    of its référents (R11).
    """
    # NO KEY UPDATE: a merge that only points at this fiche need not wait for it, nor deadlock.
    lock: Any = {"key_share": True} if writing else None
    usager = session.get(Usager, usager_id, with_for_update=lock, populate_existing=writing)
    if usager is None or usager.territoire_id != contexte.territoire_id:
        raise FicheIntrouvable
    if usager.fusionne_vers_id is not None:
        get_usager(session, contexte, usager.fusionne_vers_id)
        raise FicheFusionnee(usager.fusionne_vers_id)
    if not visible_ids(session, contexte, [usager_id]):
        raise FicheIntrouvable
    if (writing or protection) and usager.protegee and not is_referent(session, contexte, usager_id):
        raise FicheProtegee
    return usager


def lock_usagers(session: Session, usager_ids: Collection[int]) -> None:
    """Lock these fiches, the smaller id first, before any RDV is locked (FOR NO KEY UPDATE: rows that
    only point at them may be added meanwhile)."""
    fiches = select(Usager.id).where(Usager.id.in_(usager_ids)).order_by(Usager.id)
    session.scalars(fiches.with_for_update(key_share=True)).all()


def visible_ids(session: Session, contexte: Contexte, usager_ids: Sequence[int]) -> set[int]:
    """Of these fiches, the ones attached to an organisation of the agent in this territoire."""
    return set(
        session.scalars(
            select(Rattachement.usager_id).where(
                Rattachement.usager_id.in_(usager_ids), Rattachement.organisation_id.in_(contexte.portee)
            )
        )
    )


def is_referent(session: Session, contexte: Contexte, usager_id: int) -> bool:
    """Whether the agent is a référent of this fiche in one of their organisations."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Referent.usager_id == usager_id,
                    Referent.agent_id == contexte.agent.id,
                    Referent.organisation_id.in_(contexte.portee),
                )
            )
        )
    )


def add_referent(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> None:
    """Make the agent a référent of this fiche in the organisation where they work now."""
    session.add(
        Referent(usager_id=usager_id, agent_id=contexte.agent.id, organisation_id=contexte.organisation_id, cree_le=le)
    )


def get_attachable(session: Session, contexte: Contexte, usager_id: int) -> Usager:
    """A living, unprotected fiche of this territoire that some organisation has, its row locked.

    Follows a merge. Raises FicheIntrouvable.
    """
    usager = session.get(Usager, usager_id, with_for_update={"key_share": True}, populate_existing=True)
    if usager is None or usager.territoire_id != contexte.territoire_id or usager.protegee:
        raise FicheIntrouvable
    if usager.fusionne_vers_id is not None:
        return get_attachable(session, contexte, usager.fusionne_vers_id)
    if not session.scalar(select(exists().where(Rattachement.usager_id == usager_id))):
        raise FicheIntrouvable  # removed everywhere: it waits to be erased, or was (R15)
    return usager


def removed_here(contexte: Contexte, usager_id: int) -> ColumnElement[bool]:
    """The record of having removed this fiche from the agent's organisation."""
    return and_(Retrait.usager_id == usager_id, Retrait.organisation_id == contexte.organisation_id)


def was_shown(session: Session, contexte: Contexte, usager_id: int, le: datetime) -> bool:
    """Whether R10 showed this fiche to this agent since the day before, or they may read it
    in another of their organisations."""
    if visible_ids(session, contexte, [usager_id]):
        return True
    return bool(
        session.scalar(
            select(
                exists().where(
                    EntreeJournal.usager_id == usager_id,
                    EntreeJournal.agent_id == contexte.agent.id,
                    EntreeJournal.acte == "apercu",
                    EntreeJournal.le > le - timedelta(days=1),
                )
            )
        )
    )


def hidden_fields(session: Session, contexte: Contexte, usager: Usager) -> frozenset[str]:
    """The fields of a fiche that this agent neither reads nor writes: those the organisation does
    not use (R1), and those a rattachement under R10 does not open."""
    raisons = session.scalars(
        select(Rattachement.raison).where(
            Rattachement.usager_id == usager.id, Rattachement.organisation_id.in_(contexte.portee)
        )
    ).all()
    ecrits: set[str] = set()
    if all(raison in RAISONS_R10 for raison in raisons):
        lines = session.scalars(
            select(EntreeJournal.champs).where(
                EntreeJournal.usager_id == usager.id,
                EntreeJournal.organisation_id.in_(contexte.portee),
                EntreeJournal.acte != "fusion",  # what a merge brought, nobody here wrote
            )
        )
        ecrits = {champ for champs in lines for champ in champs}
    remplis = [nom for nom in COLONNES if getattr(usager, nom) is not None]
    return closed_fields(raisons, remplis, ecrits) | frozenset(contexte.champs_masques)


def preferences_of(usager: Usager) -> Preferences:
    """The préférences of a fiche as a value."""
    return Preferences(
        Preference(usager.notif_email, usager.notif_email_auteur, usager.notif_email_le),
        Preference(usager.notif_sms, usager.notif_sms_auteur, usager.notif_sms_le),
    )


# --- the list ---------------------------------------------------------------------------


@dataclass(frozen=True)
class LigneUsager:
    """A fiche in a list, with what tells homonyms apart."""

    usager: Usager
    prochain_rdv: datetime | None
    proches: int
    responsable: bool
    lisible: bool = True  # False: a fiche protégée whose contact is for its référents (R11)


@dataclass(frozen=True)
class Page:
    """One page of a list; `total` counts all of it."""

    lignes: tuple[LigneUsager, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAR_PAGE))


def list_usagers(session: Session, contexte: Contexte, page: int, tri: str, maintenant: datetime) -> Page:
    """One page of the living people's fiches of the current organisation (R15). An absurd page is the
    nearest one."""
    attached = and_(Rattachement.organisation_id == contexte.organisation_id, Usager.decede_le.is_(None))
    joined = select(func.count()).select_from(Rattachement).join(Usager, Usager.id == Rattachement.usager_id)
    total = session.scalar(joined.where(attached)) or 0
    page = min(max(1, page), max(1, -(-total // PAR_PAGE)))
    ids = session.scalars(
        _ordered(select(Usager.id).join(Rattachement, Rattachement.usager_id == Usager.id).where(attached), tri)
        .limit(PAR_PAGE)
        .offset((page - 1) * PAR_PAGE)
    ).all()
    return Page(read_lignes(session, contexte, ids, maintenant), total, page)


def _ordered(statement: Select[int], tri: str) -> Select[int]:
    nom = (func.lower(func.coalesce(Usager.nom, Usager.prenom)), func.lower(Usager.prenom), Usager.id)
    match tri:
        case "naissance":
            return statement.order_by(Usager.date_naissance.is_(None), Usager.date_naissance, *nom)
        case "recent":
            return statement.order_by(Usager.id.desc())
    return statement.order_by(*nom)


def read_lignes(
    session: Session, contexte: Contexte, ids: Sequence[int], maintenant: datetime
) -> tuple[LigneUsager, ...]:
    """Lines for these fiches, in this order, in a fixed number of statements."""
    usagers = {u.id: u for u in session.scalars(select(Usager).where(Usager.id.in_(ids)))}
    rdvs: dict[int, datetime] = dict(
        session.execute(
            select(Participation.usager_id, func.min(Rdv.debut))
            .join(Rdv, Rdv.id == Participation.rdv_id)
            .where(
                Participation.usager_id.in_(ids),
                Rdv.debut > maintenant,
                Rdv.annule_le.is_(None),
                Participation.issue.is_(None),
                Rdv.organisation_id.in_(contexte.portee),
            )
            .group_by(Participation.usager_id)
        ).all()
    )
    proches: dict[int, int] = dict(
        session.execute(
            select(LienProche.responsable_id, func.count())
            .where(LienProche.responsable_id.in_(ids))
            .group_by(LienProche.responsable_id)
        ).all()
    )
    have_responsable = set(session.scalars(select(LienProche.proche_id).where(LienProche.proche_id.in_(ids))))
    mine = set(
        session.scalars(
            select(Referent.usager_id).where(
                Referent.usager_id.in_(ids),
                Referent.agent_id == contexte.agent.id,
                Referent.organisation_id.in_(contexte.portee),
            )
        )
    )
    return tuple(
        LigneUsager(
            usagers[i], rdvs.get(i), proches.get(i, 0), i in have_responsable, not usagers[i].protegee or i in mine
        )
        for i in ids
        if i in usagers
    )
