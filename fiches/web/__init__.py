"""What touches Flask for every feature: database, sign-in, CSRF, headers, errors, logs."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from fiches.settings import Settings


def configure_web(app: Flask, settings: Settings) -> None:
    """Set up the web layer of the application."""
    from fiches.web.affichage import init_affichage
    from fiches.web.converters import IdConverter
    from fiches.web.db import init_db
    from fiches.web.errors import init_errors
    from fiches.web.guards import init_guards
    from fiches.web.headers import init_headers
    from fiches.web.logs import init_logs
    from fiches.web.sante import init_sante

    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="fiches",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        MAX_CONTENT_LENGTH=1_000_000,  # bytes; larger bodies get the 413 page
        MAX_FORM_MEMORY_SIZE=1_000_000,
        MAX_FORM_PARTS=1_000,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard checks it, after sign-in
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open is not lost
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},  # no values in logs
    )
    if n := settings.frontaux:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    app.url_map.converters["int"] = IdConverter
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    init_db(app, settings)
    init_logs(app, settings)
    init_guards(app)
    init_headers(app)
    init_errors(app)
    init_affichage(app)
    init_sante(app)
