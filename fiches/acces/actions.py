"""Signing in, and choosing a password."""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from fiches.acces import mots_de_passe, queries
from fiches.db import transaction
from fiches.organisations.models import Agent, SessionOuverte, TentativeConnexion


class ConnexionRefusee(Exception):
    """The e-mail and the password do not go together."""


class TropDeTentatives(Exception):
    """Too many failed sign-ins lately."""


class LienPerime(Exception):
    """The link that sets a password is invalid, expired or used."""


def sign_in(session: Session, email: str, mot_de_passe: str, adresse: str, maintenant: datetime) -> int:
    """The id of the agent with this e-mail and password.

    Unknown e-mails and wrong passwords get the same answer in the same time. Raises
    ConnexionRefusee, or TropDeTentatives after ten failures of an e-mail in a quarter of an hour.
    """
    cles = _throttle_key(session, "email", email.strip().lower()), _throttle_key(session, "adresse", adresse)
    claimed = _claim_attempt(session, cles, maintenant)
    trouve = queries.find_agent_by_email(session, email)
    if not mots_de_passe.verify_password(trouve[1] if trouve else None, mot_de_passe) or trouve is None:
        raise ConnexionRefusee
    with transaction(session):
        mine = or_(TentativeConnexion.cle == cles[0], TentativeConnexion.id.in_(claimed))
        session.execute(delete(TentativeConnexion).where(mine))
    return trouve[0]


def _claim_attempt(session: Session, cles: tuple[str, str], maintenant: datetime) -> list[int]:
    """Count this attempt as failed before the password is looked at, so that a hundred attempts
    at once are no way round the limit; the ids of its rows. Raises TropDeTentatives."""
    with transaction(session):
        session.execute(delete(TentativeConnexion).where(TentativeConnexion.le < maintenant - queries.FENETRE))
        if queries.must_wait(session, *cles, maintenant):
            raise TropDeTentatives
        rows = [TentativeConnexion(cle=cle, le=maintenant) for cle in cles]
        session.add_all(rows)
        session.flush()
    return [row.id for row in rows]


def open_session(session: Session, agent_id: int, maintenant: datetime) -> queries.SessionAgent:
    """Open a session for an agent who has just proved who they are; forgets those that ended."""
    with transaction(session):
        trouve = queries.read_agent(session, agent_id)
        if trouve is None:
            raise ConnexionRefusee
        jeton = mots_de_passe.make_session_jeton(trouve[1])
        passees = SessionOuverte.ouverte_le <= maintenant - queries.DUREE_SESSION
        session.execute(delete(SessionOuverte).where(passees))
        session.add(SessionOuverte(cle=mots_de_passe.digest_session(jeton), agent_id=agent_id, ouverte_le=maintenant))
    return queries.SessionAgent(trouve[0], f"{agent_id}.{jeton}")


def close_session(session: Session, cle: str) -> None:
    """End a session: a copy of its cookie opens nothing any more."""
    digest = mots_de_passe.digest_session(cle.partition(".")[2])
    with transaction(session):
        session.execute(delete(SessionOuverte).where(SessionOuverte.cle == digest))


def set_password(session: Session, jeton_lu: tuple[int, str] | None, mot_de_passe: str) -> int:
    """Set the password that a link allows; the id of the agent. Raises LienPerime."""
    if jeton_lu is None:
        raise LienPerime
    agent_id, empreinte = jeton_lu
    nouveau = mots_de_passe.hash_password(mot_de_passe)
    with transaction(session):
        trouve = queries.read_agent(session, agent_id)
        if trouve is None or not mots_de_passe.lien_still_good(empreinte, trouve[1]):
            raise LienPerime
        session.execute(update(Agent).where(Agent.id == agent_id).values(mot_de_passe=nouveau))
    return agent_id


def _throttle_key(session: Session, genre: str, valeur: str) -> str:
    sel = session.info.get("sel", b"")
    return hmac.new(sel, f"{genre}:{valeur}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
