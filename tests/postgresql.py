"""The same tests on PostgreSQL: a server of our own in a temporary folder, over a Unix socket.

    python -m tests.postgresql [pytest's arguments]     starts one, runs the tests on it, stops it

Needs the system's PostgreSQL; as root the server runs as the user `postgres`, which refuses root.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from fiches.settings import ROOT

MODELE = "fiches_modele"
_numbers = count(1)


@contextmanager
def copied_database(server: str) -> Iterator[str]:
    """The address of a database copied from the migrated template; dropped afterwards."""
    name = f"essai_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(f"{server}&dbname=postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template {MODELE}"))
    try:
        yield f"{server}&dbname={name}"
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        engine.dispose()


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; its address without a database's name."""
    binaries = Path(shutil.which("initdb") or sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]).parent
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(tool: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(binaries / tool), *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    try:
        run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "fiches", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        run("pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://fiches@/?host={folder}"
        finally:
            run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Migrate the template by the migrations, then run the tests."""
    with running_server() as server:
        engine = create_engine(f"{server}&dbname=postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"create database {MODELE}"))
        engine.dispose()
        env = {**os.environ, "DATABASE_URL": f"{server}&dbname={MODELE}", "TEST_POSTGRESQL": server}
        subprocess.run([sys.executable, "-m", "flask", "db", "upgrade"], cwd=ROOT, env=env, check=True)
        env.pop("DATABASE_URL")
        arguments = sys.argv[1:] or ["-q", "-n", "2", "--ignore", "tests/journeys", "-m", "not sqlite", "tests"]
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
