"""`/sante`: 200 once the database answers and is migrated to the newest version."""

from functools import cache

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from fiches.settings import ROOT
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("sante", __name__)


def init_sante(app: Flask) -> None:
    """Register the address."""
    app.register_blueprint(bp)


@cache
def _newest() -> str | None:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


@bp.get("/sante")
@droit("public")
def sante() -> Response:
    """Ready, or 503 with what is missing."""
    try:
        version = db.session.execute(text("select version_num from alembic_version")).scalar()
    except SQLAlchemyError:
        db.session.rollback()
        version = None
    pret = version == _newest()
    texte = "prêt\n" if pret else "base non migrée : flask db upgrade\n"
    return Response(texte, 200 if pret else 503, content_type="text/plain; charset=utf-8")
