"""Keeping what was found and what was judged, in the caller's transaction (R9, R11, R31)."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.models import CompteurJugement, Doublon
from fiches.doublons.queries import Candidat
from fiches.journal.actions import record

DOUBLON: Table = Doublon.__table__  # type: ignore[assignment]
COMPTEUR: Table = CompteurJugement.__table__  # type: ignore[assignment]

ACTE_ALERTE = "correspondance"
SANS_PREUVE = "sans_motif"  # an outside fiche shows no reasons (R10)


def store_pairs(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    candidats: Iterable[Candidat],
    *,
    origine: str,
    le: datetime,
) -> None:
    """Enter these pairs into the queue; one already there takes the new score and reasons.

    A pair that was set aside or merged stays so. Reasons are kept as codes, never as values.
    """
    _upsert(session, usager_id, candidats, origine, le, {"etat": "ouvert"}, reopen=False)


def set_aside(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    candidats: Collection[Candidat],
    *,
    raison: str,
    le: datetime,
) -> None:
    """Keep the judgement « C'est une autre personne » on these pairs, with who and when (R9).

    It is also counted per organisation, niveau and kind of evidence, never per agent.
    """
    decision = {"etat": "ecarte", "raison": raison, "decide_par_id": contexte.agent.id, "decide_le": le}
    _upsert(session, usager_id, candidats, raison, le, decision, reopen=True)
    _count(session, contexte.organisation_id, candidats)


def alert_referents(session: Session, contexte: Contexte, usager_ids: Iterable[int], *, le: datetime) -> None:
    """Leave a line in the journal of these fiches protégées: somebody typed a like person (R11).

    Their référents read it on the fiche; whoever typed learns nothing. The line says in which
    organisation and when, not who typed what.
    """
    with transaction(session):
        for usager_id in sorted(set(usager_ids)):
            record(session, ACTE_ALERTE, usager_id=usager_id, le=le, organisation_id=contexte.organisation_id)


def _upsert(
    session: Session,
    usager_id: int,
    candidats: Iterable[Candidat],
    origine: str,
    le: datetime,
    decision: dict[str, Any],
    *,
    reopen: bool,
) -> None:
    rows = [
        {
            "usager_a_id": min(usager_id, c.usager_id),
            "usager_b_id": max(usager_id, c.usager_id),
            "score": c.score,
            "niveau": c.niveau.value,
            "motifs": [m.code for m in c.motifs],
            "origine": origine,
            "cree_le": le,
            **decision,
        }
        for c in sorted(candidats, key=lambda c: c.usager_id)
        if c.usager_id != usager_id
    ]
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(DOUBLON)
    renewed = {nom: statement.excluded[nom] for nom in ("score", "niveau", "motifs", *decision)}
    changeable = DOUBLON.c.etat != "fusionne" if reopen else DOUBLON.c.etat == "ouvert"
    statement = statement.on_conflict_do_update(
        index_elements=[DOUBLON.c.usager_a_id, DOUBLON.c.usager_b_id], set_=renewed, where=changeable
    )
    with transaction(session):
        session.flush()
        session.connection().execute(statement, rows)


def _count(session: Session, organisation_id: int, candidats: Iterable[Candidat]) -> None:
    comptes = Counter(
        (c.niveau.value, preuve) for c in candidats for preuve in {m.code for m in c.motifs} or {SANS_PREUVE}
    )
    rows = [
        {"organisation_id": organisation_id, "niveau": niveau, "preuve": preuve, "nombre": nombre}
        for (niveau, preuve), nombre in sorted(comptes.items())
    ]
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(COMPTEUR)
    statement = statement.on_conflict_do_update(
        index_elements=[COMPTEUR.c.organisation_id, COMPTEUR.c.niveau, COMPTEUR.c.preuve],
        set_={"nombre": COMPTEUR.c.nombre + statement.excluded.nombre},
    )
    with transaction(session):
        session.connection().execute(statement, rows)
