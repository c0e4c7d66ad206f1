"""The settings of an organisation: its phone and its reminder (R19, R21)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.organisations.actions_reglages import read_reglages, save_reglages
from fiches.organisations.forms import ReglagesForm
from fiches.organisations.reglages import ReglageModifie
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("reglages", __name__, url_prefix="/organisations/<int:org>/reglages")


@bp.route("", methods=["GET", "POST"])
@droit("organisation.regler")
def service(contexte: Contexte) -> ResponseReturnValue:
    """The service's phone and when its reminders leave."""
    form = ReglagesForm(request.form if request.method == "POST" else None, read_reglages(db.session(), contexte))
    if request.method != "POST":
        return render_template("reglages/service.html", contexte=contexte, form=form)
    if not form.validate():
        return render_template("reglages/service.html", contexte=contexte, form=form), 422
    try:
        suivis = save_reglages(db.session(), contexte, form.reglages(), str(form.etat.data), clock.now())
    except ReglageModifie:
        form.face(vars(read_reglages(db.session(), contexte)), vars(form.reglages()))
        return render_template("reglages/service.html", contexte=contexte, form=form), 409
    suite = f" Les rappels de {suivis} RDV à venir ont suivi." if suivis else ""
    flash(f"Les réglages sont enregistrés.{suite}", "succes")
    return redirect(url_for(".service", org=contexte.organisation_id), 303)
