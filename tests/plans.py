"""Asking SQLite how it runs what the application runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


@contextmanager
def scans(session: Session) -> Iterator[list[str]]:
    """The list fills with each step of a statement run in the block that scans a whole table.

    Common table expressions, subqueries and lists of values are no tables; a table of which
    one leading key is known is searched, not scanned.
    """
    found: list[str] = []
    with steps(session) as ran:
        yield found
    sqlite_master = "select name from sqlite_master where type = 'table'"
    tables = {name for (name,) in session.connection().exec_driver_sql(sqlite_master)}
    for statement, detail in ran:
        words = detail.split()
        if words[0] == "SCAN" and words[1] in tables | set(_aliases(statement, tables)):
            found.append(f"{detail} — {statement[:200]}")
    session.rollback()


@contextmanager
def steps(session: Session) -> Iterator[list[tuple[str, str]]]:
    """The list fills with each step of each statement run in the block: the statement, the step."""
    ran: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            ran.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    found: list[tuple[str, str]] = []
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert ran, "nothing was run"
    connection = session.connection()
    for statement, parameters in ran:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found += [(statement, str(detail)) for *_, detail in rows]
    session.rollback()


def _aliases(statement: str, tables: set[str]) -> Iterator[str]:
    words = statement.replace(",", " ").replace("(", " ").replace(")", " ").split()
    for i, word in enumerate(words[:-2]):
        if word.strip('"') in tables and words[i + 1].upper() == "AS":
            yield words[i + 2]
