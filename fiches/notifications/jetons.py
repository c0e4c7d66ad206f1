"""The links of a message: one for each purpose, signed, nothing stored (PURE, R21).

A token names the message and what it is for, so that a merge carries it along with the message's
recipient (F23). What it still opens is judged when it is used: see `queries_liens`. Short, since an SMS
carries three of them: HMAC-SHA1 is no weaker here than a longer one.
"""

from enum import StrEnum

from itsdangerous import BadSignature, Signer

from fiches.notifications.textes import Liens


class Usage(StrEnum):
    """What a link is for; the letter stands in the token."""

    ANNULER = "a"
    ARRETER = "s"
    PAS_MOI = "p"


def make_liens(message_id: int, secret: str, base: str) -> Liens:
    """The three addresses of a message. `base`: where usagers reach the application, without a slash."""

    def lien(usage: Usage) -> str:
        return f"{base}/avis/{make_jeton(message_id, usage, secret)}"

    return Liens(lien(Usage.ANNULER), lien(Usage.ARRETER), lien(Usage.PAS_MOI))


def make_jeton(message_id: int, usage: Usage, secret: str) -> str:
    """The token of one purpose of one message."""
    return _signer(secret).sign(f"{message_id}{usage}").decode()


def read_jeton(jeton: str, secret: str) -> tuple[int, Usage] | None:
    """The (message, purpose) of a token, None when it was invented."""
    try:
        contenu = _signer(secret).unsign(jeton.encode("utf-8", "replace")).decode()
        return int(contenu[:-1]), Usage(contenu[-1:])
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="avis")
