"""Everything the page of one fiche shows (R13), read with the agent's eyes.

Details of RDVs, remarques and journal are those of the agent's organisations; of others',
only how many RDVs.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from fiches.acces.rules import Contexte
from fiches.comptes.models import AccesCompte, Compte
from fiches.dates import day_of
from fiches.doublons.models import Doublon
from fiches.journal.models import EntreeJournal
from fiches.organisations.models import Agent, Organisation
from fiches.proches.queries import Parent, read_liens
from fiches.rdvs.models import Lieu, Motif, Participation, Rdv
from fiches.rdvs.queries import open_lieux
from fiches.rdvs.rules import LIBELLES_STATUT, Statut, statut_of
from fiches.usagers.champs import CHAMP, CHAMPS
from fiches.usagers.models import AncienNom, Rattachement, Referent, Remarque, Usager
from fiches.usagers.presentation import CONTACTS_ET_LIEUX, show_acte, show_champs, show_value
from fiches.usagers.queries import hidden_fields, is_referent, preferences_of, visible_ids
from fiches.usagers.queries_referents import AgentPossible, read_possibles
from fiches.usagers.rules import Preferences

JOURNAL_MONTRE = 20  # newest lines shown on the fiche
HISTORIQUE_MONTRE = 50  # newest past RDVs shown on the fiche


@dataclass(frozen=True)
class RdvMontre:
    """An RDV of this usager, in an organisation of the agent. `lieu`: None when there is none, or when
    it is not for this agent (R11)."""

    id: int
    debut: datetime
    duree: int
    motif: str
    lieu: str | None
    organisation: str
    agent: str
    statut: Statut
    ici: bool  # of the current organisation, where it has a page


@dataclass(frozen=True)
class PaireMontree:
    """A possible duplicate of this fiche."""

    usager: Usager
    niveau: str
    etat: str


@dataclass(frozen=True)
class Evenement:
    """A line of the journal in words."""

    le: datetime
    acte: str
    agent: str | None
    organisation: str | None
    champs: tuple[str, ...]
    fusion_id: int | None = None

    @property
    def texte(self) -> str:
        """The act, and the fields it touched."""
        suite = f" : {show_champs(self.champs)}" if self.champs and self.acte == "modification" else ""
        return show_acte(self.acte) + suite


@dataclass(frozen=True)
class FicheMontree:
    """One fiche as one agent sees it. `lisible`: contact and places may be shown (R11)."""

    usager: Usager
    lisible: bool
    masques: frozenset[str]
    organisations: tuple[str, ...]
    ici: bool
    referents: tuple[str, ...]
    referents_possibles: tuple[AgentPossible, ...]
    remarques: tuple[tuple[str, Remarque], ...]
    preferences: Preferences
    anciens_noms: tuple[AncienNom, ...]
    responsable: Parent | None
    proches: tuple[Parent, ...]
    par_responsable: bool  # its messages go by the responsable's préférences (R19)
    rdvs_a_venir: tuple[RdvMontre, ...]
    historique: tuple[RdvMontre, ...]
    comptes_statut: tuple[tuple[Statut, int], ...]
    rdvs_ailleurs: int
    compte: Compte | None
    paires: tuple[PaireMontree, ...]
    journal: tuple[Evenement, ...]

    def informations(self) -> list[tuple[str, str]]:
        """Label and text of each field that is filled, used by the organisation and readable."""
        hidden = {*self.masques, "remarques", "prenom", "nom", *(() if self.lisible else CONTACTS_ET_LIEUX)}
        lignes = [(c.libelle, show_value(c.nom, getattr(self.usager, c.nom))) for c in CHAMPS if c.nom not in hidden]
        if self.lisible and self.usager.email_tiers and self.usager.email:
            lignes = [(nom, f"{v} (adresse d’un tiers)" if nom == CHAMP["email"].libelle else v) for nom, v in lignes]
        return [(libelle, texte) for libelle, texte in lignes if texte]

    @staticmethod
    def libelle_statut(statut: Statut) -> str:
        """A statut in words."""
        return LIBELLES_STATUT[statut]


def read_fiche(session: Session, contexte: Contexte, usager: Usager, maintenant: datetime) -> FicheMontree:
    """The whole fiche; `usager` comes from queries.get_usager, so it may be seen."""
    attached = session.execute(
        select(Organisation.id, Organisation.nom, Organisation.discrete)
        .join(Rattachement, Rattachement.organisation_id == Organisation.id)
        .where(Rattachement.usager_id == usager.id)
        .order_by(Rattachement.cree_le, Organisation.id)
    ).all()
    rdvs = _rdvs(session, contexte, usager.id, maintenant)
    a_venir = [r for r in rdvs if r.statut == Statut.A_VENIR]
    passes = [r for r in rdvs if r.statut != Statut.A_VENIR]
    counts = Counter(r.statut for r in rdvs)
    liens = read_liens(session, contexte, usager, day_of(maintenant))
    return FicheMontree(
        usager=usager,
        lisible=not usager.protegee or is_referent(session, contexte, usager.id),
        masques=hidden_fields(session, contexte, usager),
        organisations=tuple("un autre service" if d and i not in contexte.portee else n for i, n, d in attached),
        ici=any(i == contexte.organisation_id for i, _, _ in attached),
        referents=_referents(session, contexte, usager.id),
        referents_possibles=read_possibles(session, contexte, usager.id),
        remarques=_remarques(session, contexte, usager.id),
        preferences=preferences_of(usager),
        anciens_noms=tuple(
            session.scalars(
                select(AncienNom)
                .where(AncienNom.usager_id == usager.id, AncienNom.affiche)
                .order_by(AncienNom.id.desc())
            )
        ),
        responsable=liens.responsable,
        proches=liens.proches,
        par_responsable=liens.par_responsable,
        rdvs_a_venir=tuple(sorted(a_venir, key=lambda r: r.debut)),
        historique=tuple(sorted(passes, key=lambda r: r.debut, reverse=True)[:HISTORIQUE_MONTRE]),
        comptes_statut=tuple((s, counts[s]) for s in Statut if counts[s]),
        rdvs_ailleurs=_rdvs_elsewhere(session, contexte, usager.id),
        compte=session.scalar(
            select(Compte)
            .join(AccesCompte, AccesCompte.compte_id == Compte.id)
            .where(AccesCompte.usager_id == usager.id)
        ),
        paires=_paires(session, contexte, usager.id),
        journal=_journal(session, contexte, usager.id),
    )


def _rdvs(session: Session, contexte: Contexte, usager_id: int, maintenant: datetime) -> list[RdvMontre]:
    rows = session.execute(
        select(Rdv, Motif.nom, Lieu.nom, Organisation.nom, Agent.nom, Participation.issue)
        .join(Participation, Participation.rdv_id == Rdv.id)
        .join(Motif, Motif.id == Rdv.motif_id)
        .outerjoin(Lieu, Lieu.id == Rdv.lieu_id)
        .join(Organisation, Organisation.id == Rdv.organisation_id)
        .join(Agent, Agent.id == Rdv.agent_id)
        .where(Participation.usager_id == usager_id, Rdv.organisation_id.in_(contexte.portee))
    ).all()
    ouverts = open_lieux(session, contexte, [rdv.id for rdv, *_ in rows])
    return [
        RdvMontre(
            rdv.id, rdv.debut, rdv.duree, motif, lieu if rdv.id in ouverts else None, organisation, agent,
            statut_of(issue, rdv.annule_le is not None, rdv.debut, maintenant),
            rdv.organisation_id == contexte.organisation_id,
        )
        for rdv, motif, lieu, organisation, agent, issue in rows
    ]  # fmt: skip


def _rdvs_elsewhere(session: Session, contexte: Contexte, usager_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Participation)
            .join(Rdv, Rdv.id == Participation.rdv_id)
            .where(Participation.usager_id == usager_id, Rdv.organisation_id.not_in(contexte.portee))
        )
        or 0
    )


def _referents(session: Session, contexte: Contexte, usager_id: int) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(Agent.nom)
            .join(Referent, Referent.agent_id == Agent.id)
            .where(Referent.usager_id == usager_id, Referent.organisation_id.in_(contexte.portee))
            .order_by(Agent.nom)
            .distinct()
        )
    )


def _remarques(session: Session, contexte: Contexte, usager_id: int) -> tuple[tuple[str, Remarque], ...]:
    rows = session.execute(
        select(Organisation.nom, Remarque)
        .join(Organisation, Organisation.id == Remarque.organisation_id)
        .where(Remarque.usager_id == usager_id, Remarque.organisation_id.in_(contexte.portee))
        .order_by(Remarque.organisation_id)
    )
    return tuple((nom, remarque) for nom, remarque in rows)


def _paires(session: Session, contexte: Contexte, usager_id: int) -> tuple[PaireMontree, ...]:
    autre = aliased(Usager)
    rows = session.execute(
        select(autre, Doublon.niveau, Doublon.etat)
        .select_from(Doublon)
        .join(
            autre,
            or_(
                (Doublon.usager_a_id == usager_id) & (autre.id == Doublon.usager_b_id),
                (Doublon.usager_b_id == usager_id) & (autre.id == Doublon.usager_a_id),
            ),
        )
        .where(
            or_(Doublon.usager_a_id == usager_id, Doublon.usager_b_id == usager_id),
            Doublon.etat == "ouvert",
            autre.fusionne_vers_id.is_(None),
        )
        .order_by(Doublon.score.desc())
    ).all()
    visible = visible_ids(session, contexte, [u.id for u, _, _ in rows])
    return tuple(PaireMontree(u, niveau, etat) for u, niveau, etat in rows if u.id in visible)


def _journal(session: Session, contexte: Contexte, usager_id: int) -> tuple[Evenement, ...]:
    merged = select(Usager.id).where(Usager.fusionne_vers_id == usager_id)
    rows = session.execute(
        select(EntreeJournal, Agent.nom, Organisation)
        .outerjoin(Agent, Agent.id == EntreeJournal.agent_id)
        .outerjoin(Organisation, Organisation.id == EntreeJournal.organisation_id)
        .where(
            or_(EntreeJournal.usager_id == usager_id, EntreeJournal.usager_id.in_(merged)),
            or_(EntreeJournal.organisation_id.in_(contexte.portee), EntreeJournal.acte.in_(("rattachement", "apercu"))),
        )
        .order_by(EntreeJournal.id.desc())
        .limit(JOURNAL_MONTRE)
    )
    return tuple(_evenement(contexte, e, agent, org) for e, agent, org in rows)


def _evenement(contexte: Contexte, e: EntreeJournal, agent: str | None, org: Organisation | None) -> Evenement:
    """A line as this agent reads it: who acted in another service stays there."""
    ici = org is not None and org.id in contexte.portee
    nom = None if org is None else "un autre service" if org.discrete and not ici else org.nom
    return Evenement(e.le, e.acte, agent if ici else None, nom, tuple(e.champs), e.details.get("fusion_id"))
