"""The créneaux of an organisation: free ones to come, a new series, closing one (R16)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.dates import JOURS
from fiches.rdvs.actions_creneaux import close_creneau, open_serie, sort_serie
from fiches.rdvs.creneaux import Tri, show_bilan
from fiches.rdvs.erreurs import SerieRefusee
from fiches.rdvs.forms import SerieForm
from fiches.rdvs.queries import read_choix
from fiches.rdvs.queries_creneaux import by_jour, list_libres
from fiches.web import htmx
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("creneaux", __name__, url_prefix="/organisations/<int:org>/creneaux")


@bp.route("", methods=["GET", "POST"])
@droit("rdvs.modifier")
def liste(contexte: Contexte) -> ResponseReturnValue:
    """Free créneaux by day, and the form that opens a series; live, how many it would open."""
    defauts = {"agent": str(contexte.agent.id), "jours": frozenset(JOURS[:5])}
    form = SerieForm(request.form or None, read_choix(db.session(), contexte), clock.today(), data=defauts)
    if request.method != "POST":
        return _page(contexte, form)
    tri = refus = None
    if form.validate():
        try:
            if htmx.is_fragment() or "voir" in request.form:
                tri = sort_serie(db.session(), form.serie(), clock.now())
            else:
                flash(show_bilan(open_serie(db.session(), contexte, form.serie(), clock.now())), "succes")
                return redirect(url_for(".liste", org=contexte.organisation_id), 303)
        except SerieRefusee as erreur:
            refus = erreur.texte
    if htmx.is_fragment():
        return render_template("rdvs/_serie.html", contexte=contexte, form=form, tri=tri, refus=refus)
    if "voir" in request.form:
        return _page(contexte, form, tri, refus)
    return _page(contexte, form, tri, refus, refuse=True), 422


@bp.post("/<int:creneau_id>/fermer")
@droit("rdvs.modifier")
def fermer(contexte: Contexte, creneau_id: int) -> ResponseReturnValue:
    """Close a free créneau."""
    if close_creneau(db.session(), contexte, creneau_id):
        flash("Le créneau est fermé.", "succes")
    else:
        flash("Ce créneau n’est plus libre : quelqu’un vient de le prendre.", "attention")
    return redirect(url_for(".liste", org=contexte.organisation_id), 303)


def _page(
    contexte: Contexte, form: SerieForm, tri: Tri | None = None, refus: str | None = None, *, refuse: bool = False
) -> str:
    jours = by_jour(list_libres(db.session(), contexte, clock.now()))
    return render_template(
        "rdvs/creneaux.html", contexte=contexte, form=form, tri=tri, refus=refus, refuse=refuse, jours=jours,
        semaine=JOURS,
    )  # fmt: skip
