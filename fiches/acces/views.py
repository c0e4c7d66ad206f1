"""Signing in and out, and the first password."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from fiches import clock
from fiches.acces import actions, mots_de_passe, queries
from fiches.acces.forms import ConnexionForm, MotDePasseForm
from fiches.web.db import db
from fiches.web.guards import current_agent, droit, local_page

bp = Blueprint("acces", __name__)


@bp.get("/")
@droit("connecte")
def accueil() -> ResponseReturnValue:
    """Leads an agent to the usagers of their first organisation."""
    places = current_agent().appartenances
    if not places:
        abort(403)
    return redirect(url_for("usagers.liste", org=places[0].organisation_id), 303)


@bp.route("/connexion", methods=["GET", "POST"])
@droit("public")
def connexion() -> ResponseReturnValue:
    """Sign in, then go on to where one wanted to be."""
    suite = local_page(request.values.get("suite"))
    form = ConnexionForm(request.form)
    if request.method != "POST":
        if current_user.is_authenticated:
            return redirect(suite or url_for("acces.accueil"), 303)
        return render_template("acces/connexion.html", form=form, suite=suite)
    try:
        agent_id = actions.sign_in(
            db.session(), form.email.data or "", form.mot_de_passe.data or "", request.remote_addr or "", clock.now()
        )
    except actions.TropDeTentatives:
        return render_template("acces/connexion.html", form=form, suite=suite, attendre=True), 429
    except actions.ConnexionRefusee:
        return render_template("acces/connexion.html", form=form, suite=suite, refus=True), 422
    _open_session(agent_id)
    return redirect(suite or url_for("acces.accueil"), 303)


@bp.post("/deconnexion")
@droit("public")
def deconnexion() -> ResponseReturnValue:
    """Sign out."""
    if current_user.is_authenticated:
        actions.close_session(db.session(), current_user.cle)
    logout_user()
    cookie.clear()
    return redirect(url_for("acces.connexion"), 303)


@bp.route("/mot-de-passe/<jeton>", methods=["GET", "POST"])
@droit("public")
def mot_de_passe(jeton: str) -> ResponseReturnValue:
    """Choose a password with the link that the command printed; a GET changes nothing."""
    lu = mots_de_passe.read_lien_jeton(current_app.secret_key, jeton)  # type: ignore[arg-type]
    trouve = queries.read_agent(db.session(), lu[0]) if lu else None
    if lu is None or trouve is None or not mots_de_passe.lien_still_good(lu[1], trouve[1]):
        return render_template("acces/lien_perime.html"), 404
    form = MotDePasseForm(request.form)
    if request.method != "POST" or not form.validate():
        code = 200 if request.method != "POST" else 422
        return render_template("acces/mot_de_passe.html", form=form, agent=trouve[0]), code
    try:
        agent_id = actions.set_password(db.session(), lu, form.mot_de_passe.data)
    except actions.LienPerime:
        return render_template("acces/lien_perime.html"), 404
    _open_session(agent_id)
    flash("Votre mot de passe est enregistré.", "succes")
    return redirect(url_for("acces.accueil"), 303)


def _open_session(agent_id: int) -> None:
    """A session of its own for who signs in: nothing of the former one stays."""
    cookie.clear()
    login_user(actions.open_session(db.session(), agent_id, clock.now()))
