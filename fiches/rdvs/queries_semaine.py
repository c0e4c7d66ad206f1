"""The diary: RDVs and free créneaux of some days, in a number of statements that no count changes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of, instant_of, monday_of
from fiches.organisations.models import Agent
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.rdvs.moments import end_of
from fiches.rdvs.queries import open_lieux
from fiches.rdvs.queries_creneaux import CreneauMontre, list_libres
from fiches.rdvs.rules import LIBELLES_STATUT, Statut, statut_of
from fiches.usagers.models import Usager
from fiches.usagers.rules import full_name

VUES = {"semaine": "Semaine", "jour": "Jour"}


@dataclass(frozen=True)
class Presence:
    """Somebody in an RDV, with their statut."""

    usager_id: int
    nom: str
    statut: Statut

    @property
    def libelle(self) -> str:
        """The statut in words."""
        return LIBELLES_STATUT[self.statut]


@dataclass(frozen=True)
class Plage:
    """An RDV, or a free créneau (no `rdv_id`), in a day of the diary."""

    debut: datetime
    fin: datetime
    agent: str
    motif: str
    lieu: str | None
    rdv_id: int | None = None
    creneau_id: int | None = None
    presences: tuple[Presence, ...] = ()
    annule: bool = False

    @property
    def statut(self) -> Statut:
        """The one statut to show first: the least settled of the participants'."""
        return min((p.statut for p in self.presences), key=list(Statut).index, default=Statut.A_VENIR)


@dataclass(frozen=True)
class Agenda:
    """Some days of the diary, each with what it holds in the order of the hour."""

    jours: tuple[tuple[date, tuple[Plage, ...]], ...]
    vue: str
    jour: date

    @property
    def avant(self) -> date:
        """A day of the stretch before."""
        return self.jours[0][0] - timedelta(days=7 if self.vue == "semaine" else 1)

    @property
    def apres(self) -> date:
        """A day of the stretch after."""
        return self.jours[0][0] + timedelta(days=7 if self.vue == "semaine" else 1)

    @property
    def rdvs(self) -> int:
        """How many RDVs are shown."""
        return sum(1 for _, plages in self.jours for p in plages if p.rdv_id is not None)


def read_agenda(
    session: Session, contexte: Contexte, vue: str, jour: date, agent_id: int | None, maintenant: datetime
) -> Agenda:
    """The diary of an agent, or of everybody (None), in the current organisation.

    A week shows Monday to Friday, and the week-end when something is there.
    """
    premier = monday_of(jour) if vue == "semaine" else jour
    jours = [premier + timedelta(days=n) for n in range(7 if vue == "semaine" else 1)]
    depuis, jusque = instant_of(jours[0], time()), instant_of(jours[-1] + timedelta(days=1), time())
    plages: dict[date, list[Plage]] = defaultdict(list)
    for plage in _rdvs(session, contexte, depuis, jusque, agent_id, maintenant):
        plages[day_of(plage.debut)].append(plage)
    for creneau in list_libres(session, contexte, max(depuis, maintenant), jusque, agent_id=agent_id):
        plages[day_of(creneau.debut)].append(_libre(creneau))
    return Agenda(
        tuple(
            (j, tuple(sorted(plages[j], key=lambda p: (p.debut, p.agent))))
            for j in jours
            if j.weekday() < 5 or vue == "jour" or plages[j]
        ),
        vue,
        jour,
    )


def _libre(creneau: CreneauMontre) -> Plage:
    return Plage(
        creneau.debut, end_of(creneau.debut, creneau.duree), creneau.agent, creneau.motif, creneau.lieu,
        creneau_id=creneau.id,
    )  # fmt: skip


def _rdvs(
    session: Session,
    contexte: Contexte,
    depuis: datetime,
    jusque: datetime,
    agent_id: int | None,
    maintenant: datetime,
) -> list[Plage]:
    statement = (
        select(Rdv, Agent.nom, Motif.nom, Lieu.nom)
        .join(Agent, Agent.id == Rdv.agent_id)
        .join(Motif, Motif.id == Rdv.motif_id)
        .outerjoin(Lieu, Lieu.id == Rdv.lieu_id)
        .where(Rdv.organisation_id == contexte.organisation_id, Rdv.debut >= depuis, Rdv.debut < jusque)
    )
    if agent_id is not None:
        statement = statement.where(Rdv.agent_id == agent_id)
    rows = session.execute(statement.order_by(Rdv.debut, Rdv.id)).all()
    presences = read_presences(session, [rdv for rdv, *_ in rows], maintenant)
    ouverts = open_lieux(session, contexte, [rdv.id for rdv, *_ in rows])
    return [
        Plage(
            rdv.debut, end_of(rdv.debut, rdv.duree), agent, motif,
            lieu if rdv.id in ouverts else None,
            rdv_id=rdv.id, presences=tuple(presences[rdv.id]), annule=rdv.annule_le is not None,
        )
        for rdv, agent, motif, lieu in rows
    ]  # fmt: skip


def read_presences(session: Session, rdvs: list[Rdv], maintenant: datetime) -> dict[int, list[Presence]]:
    """Who takes part in each of these RDVs, by its id."""
    par_id = {rdv.id: rdv for rdv in rdvs}
    presences: dict[int, list[Presence]] = defaultdict(list)
    for participation, usager in session.execute(
        select(Participation, Usager)
        .join(Usager, Usager.id == Participation.usager_id)
        .where(Participation.rdv_id.in_(par_id))
        .order_by(Participation.id)
    ):
        rdv = par_id[participation.rdv_id]
        statut = statut_of(participation.issue, rdv.annule_le is not None, rdv.debut, maintenant)
        nom = full_name(usager.prenom, usager.nom, usager.prenom_pas_encore_donne)
        presences[rdv.id].append(Presence(usager.id, nom, statut))
    return presences
