"""Reading RDVs through an agent's rights: those of the current organisation, and who may take part."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.organisations.models import Agent, Appartenance
from fiches.rdvs.avertissements import Avertissement, Occupation, warn_of
from fiches.rdvs.erreurs import RdvIntrouvable
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.rdvs.moments import DUREE_MAXIMALE, end_of, overlap
from fiches.rdvs.rules import Issue
from fiches.rdvs.saisie import Choix, SaisieRdv
from fiches.usagers.models import Rattachement, Referent, Usager
from fiches.usagers.rules import full_name

FUSIONS_SUIVIES = 5  # a chain is flattened when it arises (F25), so one step is the rule


def get_rdv(session: Session, contexte: Contexte, rdv_id: int, *, writing: bool = False) -> Rdv:
    """An RDV of the current organisation, its row locked when `writing`. Raises RdvIntrouvable."""
    lock: Any = {"key_share": True} if writing else None
    rdv = session.get(Rdv, rdv_id, with_for_update=lock, populate_existing=writing)
    if rdv is None or rdv.organisation_id != contexte.organisation_id:
        raise RdvIntrouvable
    return rdv


def read_choix(session: Session, contexte: Contexte, rdv: Rdv | None = None) -> Choix:
    """What the organisation offers; the motif, lieu and agent that an RDV has stay offered for it."""
    org = contexte.organisation_id
    membre = Agent.id.in_(select(Appartenance.agent_id).where(Appartenance.organisation_id == org))
    offert = membre if rdv is None else or_(membre, Agent.id == rdv.agent_id)
    agents = session.execute(select(Agent.id, Agent.nom).where(offert).order_by(Agent.nom, Agent.id)).all()
    motifs = session.scalars(
        select(Motif)
        .where(Motif.organisation_id == org, or_(Motif.archive_le.is_(None), Motif.id == (rdv.motif_id if rdv else 0)))
        .order_by(Motif.nom)
    ).all()
    lieux = session.scalars(
        select(Lieu)
        .where(Lieu.organisation_id == org, or_(Lieu.archive_le.is_(None), Lieu.id == (rdv.lieu_id if rdv else 0)))
        .order_by(Lieu.nom)
    ).all()
    return Choix(
        dict(agents),
        {m.id: m.nom for m in motifs},
        {m.id: m.duree for m in motifs},
        {x.id: x.nom for x in lieux},
    )


# --- participants -------------------------------------------------------------------------


@dataclass(frozen=True)
class Choisi:
    """Somebody ticked as a participant. `refus`: why they cannot be one, '' when they can; not
    `lisible`: a fiche protégée whose places are for its référents (R11)."""

    usager: Usager
    refus: str = ""
    lisible: bool = True

    @property
    def nom(self) -> str:
        """The whole name."""
        return full_name(self.usager.prenom, self.usager.nom, self.usager.prenom_pas_encore_donne)


@dataclass(frozen=True)
class Choisis:
    """The participants of a form. `inconnus`: ids among them that this agent may not see."""

    gens: tuple[Choisi, ...] = ()
    inconnus: bool = False

    @property
    def refus(self) -> str:
        """Why they cannot all take part, '' when they can."""
        if self.inconnus:
            return "Une des personnes choisies n’a pas de fiche que vous puissiez voir."
        return next((c.refus for c in self.gens if c.refus), "")

    @property
    def ids(self) -> tuple[int, ...]:
        """Those who can take part."""
        return tuple(c.usager.id for c in self.gens if not c.refus)


def read_choisis(session: Session, contexte: Contexte, ids: Sequence[int], *, writing: bool = False) -> Choisis:
    """These usagers as participants of an RDV of the current organisation; merges are followed."""
    usagers = _follow(session, contexte, ids, writing)
    attaches: dict[int, set[int]] = defaultdict(set)
    for usager_id, organisation_id in session.execute(
        select(Rattachement.usager_id, Rattachement.organisation_id).where(
            Rattachement.usager_id.in_([u.id for u in usagers]), Rattachement.organisation_id.in_(contexte.portee)
        )
    ):
        attaches[usager_id].add(organisation_id)
    vus = [u for u in usagers if attaches[u.id]]
    suivis = referent_of(session, contexte, [u.id for u in vus if u.protegee])
    gens = tuple(
        Choisi(u, _refuse(u, contexte, attaches[u.id]), not u.protegee or u.id in suivis) for u in dict.fromkeys(vus)
    )
    return Choisis(gens, len(usagers) != len(ids) or len(vus) != len(usagers))


def _follow(session: Session, contexte: Contexte, ids: Sequence[int], writing: bool) -> list[Usager]:
    """The fiches of these ids in this order, a merged one replaced by the one that was kept."""
    trouves: dict[int, Usager] = {}
    attendus = set(ids)
    for _ in range(FUSIONS_SUIVIES):
        statement = select(Usager).where(Usager.id.in_(attendus), Usager.territoire_id == contexte.territoire_id)
        if writing:
            statement = statement.order_by(Usager.id).with_for_update(key_share=True)
        trouves |= {u.id: u for u in session.scalars(statement.execution_options(populate_existing=writing))}
        attendus = {u.fusionne_vers_id for u in trouves.values() if u.fusionne_vers_id} - trouves.keys()
        if not attendus:
            break

    def kept(usager: Usager) -> Usager | None:
        vers = usager.fusionne_vers_id
        return usager if vers is None else kept(trouves[vers]) if vers in trouves else None

    return [u for i in ids if i in trouves and (u := kept(trouves[i]))]


def _refuse(usager: Usager, contexte: Contexte, attaches: Collection[int]) -> str:
    nom = full_name(usager.prenom, usager.nom, usager.prenom_pas_encore_donne)
    if usager.decede_le is not None:
        return f"{nom} : le décès est enregistré."
    if contexte.organisation_id not in attaches:
        return f"{nom} n’est pas dans les usagers de {contexte.organisation} : rattachez d’abord la fiche."
    return ""


def referent_of(session: Session, contexte: Contexte, usager_ids: Collection[int]) -> set[int]:
    """Of these usagers, those of whom the agent is a référent."""
    if not usager_ids:
        return set()
    return set(
        session.scalars(
            select(Referent.usager_id).where(
                Referent.usager_id.in_(usager_ids),
                Referent.agent_id == contexte.agent.id,
                Referent.organisation_id.in_(contexte.portee),
            )
        )
    )


def open_lieux(session: Session, contexte: Contexte, rdv_ids: Collection[int]) -> set[int]:
    """Of these RDVs, those whose place this agent may read: they are a référent of each fiche protégée
    that takes part (R11)."""
    suivi = exists().where(
        Referent.usager_id == Participation.usager_id,
        Referent.agent_id == contexte.agent.id,
        Referent.organisation_id.in_(contexte.portee),
    )
    fermes = session.scalars(
        select(Participation.rdv_id)
        .join(Usager, Usager.id == Participation.usager_id)
        .where(Participation.rdv_id.in_(rdv_ids), Usager.protegee, ~suivi)
    )
    return set(rdv_ids) - set(fermes)


# --- what already takes people's time -----------------------------------------------------


def warn_about(
    session: Session,
    contexte: Contexte,
    saisie: SaisieRdv,
    gens: Sequence[Choisi],
    maintenant: datetime,
    sauf: int | None = None,
) -> tuple[Avertissement, ...]:
    """What to confirm of this RDV before it is saved; `sauf`: the RDV itself, when it moves."""
    agent = session.scalar(select(Agent.nom).where(Agent.id == saisie.agent_id)) or ""
    rows = _busy(session, Rdv.agent_id == saisie.agent_id, saisie, sauf)
    noms = {c.usager.id: c.nom for c in gens}
    des_usagers = [
        (usager_id, row)
        for row in _busy(session, _takes_part(list(noms), contexte), saisie, sauf)
        for usager_id in row.presents
        if usager_id in noms
    ]
    return warn_of(
        saisie.debut,
        maintenant,
        agent,
        [row.occupation(contexte) for row in rows],
        [(noms[usager_id], row.occupation(contexte)) for usager_id, row in des_usagers],
    )


@dataclass(frozen=True)
class _Pris:
    """An RDV at the same time; `presents`: who is expected in it, by id, with their names."""

    rdv: Rdv
    motif: str
    presents: dict[int, str]

    def occupation(self, contexte: Contexte) -> Occupation:
        """It, as this agent may read it."""
        qui = ", ".join(self.presents.values())
        quoi = f"{self.motif}, {qui}" if self.rdv.organisation_id in contexte.portee else "dans un autre service"
        return Occupation(self.rdv.id, self.rdv.debut, self.rdv.duree, quoi)


def _takes_part(usager_ids: Collection[int], contexte: Contexte) -> ColumnElement[bool]:
    ici = select(Participation.rdv_id).where(Participation.usager_id.in_(usager_ids), _expected())
    return Rdv.id.in_(ici) & Rdv.organisation_id.in_(contexte.portee)


def _expected() -> ColumnElement[bool]:
    return or_(Participation.issue.is_(None), Participation.issue != Issue.EXCUSE)


def _busy(session: Session, condition: ColumnElement[bool], saisie: SaisieRdv, sauf: int | None) -> list[_Pris]:
    """The RDVs at that time, cancelled ones and those in which nobody is expected left out."""
    rows = session.execute(
        select(Rdv, Motif.nom, Usager)
        .join(Motif, Motif.id == Rdv.motif_id)
        .join(Participation, Participation.rdv_id == Rdv.id)
        .join(Usager, Usager.id == Participation.usager_id)
        .where(
            condition,
            Rdv.debut > saisie.debut - timedelta(minutes=DUREE_MAXIMALE),
            Rdv.debut < end_of(saisie.debut, saisie.duree),
            Rdv.annule_le.is_(None),
            Rdv.id != (sauf or 0),
            _expected(),
        )
        .order_by(Rdv.debut, Rdv.id, Participation.id)
    )
    pris: dict[int, _Pris] = {}
    for rdv, motif, usager in rows:
        if overlap(saisie.debut, saisie.duree, rdv.debut, rdv.duree):
            nom = full_name(usager.prenom, usager.nom, usager.prenom_pas_encore_donne)
            pris.setdefault(rdv.id, _Pris(rdv, motif, {})).presents[usager.id] = nom
    return list(pris.values())
