"""Signing in, and choosing a password."""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from fiches.acces import mots_de_passe, queries
from fiches.db import transaction
from fiches.organisations.models import Agent, TentativeConnexion


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
    if queries.must_wait(session, *cles, maintenant):
        raise TropDeTentatives
    trouve = queries.find_agent_by_email(session, email)
    juste = mots_de_passe.verify_password(trouve[1] if trouve else None, mot_de_passe)
    with transaction(session):
        session.execute(delete(TentativeConnexion).where(TentativeConnexion.le < maintenant - queries.FENETRE))
        if trouve and juste:
            session.execute(delete(TentativeConnexion).where(TentativeConnexion.cle == cles[0]))
        else:
            session.add_all(TentativeConnexion(cle=cle, le=maintenant) for cle in cles)
    if trouve is None or not juste:
        raise ConnexionRefusee
    return trouve[0]


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
