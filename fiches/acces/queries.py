"""Who is signed in, read in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import Session

from fiches.acces.mots_de_passe import digest_session, session_still_good
from fiches.acces.rules import AgentConnecte, Appartenance, Role
from fiches.organisations import models as org

DUREE_SESSION = timedelta(hours=14)  # a working day, from sign-in
FENETRE = timedelta(minutes=15)
ECHECS_PAR_EMAIL = 10  # failed sign-ins of one e-mail in FENETRE before it must wait
ECHECS_PAR_ADRESSE = 100  # the same for one network address: a whole service may share it


@dataclass(frozen=True, eq=False)
class SessionAgent(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the agent as a value, and the key kept in the session."""

    agent: AgentConnecte
    cle: str

    def get_id(self) -> str:
        """The session's key."""
        return self.cle


def read_session_agent(session: Session, cle: str, maintenant: datetime) -> SessionAgent | None:
    """The agent behind a session's key, None when it was ended, is too old, or the password changed."""
    debut, _, jeton = cle.partition(".")
    if not (debut.isascii() and debut.isdigit()) or len(debut) > 9:
        return None
    ouverte = exists().where(
        org.SessionOuverte.cle == digest_session(jeton),
        org.SessionOuverte.agent_id == org.Agent.id,
        org.SessionOuverte.ouverte_le > maintenant - DUREE_SESSION,
    )
    trouve = read_agent(session, int(debut), ouverte)
    if trouve is None or not session_still_good(jeton, trouve[1]):
        return None
    return SessionAgent(trouve[0], cle)


def read_agent(
    session: Session, agent_id: int, condition: ColumnElement[bool] | None = None
) -> tuple[AgentConnecte, str | None] | None:
    """An agent with their organisations in the order they joined, and their password's digest;
    None when there is none, or `condition` does not hold. One statement."""
    rows = session.execute(
        select(
            org.Agent.email,
            org.Agent.nom,
            org.Agent.mot_de_passe,
            org.Appartenance.role,
            org.Organisation.id,
            org.Organisation.nom,
            org.Organisation.territoire_id,
            org.Organisation.champs_masques,
        )
        .outerjoin(org.Appartenance, org.Appartenance.agent_id == org.Agent.id)
        .outerjoin(org.Organisation, org.Organisation.id == org.Appartenance.organisation_id)
        .where(org.Agent.id == agent_id, true() if condition is None else condition)
        .order_by(org.Appartenance.id)
    ).all()
    if not rows:
        return None
    email, nom, mot_de_passe = rows[0][:3]
    places = tuple(Appartenance(r[4], r[5], r[6], Role(r[3]), tuple(r[7] or ())) for r in rows if r[3] is not None)
    return AgentConnecte(agent_id, email, nom, places), mot_de_passe


def find_agent_by_email(session: Session, email: str) -> tuple[int, str | None] | None:
    """The (id, password digest) of the agent with this e-mail."""
    row = session.execute(
        select(org.Agent.id, org.Agent.mot_de_passe).where(org.Agent.email == email.strip().lower())
    ).first()
    return (row[0], row[1]) if row else None


def must_wait(session: Session, cle_email: str, cle_adresse: str, maintenant: datetime) -> bool:
    """Whether too many sign-ins failed lately for this e-mail or this network address."""
    table = org.TentativeConnexion
    for cle, maximum in ((cle_email, ECHECS_PAR_EMAIL), (cle_adresse, ECHECS_PAR_ADRESSE)):
        echecs = session.scalar(select(func.count()).where(table.cle == cle, table.le > maintenant - FENETRE))
        if (echecs or 0) >= maximum:
            return True
    return False
