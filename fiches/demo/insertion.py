"""Inserting many rows at once, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from fiches.db import Base

Ids = Mapping[Any, int]

LOT = 500  # rows written by one statement


def insert_all(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, if there are any."""
    lignes = list(rows)
    if lignes:
        session.execute(insert(table), lignes)


def insert_named(session: Session, table: Any, rows: Mapping[Any, dict[str, Any]]) -> Ids:
    """Insert rows, lot by lot (one long RETURNING takes quadratic time); the new ids by the rows' keys."""
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    lignes = list(rows.values())
    ids: list[int] = []
    for debut in range(0, len(lignes), LOT):
        ids += session.scalars(statement, lignes[debut : debut + LOT])
    return dict(zip(rows, ids, strict=True))
