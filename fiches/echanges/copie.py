"""A throw-away copy of the base, for a simulated import to write in.

Simulating in the base itself, to take it all back afterwards, would keep every agent from saving
for as long as the comparison of a whole file lasts.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from fiches.db import Base, prepare_engine

_LOT = 1_000  # rows copied by one statement


@contextmanager
def copy_of_base(session: Session) -> Iterator[Session]:
    """A session on a private copy of the base as it is now, gone when the block ends.

    The copy is SQLite's temporary database: in memory, and past some size in a file that nobody
    else can open and that has no name. The base is only read.
    """
    copie = sqlite3.connect("")
    moteur = create_engine("sqlite://", creator=lambda: copie, poolclass=StaticPool)
    try:
        _copy(session.get_bind().engine, copie, moteur)
        prepare_engine(moteur)
        with Session(moteur, expire_on_commit=False, info=dict(session.info)) as simulee:
            yield simulee
    finally:
        moteur.dispose()
        copie.close()


def _copy(base: Engine, copie: sqlite3.Connection, moteur: Engine) -> None:
    if base.dialect.name == "sqlite":
        with base.connect() as source:
            source.connection.driver_connection.backup(copie)  # type: ignore[union-attr]
        return
    Base.metadata.create_all(moteur)
    with base.connect().execution_options(isolation_level="REPEATABLE READ") as source, moteur.begin() as cible:
        for table in Base.metadata.sorted_tables:
            for lot in source.execute(select(table)).partitions(_LOT):
                cible.execute(insert(table), [dict(row._mapping) for row in lot])
