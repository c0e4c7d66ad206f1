"""Alembic's environment: migrates the application's database, on SQLite and PostgreSQL."""

from typing import Any

from alembic import context
from flask import current_app

from fiches.db import Instant

db = current_app.extensions["migrate"].db


def _render_item(kind: str, item: object, _context: Any) -> str | bool:
    """Migrations name plain column types, so that they outlive ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def run_migrations() -> None:
    """Migrate over the application's own engine."""
    if context.is_offline_mode():
        raise SystemExit("offline migrations are not supported")
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=_render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
