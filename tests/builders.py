"""Builders: the smallest real rows that a story needs, each with sensible defaults.

    org = an_organisation(session)
    marie = a_usager(session, org, prenom="Marie", nom="Curie", date_naissance="1967-11-07")
    contexte = a_contexte(session, an_agent(session, org), org)

Each commits, so that the application sees it. `a_usager` indexes the fiche as the application does.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.mots_de_passe import hash_password
from fiches.acces.queries import read_agent
from fiches.acces.rules import Contexte, contexte_of
from fiches.doublons.index import reindex
from fiches.organisations.models import Agent, Appartenance, Organisation, Territoire
from fiches.proches.models import LienProche
from fiches.rdvs.models import Creneau, Lieu, Motif, Participation, Rdv
from fiches.usagers.models import Rattachement, Referent, Remarque, Usager

MAINTENANT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_numbers = count(1)
T = TypeVar("T")


@cache
def _demonstration() -> str:
    return hash_password("demonstration")


def a_territoire(session: Session, nom: str | None = None) -> int:
    """The id of a new territoire."""
    return _added(session, Territoire(nom=nom or f"Territoire {next(_numbers)}")).id


def an_organisation(session: Session, nom: str | None = None, territoire_id: int | None = None, **values: Any) -> int:
    """The id of a new organisation, in a territoire of its own unless one is given."""
    territoire_id = territoire_id or a_territoire(session)
    nom = nom or f"Service {next(_numbers)}"
    return _added(session, Organisation(territoire_id=territoire_id, nom=nom, **values)).id


def an_agent(session: Session, *organisations: int, email: str | None = None, role: str = "agent") -> int:
    """The id of a new agent of these organisations; the password is `demonstration`."""
    email = email or f"agent{next(_numbers)}@exemple.test"
    agent = _added(session, Agent(email=email, nom="Agent d’essai", mot_de_passe=_demonstration(), cree_le=MAINTENANT))
    session.add_all(Appartenance(agent_id=agent.id, organisation_id=o, role=role) for o in organisations)
    session.commit()
    return agent.id


def a_contexte(session: Session, agent_id: int, organisation_id: int) -> Contexte:
    """The context of this agent working in this organisation."""
    trouve = read_agent(session, agent_id)
    assert trouve is not None
    contexte = contexte_of(trouve[0], organisation_id)
    assert contexte is not None
    session.rollback()
    return contexte


def a_usager(
    session: Session, *organisations: int, index: bool = True, remarques: str | None = None, **values: Any
) -> int:
    """The id of a new fiche attached to these organisations and indexed."""
    territoire_id = session.scalar(select(Organisation.territoire_id).where(Organisation.id == organisations[0]))
    values = {"prenom": "Jeanne", "nom": "Dupont", "cree_le": MAINTENANT, "modifie_le": MAINTENANT} | values
    usager = _added(session, Usager(territoire_id=territoire_id, **values))
    for organisation in organisations:
        session.add(
            Rattachement(usager_id=usager.id, organisation_id=organisation, raison="creation", cree_le=MAINTENANT)
        )
    if remarques:
        session.add(
            Remarque(usager_id=usager.id, organisation_id=organisations[0], texte=remarques, modifie_le=MAINTENANT)
        )
    session.flush()
    if index:
        reindex(session, [usager.id])
    session.commit()
    return usager.id


def a_lien(session: Session, *, proche: int, responsable: int, nature: str = "familial", **values: Any) -> None:
    """Make one fiche the proche of another."""
    lien = {"proche_id": proche, "responsable_id": responsable, "nature": nature, "cree_le": MAINTENANT} | values
    _added(session, LienProche(**lien))


def a_referent(session: Session, usager: int, agent: int, organisation: int) -> None:
    """Make an agent a référent of a fiche."""
    _added(session, Referent(usager_id=usager, agent_id=agent, organisation_id=organisation, cree_le=MAINTENANT))


def a_rdv(
    session: Session,
    organisation: int,
    agent: int,
    *usagers: int,
    debut: datetime = MAINTENANT + timedelta(days=7),
    issue: str | None = None,
    annule: bool = False,
    visibilite: str = "visible_notifie",
) -> int:
    """The id of a new RDV in which these usagers take part."""
    motif = session.scalar(
        select(Motif).where(Motif.organisation_id == organisation, Motif.visibilite == visibilite)
    ) or _added(session, Motif(organisation_id=organisation, nom=f"Entretien {visibilite}", visibilite=visibilite))
    lieu = session.scalar(select(Lieu).where(Lieu.organisation_id == organisation)) or _added(
        session, Lieu(organisation_id=organisation, nom="Accueil")
    )
    rdv = _added(
        session,
        Rdv(
            organisation_id=organisation,
            agent_id=agent,
            motif_id=motif.id,
            lieu_id=lieu.id,
            debut=debut,
            duree=30,
            annule_le=MAINTENANT if annule else None,
            cree_le=MAINTENANT,
        ),
    )
    session.add_all(Participation(rdv_id=rdv.id, usager_id=u, issue=issue, cree_le=MAINTENANT) for u in usagers)
    session.commit()
    return rdv.id


def a_motif(session: Session, organisation: int, nom: str = "Entretien", **values: Any) -> int:
    """The id of a new motif."""
    return _added(session, Motif(organisation_id=organisation, nom=nom, **values)).id


def a_lieu(session: Session, organisation: int, nom: str = "Accueil", **values: Any) -> int:
    """The id of a new lieu."""
    return _added(session, Lieu(organisation_id=organisation, nom=nom, **values)).id


def a_creneau(session: Session, organisation: int, agent: int, motif: int, debut: datetime, **values: Any) -> int:
    """The id of a new free créneau."""
    values = {"duree": 30, "cree_le": MAINTENANT} | values
    return _added(
        session, Creneau(organisation_id=organisation, agent_id=agent, motif_id=motif, debut=debut, **values)
    ).id


def _added(session: Session, row: T) -> T:
    session.add(row)
    session.commit()
    return row
