"""Writing the journal, in the caller's own transaction (R36)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fiches.journal.models import EntreeJournal


def digest(sel: bytes, champ: str, valeur: object) -> str:
    """A salted digest of a field's value: lets one ask "was it this?", never "what was it?"."""
    return hmac.new(sel, f"{champ}={valeur}".encode(), hashlib.sha256).hexdigest()[:16]


def record(
    session: Session,
    acte: str,
    *,
    usager_id: int,
    le: datetime,
    agent_id: int | None = None,
    organisation_id: int | None = None,
    valeurs: Mapping[str, object] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the journal. `valeurs` are the fields' new values: only their names and
    digests are kept, salted with session.info["sel"]. `details` are counts and codes and must hold no personal data."""
    valeurs = valeurs or {}
    sel = session.info.get("sel", b"")
    session.add(
        EntreeJournal(
            le=le,
            acte=acte,
            usager_id=usager_id,
            organisation_id=organisation_id,
            agent_id=agent_id,
            champs=list(valeurs),
            empreintes={champ: digest(sel, champ, valeur) for champ, valeur in valeurs.items()},
            details=dict(details or {}),
        )
    )
