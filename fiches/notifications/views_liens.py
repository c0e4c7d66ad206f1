"""The links of messages: a GET shows, a POST does, so that a scanner that opens every link of a mail
changes nothing (R21). No sign-in: whoever holds the message holds the link."""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.notifications.actions_liens import follow_lien
from fiches.notifications.jetons import read_jeton
from fiches.notifications.queries_liens import LienPerime, read_lien
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("liens", __name__)


@bp.route("/avis/<jeton>", methods=["GET", "POST"])
@droit("public")
def avis(jeton: str) -> ResponseReturnValue:
    """One link of one message."""
    lu = read_jeton(jeton, str(current_app.secret_key))
    try:
        fait = request.method == "POST"
        lien = (follow_lien if fait else read_lien)(db.session(), lu, clock.now())
    except LienPerime:
        return render_template("notifications/lien_perime.html"), 404
    return render_template("notifications/lien.html", lien=lien, fait=fait and not lien.passe, usage=lien.usage.name)
