"""Flask-SQLAlchemy on our own metadata: engine and session for the web layer and commands.

Only `web`, views and commands know `db.session`; everything below takes a Session.
"""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from fiches.db import prepare_engine
from fiches.models import Base
from fiches.settings import Settings

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False, "info": {}})
migrate = Migrate()


def init_db(app: Flask, settings: Settings) -> None:
    """Connect the application to its database and give the sessions the journal's salt."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)
    db.session.session_factory.kw["info"] = {"sel": settings.secret_key.encode()}
