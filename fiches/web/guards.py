"""Sign-in, rights and CSRF, checked for every address in this order.

Each view names its right with `@droit(...)`; an unknown name fails at import, and a view
that names none refuses everybody.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect

from fiches import clock
from fiches.acces.queries import read_session_agent
from fiches.acces.rules import DROITS, PUBLIC, AgentConnecte, contexte_of, may
from fiches.web.db import db
from fiches.web.htmx import is_fragment

csrf = CSRFProtect()
login_manager = LoginManager()

F = TypeVar("F", bound=Callable[..., Any])


def init_guards(app: Flask) -> None:
    """Put sign-in, rights and CSRF in front of every address."""
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.user_loader(lambda cle: read_session_agent(db.session(), cle, clock.now()))
    app.before_request(_check_access)


def current_agent() -> AgentConnecte:
    """The agent who is signed in; 401 when nobody is."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(AgentConnecte, current_user.agent)


def droit(nom: str) -> Callable[[F], F]:
    """Declare the right a view needs.

    A view under `/organisations/<int:org>/…` receives `contexte` in place of `org`. Not a
    member: 404, so that nothing is learnt; a member without the right: 403.
    """
    regle = DROITS[nom]

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(**kwargs: Any) -> Any:
            if "org" in kwargs:
                contexte = contexte_of(current_agent(), kwargs.pop("org")) or abort(404)
                if not may(contexte.agent, nom, contexte.organisation_id):
                    abort(403)
                kwargs["contexte"] = contexte
            return view(**kwargs)

        guarded.droit = nom  # type: ignore[attr-defined]
        guarded.public = regle == PUBLIC  # type: ignore[attr-defined]
        return cast(F, guarded)

    return decorate


def local_page(adresse: str | None) -> str | None:
    """`adresse` when it is a page of this site that a GET opens, else None."""
    if not adresse or not adresse.startswith("/") or adresse.startswith("//") or "\\" in adresse:
        return None
    if any(ord(c) < 32 for c in adresse):
        return None
    morceaux = urlsplit(adresse)
    if morceaux.scheme or morceaux.netloc:
        return None
    try:
        current_app.url_map.bind("").match(morceaux.path, method="GET")
    except Exception:
        return None
    return adresse


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint in (None, "static"):
        return None
    view: Any = current_app.view_functions[request.endpoint or ""]
    if not hasattr(view, "droit"):
        abort(403)
    if not view.public and not current_user.is_authenticated:
        return _ask_to_sign_in()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if "Transfer-Encoding" in request.headers:
            abort(411)  # a body of unknown size would be cut at the limit without a word
        csrf.protect()
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if is_fragment():
        return render_template("acces/_session_expiree.html"), 401
    page = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("acces.connexion", suite=local_page(page)), 303)
