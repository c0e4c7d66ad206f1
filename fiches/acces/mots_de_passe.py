"""Passwords of agents: argon2id digests, and the single-use link that sets a first one."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

LONGUEUR_MINIMALE = 12  # characters, ANSSI's advice where no second factor is used
LONGUEUR_MAXIMALE = 200
LIEN_VALABLE = 7 * 24 * 3600  # seconds

_hasher = PasswordHasher()
# What an unknown e-mail is checked against, so that it takes as long as a known one.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(mot_de_passe: str) -> str:
    """The argon2id digest to store."""
    return _hasher.hash(mot_de_passe)


def verify_password(stored: str | None, mot_de_passe: str) -> bool:
    """Whether the password is the right one; takes the same time when `stored` is None."""
    try:
        return _hasher.verify(stored or _NOBODY, mot_de_passe) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _fingerprint(stored: str | None) -> str:
    return hashlib.sha256((stored or "").encode()).hexdigest()[:16]


def make_session_jeton(stored: str | None) -> str:
    """What a new session's cookie holds beside the agent's id: a secret, and the fingerprint of
    the password, so that a new password ends every older session."""
    return f"{secrets.token_urlsafe(24)}.{_fingerprint(stored)}"


def digest_session(jeton: str) -> str:
    """Under what the base knows a session: who reads the base cannot make its cookie."""
    return hashlib.sha256(jeton.encode("utf-8", "replace")).hexdigest()


def session_still_good(jeton: str, stored: str | None) -> bool:
    """Whether the password is still the one the session was opened with."""
    return jeton.rpartition(".")[2] == _fingerprint(stored)


def make_lien_jeton(secret: str, agent_id: int, stored: str | None) -> str:
    """The token of a link that lets this agent choose a password; used once, it is void."""
    return URLSafeTimedSerializer(secret, salt="mot-de-passe").dumps([agent_id, _fingerprint(stored)])


def read_lien_jeton(secret: str, jeton: str, max_age: int = LIEN_VALABLE) -> tuple[int, str] | None:
    """The (agent id, fingerprint of the password it replaces) of a token, None when invalid or expired."""
    try:
        contenu = URLSafeTimedSerializer(secret, salt="mot-de-passe").loads(jeton, max_age=max_age)
    except BadSignature:
        return None
    match contenu:
        case [int(agent_id), str(empreinte)]:
            return agent_id, empreinte
    return None


def lien_still_good(empreinte: str, stored: str | None) -> bool:
    """Whether the password that the token was made for is still the present one."""
    return empreinte == _fingerprint(stored)
