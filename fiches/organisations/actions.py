"""Making territoires, organisations and agents (R34). Names are cleaned; doubles are refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches import identite
from fiches.acces.mots_de_passe import hash_password
from fiches.db import transaction
from fiches.organisations.models import Agent, Appartenance, Organisation, Territoire

NOM_MAXIMUM = 200  # characters


class NomVide(Exception):
    """A territoire, an organisation, an agent needs a name."""


class NomDejaPris(Exception):
    """There is one of this name already, accents and case aside."""


class TerritoireIntrouvable(Exception):
    """No territoire has this id."""


class OrganisationIntrouvable(Exception):
    """No organisation has this id."""


class DejaMembre(Exception):
    """The agent belongs to this organisation already."""


@dataclass(frozen=True)
class AgentAjoute:
    """The outcome of `add_agent`. `mot_de_passe`: the digest the agent has now, None without."""

    id: int
    nouveau: bool
    mot_de_passe: str | None


def create_territoire(session: Session, nom: str) -> int:
    """Create a territoire; its id. Raises SaisieRefusee, NomVide, NomDejaPris."""
    propre = _clean(nom)
    with transaction(session):
        _check_free(propre, session.scalars(select(Territoire.nom)).all())
        territoire = Territoire(nom=propre)
        session.add(territoire)
        session.flush()
    return territoire.id


def create_organisation(session: Session, nom: str, territoire_id: int) -> int:
    """Create an organisation; its id. Raises SaisieRefusee, NomVide, NomDejaPris, TerritoireIntrouvable."""
    propre = _clean(nom)
    with transaction(session):
        if session.get(Territoire, territoire_id) is None:
            raise TerritoireIntrouvable
        noms = session.scalars(select(Organisation.nom).where(Organisation.territoire_id == territoire_id)).all()
        _check_free(propre, noms)
        organisation = Organisation(nom=propre, territoire_id=territoire_id)
        session.add(organisation)
        session.flush()
    return organisation.id


def add_agent(
    session: Session, email: str, organisation_id: int, *, admin: bool, mot_de_passe: str | None, le: datetime
) -> AgentAjoute:
    """Make an agent member of an organisation, as `admin` or `agent`; an unknown e-mail is a new agent.

    `mot_de_passe` is given to a new agent only (None: to be chosen through the link). Raises
    SaisieRefusee for the e-mail, OrganisationIntrouvable, DejaMembre.
    """
    propre = clean_email(email)
    empreinte = hash_password(mot_de_passe) if mot_de_passe else None
    with transaction(session):
        if session.get(Organisation, organisation_id) is None:
            raise OrganisationIntrouvable
        agent = session.scalar(select(Agent).where(Agent.email == propre))
        nouveau = agent is None
        if agent is None:
            agent = Agent(email=propre, nom=name_from_email(propre), mot_de_passe=empreinte, cree_le=le)
            session.add(agent)
            session.flush()
        elif is_member(session, agent.id, organisation_id):
            raise DejaMembre
        role = "admin" if admin else "agent"
        session.add(Appartenance(agent_id=agent.id, organisation_id=organisation_id, role=role))
    return AgentAjoute(agent.id, nouveau, agent.mot_de_passe)


def is_member(session: Session, agent_id: int, organisation_id: int) -> bool:
    """Whether the agent belongs to the organisation."""
    places = select(Appartenance.id).where(
        Appartenance.agent_id == agent_id, Appartenance.organisation_id == organisation_id
    )
    return session.scalar(places) is not None


def agent_exists(session: Session, email: str) -> bool:
    """Whether an agent has this e-mail."""
    return session.scalar(select(Agent.id).where(Agent.email == email)) is not None


def organisation_exists(session: Session, organisation_id: int) -> bool:
    """Whether there is such an organisation."""
    return session.get(Organisation, organisation_id) is not None


def clean_email(email: str) -> str:
    """The e-mail as it is kept. Raises SaisieRefusee."""
    propre = identite.parse_email(email)
    if propre is None:
        raise identite.SaisieRefusee("Adresse e-mail incorrecte : elle s’écrit comme nom@exemple.fr.")
    return propre


def name_from_email(email: str) -> str:
    """A name to begin with: « jeanne.dupont@… » is « Jeanne Dupont »."""
    return " ".join(mot.capitalize() for mot in identite.normal(email.partition("@")[0]).split()) or email


def _clean(nom: str) -> str:
    propre = identite.clean_text(nom, NOM_MAXIMUM)
    if propre is None or not identite.normal(propre):
        raise NomVide
    return propre


def _check_free(nom: str, pris: Iterable[str]) -> None:
    if identite.normal(nom) in {identite.normal(autre) for autre in pris}:
        raise NomDejaPris
