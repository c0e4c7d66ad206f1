"""A fresh SQLite base for one benchmark, filled and indexed as the application does it."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from fiches.acces.rules import AgentConnecte, Appartenance, Contexte, Role, contexte_of
from fiches.db import prepare_engine, transaction
from fiches.doublons.index import reindex
from fiches.models import Base
from fiches.organisations.models import Organisation, Territoire
from fiches.usagers.models import Rattachement, Usager

RESULTATS = Path(__file__).parent / "results"
MAINTENANT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@contextmanager
def a_base(fiches: Sequence[dict[str, Any]]) -> Iterator[tuple[Session, Contexte]]:
    """A base that holds these fiches in one organisation, and an agent who works there."""
    with tempfile.TemporaryDirectory() as dossier:
        engine = create_engine(f"sqlite:///{dossier}/bench.db")
        prepare_engine(engine)
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            fill(session, fiches)
            yield session, an_agent()
        engine.dispose()


def fill(session: Session, fiches: Sequence[dict[str, Any]]) -> None:
    """Write these fiches (columns by name, with their ids), attach and index them."""
    le = {"cree_le": MAINTENANT, "modifie_le": MAINTENANT}
    with transaction(session):
        session.add(Territoire(id=1, nom="Banc"))
        session.flush()
        session.add(Organisation(id=1, territoire_id=1, nom="Banc"))
        session.flush()
        session.execute(insert(Usager), [{"territoire_id": 1, **le, **fiche} for fiche in fiches])
        session.execute(
            insert(Rattachement),
            [{"usager_id": f["id"], "organisation_id": 1, "raison": "import", "cree_le": MAINTENANT} for f in fiches],
        )
        reindex(session, [f["id"] for f in fiches])


def an_agent() -> Contexte:
    """An agent in the only organisation."""
    agent = AgentConnecte(1, "banc@exemple.test", "Banc", (Appartenance(1, "Banc", 1, Role.AGENT),))
    contexte = contexte_of(agent, 1)
    assert contexte is not None
    return contexte


def percentile(durees: Sequence[float], part: float) -> float:
    """The `part` percentile of these durations, in milliseconds."""
    ordre = sorted(durees)
    return ordre[min(len(ordre) - 1, int(len(ordre) * part))] * 1000


def write_results(nom: str, resultats: Any) -> None:
    """Keep the figures as JSON beside the earlier ones of the same name."""
    RESULTATS.mkdir(exist_ok=True)
    (RESULTATS / f"{nom}.json").write_text(json.dumps(resultats, indent=2, ensure_ascii=False) + "\n")
