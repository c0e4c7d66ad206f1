"""Reading the life of a fiche: what removing it would do, what was removed, and which fiches nobody
has had contact with for long (R15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.journal.models import EntreeJournal
from fiches.organisations.models import Agent
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from fiches.usagers.erreurs import FicheIntrouvable
from fiches.usagers.models import Rattachement, Referent, Retrait, Usager
from fiches.usagers.queries import visible_ids

MONTREES = 100  # lines of one list at most
ORPHELINS_JOURS = 90  # how long the proches whose responsable was erased are listed

# Acts of the journal without an agent that are not the usager's either.
ACTES_AUTOMATIQUES = ("import", "correspondance", "sans_contact", "effacement", "responsable_efface")


@dataclass(frozen=True)
class ProcheLaisse:
    """A proche whose responsable goes; not `visible`: only that there is one may be told (R10)."""

    usager: Usager
    visible: bool


def read_proches(session: Session, contexte: Contexte, usager_ids: Sequence[int]) -> dict[int, list[ProcheLaisse]]:
    """The living proches of each of these responsables."""
    rows = session.execute(
        select(LienProche.responsable_id, Usager)
        .join(Usager, Usager.id == LienProche.proche_id)
        .where(LienProche.responsable_id.in_(usager_ids), Usager.decede_le.is_(None))
        .order_by(Usager.date_naissance, Usager.id)
    ).all()
    visibles = visible_ids(session, contexte, [proche.id for _, proche in rows])
    par: dict[int, list[ProcheLaisse]] = {i: [] for i in usager_ids}
    for responsable_id, proche in rows:
        par[responsable_id].append(ProcheLaisse(proche, proche.id in visibles))
    return par


# --- removing ---------------------------------------------------------------------------


@dataclass(frozen=True)
class RetraitPrevu:
    """What removing a fiche from this organisation does. `rdvs`: when it is still expected here,
    which forbids it; `ailleurs`: another organisation still has it."""

    rdvs: tuple[datetime, ...]
    ailleurs: bool
    referents: tuple[str, ...]
    proches: tuple[ProcheLaisse, ...]


def read_retrait(session: Session, contexte: Contexte, usager_id: int, maintenant: datetime) -> RetraitPrevu:
    """What removing would do. Raises FicheIntrouvable where the fiche is not of this organisation."""
    rattachees = session.scalars(select(Rattachement.organisation_id).where(Rattachement.usager_id == usager_id)).all()
    if contexte.organisation_id not in rattachees:
        raise FicheIntrouvable
    suivi = (Referent.usager_id == usager_id, Referent.organisation_id == contexte.organisation_id)
    return RetraitPrevu(
        rdvs=tuple(expected_here(session, contexte.organisation_id, usager_id, maintenant)),
        ailleurs=len(rattachees) > 1,
        referents=tuple(session.scalars(select(Agent.nom).join(Referent, Referent.agent_id == Agent.id).where(*suivi))),
        proches=tuple(read_proches(session, contexte, [usager_id])[usager_id]),
    )


def expected_here(session: Session, organisation_id: int, usager_id: int, maintenant: datetime) -> Sequence[datetime]:
    """When the usager is still expected in this organisation, soonest first."""
    return session.scalars(
        select(Rdv.debut)
        .join(Participation, Participation.rdv_id == Rdv.id)
        .where(
            Participation.usager_id == usager_id,
            Participation.issue.is_(None),
            Rdv.organisation_id == organisation_id,
            Rdv.annule_le.is_(None),
            Rdv.debut > maintenant,
        )
        .order_by(Rdv.debut)
    ).all()


# --- the page of what was removed, and of what nobody has met for long ---------------------


@dataclass(frozen=True)
class FicheRetiree:
    """A fiche that this organisation removed, when and by whom; `reprenable`: this agent may
    take it back."""

    usager: Usager
    le: datetime
    agent: str | None
    reprenable: bool
    proches: tuple[ProcheLaisse, ...]


@dataclass(frozen=True)
class FicheSansContact:
    """A fiche of this organisation that will be erased unless somebody keeps it."""

    usager: Usager
    gardable: bool


@dataclass(frozen=True)
class Sorties:
    """Everything that waits to be erased, or was, as an organisation may read it. `…_total` counts
    beyond what is shown."""

    retirees: tuple[FicheRetiree, ...]
    sans_contact: tuple[FicheSansContact, ...]
    sans_contact_total: int
    orphelins: tuple[ProcheLaisse, ...]


def read_sorties(session: Session, contexte: Contexte, maintenant: datetime, limites: "Limites") -> Sorties:
    """What the page of removed fiches shows."""
    condition = and_(
        Rattachement.organisation_id == contexte.organisation_id,
        Usager.effacement_le.is_not(None),
        Usager.fusionne_vers_id.is_(None),
        no_contact_since(limites.sans_contact_depuis(maintenant)),
    )
    en_attente = select(Usager).join(Rattachement, Rattachement.usager_id == Usager.id).where(condition)
    usagers = session.scalars(en_attente.order_by(Usager.effacement_le, Usager.id).limit(MONTREES)).all()
    suivies = _followed(session, contexte, [u.id for u in usagers])
    return Sorties(
        retirees=_retirees(session, contexte, maintenant, limites),
        sans_contact=tuple(FicheSansContact(u, not u.protegee or u.id in suivies) for u in usagers),
        sans_contact_total=session.scalar(select(func.count()).select_from(en_attente.subquery())) or 0,
        orphelins=_orphelins(session, contexte, maintenant),
    )


def _retirees(
    session: Session, contexte: Contexte, maintenant: datetime, limites: "Limites"
) -> tuple[FicheRetiree, ...]:
    rows = session.execute(
        select(Retrait, Usager, Agent.nom)
        .join(Usager, Usager.id == Retrait.usager_id)
        .outerjoin(Agent, Agent.id == Retrait.agent_id)
        .where(Retrait.organisation_id == contexte.organisation_id, given_back(maintenant, limites.retrait_jours))
        .order_by(Retrait.le.desc(), Usager.id)
        .limit(MONTREES)
    ).all()
    ids = [usager.id for _, usager, _ in rows]
    proches, suivies = read_proches(session, contexte, ids), _followed(session, contexte, ids)
    return tuple(
        FicheRetiree(
            u, retrait.le, agent,
            not u.protegee or u.id in suivies or retrait.agent_id == contexte.agent.id,
            tuple(proches[u.id]),
        )
        for retrait, u, agent in rows
    )  # fmt: skip


def given_back(maintenant: datetime, jours: int) -> ColumnElement[bool]:
    """A removal (joined with its usager) that can still be taken back: the fiche waits to be erased,
    or another organisation has it and the delay has not passed."""
    return and_(
        Usager.fusionne_vers_id.is_(None),
        Usager.anonymise_le.is_(None),
        or_(Usager.effacement_le.is_not(None), Retrait.le > maintenant - timedelta(days=jours)),
    )


def _orphelins(session: Session, contexte: Contexte, maintenant: datetime) -> tuple[ProcheLaisse, ...]:
    """Fiches of this organisation whose responsable was erased lately, and that have no other yet."""
    usagers = session.scalars(
        select(Usager)
        .join(Rattachement, Rattachement.usager_id == Usager.id)
        .where(
            Rattachement.organisation_id == contexte.organisation_id,
            Usager.decede_le.is_(None),
            exists().where(
                EntreeJournal.usager_id == Usager.id,
                EntreeJournal.acte == "responsable_efface",
                EntreeJournal.le > maintenant - timedelta(days=ORPHELINS_JOURS),
            ),
            ~exists().where(LienProche.proche_id == Usager.id),
        )
        .order_by(Usager.id)
        .limit(MONTREES)
    )
    return tuple(ProcheLaisse(u, True) for u in usagers)


def _followed(session: Session, contexte: Contexte, ids: Sequence[int]) -> set[int]:
    """Of these fiches, those the agent is a référent of."""
    return set(
        session.scalars(
            select(Referent.usager_id).where(
                Referent.usager_id.in_(ids),
                Referent.agent_id == contexte.agent.id,
                Referent.organisation_id.in_(contexte.portee),
            )
        )
    )


# --- without contact ----------------------------------------------------------------------


@dataclass(frozen=True)
class Limites:
    """The delays that an installation chose, in days; `sans_contact_jours` 0: never."""

    retrait_jours: int
    sans_contact_jours: int

    def sans_contact_depuis(self, maintenant: datetime) -> datetime:
        """A fiche whose last contact is older is without contact."""
        if not self.sans_contact_jours:
            return datetime.min.replace(year=2, tzinfo=UTC)  # an instant that any database can hold
        return maintenant - timedelta(days=self.sans_contact_jours)

    def effacement_apres(self, maintenant: datetime) -> datetime:
        """When a fiche that nobody keeps from now on is erased."""
        return maintenant + timedelta(days=self.retrait_jours)


def no_contact_since(limite: datetime) -> ColumnElement[bool]:
    """A fiche (Usager) with no contact after this instant: not created, not modified, no RDV of
    theirs or of a proche they accompany, no line in the journal by an agent or the usager (R15)."""
    rdv = exists().where(Participation.usager_id == Usager.id, Rdv.id == Participation.rdv_id, Rdv.debut > limite)
    d_un_proche = exists().where(
        LienProche.responsable_id == Usager.id,
        Participation.usager_id == LienProche.proche_id,
        Rdv.id == Participation.rdv_id,
        Rdv.debut > limite,
    )
    ligne = exists().where(
        EntreeJournal.usager_id == Usager.id,
        EntreeJournal.le > limite,
        or_(EntreeJournal.agent_id.is_not(None), EntreeJournal.acte.not_in(ACTES_AUTOMATIQUES)),
    )
    return and_(Usager.cree_le <= limite, Usager.modifie_le <= limite, ~rdv, ~d_un_proche, ~ligne)


def is_attached() -> ColumnElement[bool]:
    """A fiche (Usager) that some organisation has."""
    return exists().where(Rattachement.usager_id == Usager.id)
