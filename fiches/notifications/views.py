"""The messages of an organisation: what left, waits or failed, and what their texts look like (R20, R21)."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte, may
from fiches.notifications import actions, queries
from fiches.notifications.apercu import read_apercu
from fiches.notifications.rules import Canal
from fiches.usagers.queries import get_usager
from fiches.usagers.saisie import read_id
from fiches.web.db import db
from fiches.web.errors import error_answer
from fiches.web.guards import droit, local_page

bp = Blueprint("messages", __name__, url_prefix="/organisations/<int:org>")


@bp.get("/messages")
@droit("rdvs.voir")
def liste(contexte: Contexte) -> ResponseReturnValue:
    """The latest messages, by state; with their words where nothing left this machine."""
    etat = request.args.get("etat", "") if request.args.get("etat") in queries.FILTRES else ""
    page = request.args.get("page", 1, type=int)
    lue = queries.list_messages(db.session(), contexte, etat, page, clock.now(), _base())
    peut_regler = may(contexte.agent, "organisation.regler", contexte.organisation_id)
    return render_template(
        "notifications/messages.html", contexte=contexte, page=lue, etat=etat, filtres=queries.FILTRES,
        peut_regler=peut_regler,
    )  # fmt: skip


@bp.post("/messages/<int:message_id>/renvoyer")
@droit("usagers.modifier")
def renvoyer(contexte: Contexte, message_id: int) -> ResponseReturnValue:
    """Send again a message that failed, to the address of today."""
    try:
        actions.resend(db.session(), contexte, message_id, clock.now())
    except actions.MessageIntrouvable:
        abort(404)
    except actions.RenvoiImpossible as refus:
        return error_answer(409, refus.texte)
    flash("Le message va repartir dans un instant.", "succes")
    return redirect(_back(contexte), 303)


@bp.post("/usagers/<int:usager_id>/adresse-verifiee")
@droit("usagers.modifier")
def adresse_verifiee(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """The address was checked with the person: messages go there again."""
    get_usager(db.session(), contexte, usager_id)
    canal = request.form.get("canal", "")
    if canal not in list(Canal):
        abort(422)
    if actions.verify_adresse(db.session(), contexte, usager_id, Canal(canal), clock.now()):
        flash("L’adresse est vérifiée : les prochains messages y partent de nouveau.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.get("/reglages/messages")
@droit("organisation.regler")
def apercu(contexte: Contexte) -> ResponseReturnValue:
    """Every text as it would be sent, for a motif and a lieu of the organisation."""
    motif, lieu = read_id(request.args.get("motif")), read_id(request.args.get("lieu"))
    sans_lieu, pour_proche = request.args.get("lieu") == "aucun", request.args.get("pour") == "proche"
    lu = read_apercu(db.session(), contexte, motif, lieu, sans_lieu, pour_proche, clock.now(), _base())
    return render_template("notifications/apercu.html", contexte=contexte, apercu=lu)


def _back(contexte: Contexte) -> str:
    return local_page(request.form.get("suite")) or url_for(".liste", org=contexte.organisation_id)


def _base() -> str:
    return str(current_app.extensions["settings"].adresse_publique)
