"""Reading territoires and organisations."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.organisations.models import Territoire


def lock_territoire(session: Session, territoire_id: int) -> None:
    """Let one writer at a time judge likenesses or merge in a territoire, in the caller's transaction.

    Two agents who type the same person at once, or merge A–B and B–C, follow one another. SQLite
    has one writer anyway and ignores this; inserts that only point at the territoire do not wait.
    """
    session.execute(select(Territoire.id).where(Territoire.id == territoire_id).with_for_update(key_share=True))
