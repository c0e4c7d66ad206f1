"""The motifs and lieux that an organisation's admin keeps (R17, R21)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.organisations.reglages import ReglageModifie
from fiches.rdvs import actions_reglages as actions
from fiches.rdvs import queries_reglages as queries
from fiches.rdvs.forms_reglages import LIEU_NOUVEAU, MOTIF_NOUVEAU, LieuForm, MotifForm
from fiches.rdvs.models import Lieu, Motif
from fiches.rdvs.reglages import VISIBILITES, NomPris
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("reglages_rdvs", __name__, url_prefix="/organisations/<int:org>/reglages")


@bp.route("/motifs", methods=["GET", "POST"])
@droit("organisation.regler")
def motifs(contexte: Contexte) -> ResponseReturnValue:
    """The motifs, and a new one."""
    form = MotifForm(request.form if request.method == "POST" else None, MOTIF_NOUVEAU)
    if request.method != "POST":
        return _page_motifs(contexte, form)
    if not form.validate():
        return _page_motifs(contexte, form), 422
    try:
        actions.add_motif(db.session(), contexte, form.motif())
    except NomPris as refus:
        form.refuse_name(refus, "motif")
        return _page_motifs(contexte, form), 422
    flash("Le motif est ajouté.", "succes")
    return redirect(url_for(".motifs", org=contexte.organisation_id), 303)


@bp.route("/motifs/<int:motif_id>", methods=["GET", "POST"])
@droit("organisation.regler")
def motif(contexte: Contexte, motif_id: int) -> ResponseReturnValue:
    """One motif: change it, archive it, take it back."""
    actuel = queries.find_motif(db.session(), contexte, motif_id) or abort(404)
    if request.method == "POST" and "archiver" in request.form:
        return _archive(contexte, actuel, ".motifs")
    form = MotifForm(request.form if request.method == "POST" else None, queries.motif_of(actuel))
    if request.method != "POST":
        return _page_motif(contexte, actuel, form)
    if not form.validate():
        return _page_motif(contexte, actuel, form), 422
    try:
        suivis = actions.modify_motif(db.session(), contexte, motif_id, form.motif(), str(form.etat.data), clock.now())
    except ReglageModifie:
        form.face(vars(queries.motif_of(actuel)), vars(form.motif()))
        return _page_motif(contexte, actuel, form), 409
    except NomPris as refus:
        form.refuse_name(refus, "motif")
        return _page_motif(contexte, actuel, form), 422
    suite = f" Les messages en attente de {suivis} RDV à venir ont suivi." if suivis else ""
    flash(f"Le motif est enregistré.{suite}", "succes")
    return redirect(url_for(".motifs", org=contexte.organisation_id), 303)


@bp.route("/lieux", methods=["GET", "POST"])
@droit("organisation.regler")
def lieux(contexte: Contexte) -> ResponseReturnValue:
    """The lieux, and a new one."""
    form = LieuForm(request.form if request.method == "POST" else None, LIEU_NOUVEAU)
    if request.method != "POST":
        return _page_lieux(contexte, form)
    if not form.validate():
        return _page_lieux(contexte, form), 422
    try:
        actions.add_lieu(db.session(), contexte, form.lieu())
    except NomPris as refus:
        form.refuse_name(refus, "lieu")
        return _page_lieux(contexte, form), 422
    flash("Le lieu est ajouté.", "succes")
    return redirect(url_for(".lieux", org=contexte.organisation_id), 303)


@bp.route("/lieux/<int:lieu_id>", methods=["GET", "POST"])
@droit("organisation.regler")
def lieu(contexte: Contexte, lieu_id: int) -> ResponseReturnValue:
    """One lieu: change it, archive it, take it back."""
    actuel = queries.find_lieu(db.session(), contexte, lieu_id) or abort(404)
    if request.method == "POST" and "archiver" in request.form:
        return _archive(contexte, actuel, ".lieux")
    form = LieuForm(request.form if request.method == "POST" else None, queries.lieu_of(actuel))
    if request.method != "POST":
        return _page_lieu(contexte, actuel, form)
    if not form.validate():
        return _page_lieu(contexte, actuel, form), 422
    try:
        actions.modify_lieu(db.session(), contexte, lieu_id, form.lieu(), str(form.etat.data))
    except ReglageModifie:
        form.face(vars(queries.lieu_of(actuel)), vars(form.lieu()))
        return _page_lieu(contexte, actuel, form), 409
    except NomPris as refus:
        form.refuse_name(refus, "lieu")
        return _page_lieu(contexte, actuel, form), 422
    flash("Le lieu est enregistré.", "succes")
    return redirect(url_for(".lieux", org=contexte.organisation_id), 303)


def _archive(contexte: Contexte, objet: Motif | Lieu, liste: str) -> ResponseReturnValue:
    reponse = request.form["archiver"]
    if reponse not in ("oui", "non"):
        abort(422)
    actions.archive(db.session(), type(objet), objet.id, reponse == "oui", clock.now())
    fait = "archivé : ses rendez-vous le gardent, il n’est plus proposé" if reponse == "oui" else "de nouveau proposé"
    flash(f"« {objet.nom} » est {fait}.", "succes")
    return redirect(url_for(liste, org=contexte.organisation_id), 303)


def _page_motifs(contexte: Contexte, form: MotifForm) -> str:
    catalogue = queries.list_motifs(db.session(), contexte, clock.now())
    return render_template(
        "reglages/motifs.html", contexte=contexte, form=form, catalogue=catalogue, visibilites=VISIBILITES
    )


def _page_motif(contexte: Contexte, actuel: Motif, form: MotifForm) -> str:
    rdvs = queries.coming_ids(db.session(), "motif_id", actuel.id, clock.now())
    return render_template(
        "reglages/motif.html", contexte=contexte, form=form, objet=actuel, rdvs=len(rdvs), visibilites=VISIBILITES
    )


def _page_lieux(contexte: Contexte, form: LieuForm) -> str:
    catalogue = queries.list_lieux(db.session(), contexte, clock.now())
    return render_template("reglages/lieux.html", contexte=contexte, form=form, catalogue=catalogue)


def _page_lieu(contexte: Contexte, actuel: Lieu, form: LieuForm) -> str:
    rdvs = queries.coming_ids(db.session(), "lieu_id", actuel.id, clock.now())
    return render_template("reglages/lieu.html", contexte=contexte, form=form, objet=actuel, rdvs=len(rdvs))
