"""The declarative Base, the column types and the transaction, without Flask.

SQLite and PostgreSQL run the same code. Two habits of SQLite are dealt with here, once:
a transaction that reads and then writes begins with BEGIN IMMEDIATE (a deferred one fails
with "database is locked" as soon as somebody else wrote in between, whatever the time-out),
and every connection gets WAL, foreign keys, a busy time-out and synchronous=FULL (an agent's
merge must survive a power cut).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, event, text
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

_WRITING = "fiches_writing"

BUSY_TIMEOUT_MS = 15_000  # longest wait for another writer before SQLite gives up


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite stores it without its zone and gets it back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an Instant needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


class Base(DeclarativeBase):
    """Every table of the application hangs on this metadata."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}


def prepare_engine(engine: Engine) -> None:
    """Attach to a SQLite engine what the module's docstring promises; others are left alone."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is emitted below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "synchronous=FULL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Run the block in one write transaction: all of it is committed, or nothing is.

    A read transaction that the session already holds is ended first and what it had loaded
    expires, so that everything judged inside the block is read under the write lock. Inside
    another `transaction` of the same session the block simply joins it.
    """
    if session.info.get(_WRITING):
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made before the transaction began")
    session.rollback()
    session.connection(execution_options={_WRITING: True})
    session.info[_WRITING] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_WRITING, None)


def refresh_statistics(session: Session) -> None:
    """After a bulk write on PostgreSQL, let the planner know of it before the transaction goes on.

    Until autovacuum comes by, it plans look-ups for tables that it believes empty: matching
    5,000 freshly imported fiches took three times as long. SQLite plans well without.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))
