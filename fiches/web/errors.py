"""Errors and refusals, turned into HTTP in one place.

A page gets an error page, a live request an alert in place; both say what to do. A domain
refusal carries its own French sentence; nothing here shows what was typed.
"""

import traceback

import structlog
from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from fiches.proches.rules import LienReserve
from fiches.rdvs.erreurs import RdvIntrouvable
from fiches.usagers.erreurs import FicheFusionnee, FicheIntrouvable, FicheModifiee, FicheProtegee
from fiches.usagers.rules import PreferencesVerrouillees
from fiches.web.db import db
from fiches.web.htmx import is_fragment

log = structlog.get_logger()

# code → title, what happened and what to do
ERREURS: dict[int, tuple[str, str]] = {
    400: (
        "Demande incomprise",
        "La demande était incomplète ou mal formée. Revenez à la page précédente et réessayez.",
    ),
    401: ("Connexion nécessaire", "Connectez-vous pour continuer."),
    403: ("Action non autorisée", "Vos droits ne permettent pas cette action."),
    404: ("Page introuvable", "Cette page n’existe pas, ou vous n’y avez pas accès."),
    405: ("Action impossible ici", "Cette adresse ne s’ouvre pas de cette façon. Revenez à la page précédente."),
    409: ("Modifié entre-temps", "Quelqu’un a modifié cette fiche pendant ce temps. Rouvrez-la pour voir son état."),
    411: ("Envoi sans taille", "Cet envoi n’annonce pas sa taille : il est refusé, rien n’a été enregistré."),
    413: ("Envoi trop volumineux", "Ce que vous envoyez dépasse 1 Mo. Raccourcissez le texte et réessayez."),
    422: ("Saisie à corriger", "Une partie de la saisie n’a pas pu être acceptée. Rien n’a été enregistré."),
    429: ("Trop d’essais", "Trop d’essais en peu de temps. Attendez quelques minutes avant de réessayer."),
    500: (
        "Erreur de notre côté",
        "L’application a rencontré une erreur. Rien n’a été enregistré. Réessayez dans un instant.",
    ),
    503: (
        "Enregistrement momentanément impossible",
        "Un autre enregistrement est en cours. Rien n’a été enregistré : revenez en arrière et réessayez.",
    ),
}
MESSAGE_CSRF = (
    "Par sécurité, cet envoi a été refusé : la page était ouverte depuis une autre connexion. "
    "Revenez à la page précédente, rechargez-la et recommencez."
)

# A domain's refusal → code, and its own sentence where the code's is not enough
REFUS: dict[type[Exception], tuple[int, str | None]] = {
    FicheIntrouvable: (404, None),
    RdvIntrouvable: (404, None),
    FicheModifiee: (409, None),
    FicheProtegee: (403, "Cette fiche est protégée : seuls ses référents peuvent la modifier."),
    LienReserve: (403, "Ce lien ne peut être changé que par les référents de la fiche reliée."),
    PreferencesVerrouillees: (403, "L’usager a choisi lui-même comment être prévenu : lui seul peut le changer."),
}


CROISEMENTS = ("40001", "40P01")  # PostgreSQL's serialization_failure and deadlock_detected


def init_errors(app: Flask) -> None:
    """Answer every error with a page, or a fragment, in French."""
    app.register_error_handler(CSRFError, lambda _error: error_answer(400, MESSAGE_CSRF))
    app.register_error_handler(HTTPException, _http_error)
    for refus in REFUS:
        app.register_error_handler(refus, _refusal)
    app.register_error_handler(FicheFusionnee, _merged)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _unexpected)


def error_answer(code: int, message: str | None = None) -> ResponseReturnValue:
    """The error page of this code, or its alert for a live request."""
    titre, texte = ERREURS.get(code, ERREURS[400 if code < 500 else 500])
    template = "erreurs/_alerte.html" if is_fragment() else "erreurs/page.html"
    return render_template(template, titre=titre, message=message or texte, code=code), code


def _refusal(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return error_answer(*REFUS[type(error)])


def _merged(error: FicheFusionnee) -> ResponseReturnValue:
    """The fiche was merged meanwhile (F10): a page goes on to the kept one, which says so."""
    db.session.rollback()
    if is_fragment() or "org" not in (request.view_args or {}):
        return error_answer(409, "Cette fiche a été fusionnée entre-temps : rechargez la page.")
    flash("Cette fiche a été fusionnée entre-temps avec celle-ci. Rien n’a été enregistré.", "attention")
    org = (request.view_args or {})["org"]
    return redirect(url_for("usagers.fiche", org=org, usager_id=error.vers), 303)


def _busy(error: OperationalError) -> ResponseReturnValue:
    """SQLite has one writer; whoever waited too long is told so, and may try again. So is the one whom
    PostgreSQL gives up of two that wait for each other."""
    if "locked" not in str(error.orig) and getattr(error.orig, "sqlstate", None) not in CROISEMENTS:
        return _unexpected(error)
    db.session.rollback()
    return error_answer(503)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error
    return error_answer(code)


def _unexpected(error: Exception) -> ResponseReturnValue:
    # Frames and type only: an exception's text may quote what somebody typed.
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected", error=type(error).__name__, frames=frames[-12:])
    db.session.rollback()
    return error_answer(500)
