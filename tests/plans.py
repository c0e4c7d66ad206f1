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
    ran: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            ran.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    found: list[str] = []
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert ran, "nothing was run"
    connection = session.connection()
    tables = {name for (name,) in connection.exec_driver_sql("select name from sqlite_master where type = 'table'")}
    for statement, parameters in ran:
        aliases = tables | set(_aliases(statement, tables))
        for *_, detail in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            words = str(detail).split()
            if words[0] == "SCAN" and words[1] in aliases:
                found.append(f"{detail} — {statement[:200]}")
    session.rollback()


def _aliases(statement: str, tables: set[str]) -> Iterator[str]:
    words = statement.replace(",", " ").replace("(", " ").replace(")", " ").split()
    for i, word in enumerate(words[:-2]):
        if word.strip('"') in tables and words[i + 1].upper() == "AS":
            yield words[i + 2]
