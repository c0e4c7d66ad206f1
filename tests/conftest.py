"""Fixtures: a migrated base of its own for each test, the application, a browser-like client.

The base is an SQLite file, or with TEST_POSTGRESQL (the address of a server, without a database's
name) a PostgreSQL database copied from a migrated template: see tests/postgresql.py.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from fiches import create_app
from tests.client import Client

# Properties are judged by what they find, not by how busy the machine is.
settings.register_profile("maison", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("maison")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty base made by the migrations, once; each test gets a copy."""
    instance = tmp_path_factory.mktemp("migrated")
    app = create_app({"INSTANCE": str(instance), "SECRET_KEY": "test", "LOG_LEVEL": "CRITICAL"})
    with app.app_context():
        from flask_migrate import upgrade

        from fiches.web.db import db

        upgrade(directory="migrations")
        db.session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()
    return instance / "fiches.db"


@pytest.fixture
def base_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty migrated base of this test's own."""
    server = os.environ.get("TEST_POSTGRESQL")
    if not server:
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "fiches.db")
        yield f"sqlite:///{tmp_path / 'fiches.db'}"
        return
    from tests.postgresql import copied_database

    with copied_database(server) as url:
        yield url


@pytest.fixture
def app(base_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty migrated base."""
    env = {"INSTANCE": str(tmp_path), "DATABASE_URL": base_url, "SECRET_KEY": "test", "LOG_LEVEL": "CRITICAL"}
    app = create_app(env)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = Client
    yield app
    from fiches.web.db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of its own on the application's base, for building and looking."""
    from fiches.web.db import db

    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False, info={"sel": b"test"}) as session:
        yield session


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that keeps cookies and sends the CSRF token of the last page it saw."""
    return app.test_client()
