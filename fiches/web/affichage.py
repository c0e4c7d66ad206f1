"""What every template may use: filters for dates and contacts, addresses of static files."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from flask_login import current_user

from fiches import clock, identite
from fiches.usagers import rules

MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
JOURS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


def init_affichage(app: Flask) -> None:
    """Give the templates their filters and the agent who is signed in."""
    app.jinja_env.filters.update(
        naissance=rules.show_naissance,
        age=lambda naissance: rules.show_age(naissance, clock.today()),
        de=rules.of_nom,
        telephone=identite.show_telephone,
        telephone_masque=identite.mask_telephone,
        email_masque=identite.mask_email,
        jour=show_jour,
        moment=show_moment,
    )
    statique = Path(app.static_folder or "")

    @cache
    def fingerprint(filename: str) -> str:
        return hashlib.sha256((statique / filename).read_bytes()).hexdigest()[:12]

    @app.context_processor
    def _values() -> dict[str, object]:
        return {
            "agent_connecte": current_user.agent if current_user.is_authenticated else None,
            "fichier": lambda nom: url_for("static", filename=nom, v=fingerprint(nom)),
            "aujourdhui": clock.today(),
        }


def show_jour(jour: date | datetime | None) -> str:
    """« 2 décembre 2026 »; an instant is shown on its day in Paris."""
    if jour is None:
        return ""
    if isinstance(jour, datetime):
        jour = jour.astimezone(clock.PARIS).date()
    return f"{'1er' if jour.day == 1 else jour.day} {MOIS[jour.month - 1]} {jour.year}"


def show_moment(instant: datetime | None) -> str:
    """« mercredi 2 décembre 2026 à 9 h 30 », Paris time."""
    if instant is None:
        return ""
    local = instant.astimezone(clock.PARIS)
    minutes = f" {local.minute:02d}" if local.minute else ""
    return f"{JOURS[local.weekday()]} {show_jour(local)} à {local.hour} h{minutes}"
