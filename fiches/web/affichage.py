"""What every template may use: filters for dates and contacts, addresses of static files."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from flask_login import current_user

from fiches import clock, dates, identite
from fiches.acces.rules import may
from fiches.usagers import rules


def init_affichage(app: Flask) -> None:
    """Give the templates their filters and the agent who is signed in."""
    app.jinja_env.filters.update(
        naissance=rules.show_naissance,
        age=lambda naissance: rules.show_age(naissance, clock.today()),
        de=rules.of_nom,
        liste=lambda mots: rules.join_words(list(mots)),
        telephone=identite.show_telephone,
        telephone_masque=identite.mask_telephone,
        email_masque=identite.mask_email,
        jour=dates.show_jour,
        jour_semaine=dates.show_jour_semaine,
        heure=dates.show_heure,
        moment=dates.show_moment,
    )

    def _may(nom: str, organisation_id: int) -> bool:
        """Whether the agent who is signed in has this right in this organisation."""
        return bool(current_user.is_authenticated and may(current_user.agent, nom, organisation_id))

    statique = Path(app.static_folder or "")

    @cache
    def fingerprint(filename: str) -> str:
        return hashlib.sha256((statique / filename).read_bytes()).hexdigest()[:12]

    @app.context_processor
    def _values() -> dict[str, object]:
        return {
            "peut": _may,
            "agent_connecte": current_user.agent if current_user.is_authenticated else None,
            "fichier": lambda nom: url_for("static", filename=nom, v=fingerprint(nom)),
            "aujourdhui": clock.today(),
        }
