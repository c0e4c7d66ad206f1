"""The usagers of an organisation: list, creation with live warnings, fiche, modification."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.notifications.lecture import coming_rdvs
from fiches.notifications.previsions import say_change, say_elsewhere
from fiches.notifications.queries import read_envois
from fiches.notifications.queries_changements import Changements, preview_contact
from fiches.proches.creation import proche_of
from fiches.proches.queries import read_liens
from fiches.usagers import actions, actions_jugees, queries
from fiches.usagers.cadre import read_relier
from fiches.usagers.erreurs import FicheFusionnee, FicheModifiee, RattachementRefuse
from fiches.usagers.forms import UsagerForm
from fiches.usagers.formulaire import Formulaire, values_of
from fiches.usagers.models import Usager
from fiches.usagers.presentation import RAISONS_RATTACHEMENT
from fiches.usagers.queries_fiche import read_fiche
from fiches.usagers.recherche import search_fiches
from fiches.usagers.requete import is_too_short
from fiches.usagers.rules import PreferencesVerrouillees, check_preferences_open, full_name
from fiches.usagers.saisie import read_id
from fiches.usagers.views_saisie import answer_creation, apercus_maximum, make_form, search, warnings
from fiches.web import htmx
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("usagers", __name__, url_prefix="/organisations/<int:org>/usagers")


@bp.get("")
@droit("usagers.voir")
def liste(contexte: Contexte) -> ResponseReturnValue:
    """The fiches of the organisation, or what a search finds once two letters are typed (R12)."""
    q = request.args.get("q", "").strip()
    tri = request.args.get("tri", "nom") if request.args.get("tri") in queries.TRIS else "nom"
    page = request.args.get("page", 1, type=int)
    resultats = page_liste = None
    if not is_too_short(q):
        resultats = search_fiches(db.session(), contexte, q, clock.now(), apercus_maximum())
    else:
        page_liste = queries.list_usagers(db.session(), contexte, page, tri, clock.now())
    return htmx.render(
        "usagers/liste.html", "usagers/_resultats.html",
        contexte=contexte, q=q, tri=tri, tris=queries.TRIS, liste=page_liste, resultats=resultats,
        raisons=RAISONS_RATTACHEMENT,
    )  # fmt: skip


@bp.route("/nouveau", methods=["GET", "POST"])
@droit("usagers.creer")
def nouveau(contexte: Contexte) -> ResponseReturnValue:
    """Create a fiche; a strong likeness is asked about before anything is written (R9). With
    `responsable_id` it becomes that fiche's proche in the same transaction (R26)."""
    cadre, ensuite = proche_of(db.session(), contexte, request.values.get("responsable_id"), clock.now())
    reponse = answer_creation(contexte, cadre, ensuite)
    if not isinstance(reponse, int):
        return reponse
    flash("La fiche est créée.", "succes")
    return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=reponse), 303)


@bp.post("/doublons")
@droit("usagers.voir")
def doublons(contexte: Contexte) -> ResponseReturnValue:
    """The live warnings for what is being typed; empty when there is nothing to say (R5)."""
    sauf, actuel = read_id(request.form.get("sauf")), None
    if sauf is not None:
        usager = _usager(contexte, sauf, protection=True)
        sauf, actuel = usager.id, values_of(db.session(), contexte, usager)
    form = make_form(contexte, request.form)
    recherche = search(contexte, form, sauf=sauf, actuel=actuel)
    return render_template(
        "usagers/_doublons.html", **warnings(contexte, recherche, sauf, read_relier(request.form))
    )  # fmt: skip


@bp.get("/<int:usager_id>")
@droit("usagers.voir")
def fiche(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """One fiche; a merged one leads to the one that was kept (F25)."""
    try:
        return fiche_page(contexte, usager_id)
    except FicheFusionnee as fusionnee:
        return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=fusionnee.vers), 302)


@bp.route("/<int:usager_id>/modifier", methods=["GET", "POST"])
@droit("usagers.modifier")
def modifier(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Modify a fiche; refused when it changed meanwhile (R14), asked about when the change
    itself raises a strong likeness (R9)."""
    try:
        usager = queries.get_usager(db.session(), contexte, usager_id, protection=True)
    except FicheFusionnee as fusionnee:
        return _modify_survivor(contexte, fusionnee.vers)
    actuel, masques = _state(contexte, usager)
    if request.method != "POST":
        return _page_modifier(contexte, usager_id, Formulaire.of_fiche(masques, usager, actuel, clock.today()))
    if "proposer" in request.form:
        return _page_modifier(
            contexte, usager_id, Formulaire.of_proposal(masques, usager, actuel, request.form, clock.today())
        )
    formulaire = Formulaire.of_post(masques, usager, actuel, request.form, clock.today())
    form = formulaire.form
    if not form.validate_modification(actuel):
        return _page_modifier(contexte, usager_id, formulaire), 422
    if "voir" in request.form:
        return _page_modifier(contexte, usager_id, formulaire)
    changements = _changements(contexte, usager_id, form)
    try:
        champs = actions_jugees.modify_judged(
            db.session(), contexte, usager_id, form.saisie(), form.personne(actuel), form.version_lue(),
            autre_personne=bool(form.autre_personne.data), vus=form.candidats_vus(), le=clock.now(),
            apercus_maximum=apercus_maximum(),
        )  # fmt: skip
    except FicheFusionnee as fusionnee:
        return _modify_survivor(contexte, fusionnee.vers)
    except PreferencesVerrouillees:
        form.notif_email.errors = ["L’usager a choisi lui-même comment être prévenu : lui seul peut le changer."]
        return _page_modifier(contexte, usager_id, formulaire), 403
    except FicheModifiee:
        usager = queries.get_usager(db.session(), contexte, usager_id, protection=True)
        actuel, masques = _state(contexte, usager)
        perime = Formulaire.of_stale(masques, usager, actuel, request.form, clock.today())
        return _page_modifier(contexte, usager_id, perime), 409
    except actions_jugees.DoublonsAConfirmer as doute:
        return _page_modifier(contexte, usager_id, formulaire, doute=doute), 422
    flash("La fiche est enregistrée." if champs else "Rien n’a changé.", "succes")
    _say_changes(changements)
    return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.post("/<int:usager_id>/rattacher")
@droit("usagers.rattacher")
def rattacher(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Attach a fiche that R10 showed; what was being typed is proposed on it."""
    raison = request.form.get("raison", "")
    if raison not in RAISONS_RATTACHEMENT:
        abort(422)
    try:
        actions.attach(db.session(), contexte, usager_id, raison, clock.now())
    except RattachementRefuse:
        abort(404)
    flash(f"La fiche est rattachée à {contexte.organisation}.", "succes")
    usager = _usager(contexte, usager_id)
    if relier := read_relier(request.form):
        arguments: dict[str, Any] = {"usager_id": relier.usager_id, f"{relier.porte}_id": usager.id}
        return redirect(url_for("proches.ecran", org=contexte.organisation_id, **arguments), 303)
    if request.form.get("nom") or request.form.get("prenom"):
        actuel, masques = _state(contexte, usager)
        return _page_modifier(
            contexte, usager.id, Formulaire.of_proposal(masques, usager, actuel, request.form, clock.today())
        )
    return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=usager.id), 303)


@bp.post("/<int:usager_id>/preferences")
@droit("usagers.modifier")
def preferences(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Set the préférences; refused once the usager has set them (R18)."""
    check_preferences_open(queries.preferences_of(queries.get_usager(db.session(), contexte, usager_id)))
    form = make_form(contexte, request.form)
    if not (form.notif_email.validate(form) and form.notif_sms.validate(form)):
        abort(422)
    changements = _changements(contexte, usager_id, form)
    actions.set_preferences(db.session(), contexte, usager_id, form.saisie(), clock.now())
    flash("Les notifications sont enregistrées.", "succes")
    _say_changes(changements)
    return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.post("/<int:usager_id>/prevenir")
@droit("usagers.modifier")
def prevenir(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Who will be told otherwise of RDVs to come with what is being typed; empty when nobody (R14)."""
    usager = _usager(contexte, usager_id, protection=True)
    form = make_form(contexte, request.form)
    form.validate()
    return render_template("usagers/_prevenir.html", changements=_changements(contexte, usager.id, form))


@bp.post("/<int:usager_id>/proteger")
@droit("usagers.proteger")
def proteger(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Put a fiche under protection, or lift it (R11)."""
    queries.get_usager(db.session(), contexte, usager_id)
    reponse = request.form.get("protegee")
    if reponse not in ("oui", "non"):
        abort(422)
    actions.set_protection(db.session(), contexte, usager_id, reponse == "oui", clock.now())
    flash("La protection de la fiche est enregistrée.", "succes")
    return redirect(url_for(".fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


def fiche_page(contexte: Contexte, usager_id: int, **autres: object) -> str:
    """The page of a fiche, with what a refused form of one of its cards says; a protected one's
    reading is journalled (R11)."""
    usager = queries.get_usager(db.session(), contexte, usager_id)
    montree = read_fiche(db.session(), contexte, usager, clock.now())
    base = current_app.extensions["settings"].adresse_publique
    envois = read_envois(db.session(), contexte, usager, clock.now(), base)
    if usager.protegee:
        actions.record_reading(db.session(), contexte, usager_id, clock.now())
    return render_template(
        "usagers/fiche.html", contexte=contexte, fiche=montree, usager=montree.usager, envois=envois, **autres
    )  # fmt: skip


def _usager(contexte: Contexte, usager_id: int, *, protection: bool = False) -> Usager:
    """The fiche, following a merge."""
    try:
        return queries.get_usager(db.session(), contexte, usager_id, protection=protection)
    except FicheFusionnee as fusionnee:
        return queries.get_usager(db.session(), contexte, fusionnee.vers, protection=protection)


def _modify_survivor(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """The form of the fiche that a merged one became: what was typed is proposed on it (F10)."""
    if request.method != "POST":
        return redirect(url_for(".modifier", org=contexte.organisation_id, usager_id=usager_id), 302)
    usager = queries.get_usager(db.session(), contexte, usager_id, protection=True)
    actuel, masques = _state(contexte, usager)
    formulaire = Formulaire.of_proposal(masques, usager, actuel, request.form, clock.today())
    return _page_modifier(contexte, usager.id, formulaire, fusionnee=True), 409


def _state(contexte: Contexte, usager: Usager) -> tuple[dict[str, Any], frozenset[str]]:
    """The present values of a fiche, and the fields that this agent does not handle."""
    session = db.session()
    return values_of(session, contexte, usager), queries.hidden_fields(session, contexte, usager)


def _changements(contexte: Contexte, usager_id: int, form: UsagerForm) -> Changements:
    return preview_contact(db.session(), contexte, usager_id, form.contacts(), clock.now())


def _say_changes(changements: Changements) -> None:
    """What the change did to RDVs to come, said after it was saved too: without JavaScript nobody has to look first."""
    for prevision in changements.previsions:
        flash(say_change(prevision), "attention")
    if changements.ailleurs:
        flash(say_elsewhere(changements.ailleurs), "attention")


def _page_modifier(
    contexte: Contexte,
    usager_id: int,
    formulaire: Formulaire,
    doute: actions_jugees.DoublonsAConfirmer | None = None,
    fusionnee: bool = False,
) -> str:
    recherche = doute.recherche if doute else None
    recherche = recherche or search(contexte, formulaire.form, sauf=usager_id, actuel=formulaire.actuel)
    usager = queries.get_usager(db.session(), contexte, usager_id, protection=True)
    return render_template(
        "usagers/modifier.html", formulaire=formulaire, form=formulaire.form, doute=doute, fusionnee=fusionnee,
        **warnings(contexte, recherche, usager_id),
        nom_complet=full_name(formulaire.actuel["prenom"], formulaire.actuel["nom"]),
        liens=read_liens(db.session(), contexte, usager, clock.today()),
        attend=bool(coming_rdvs(db.session(), [usager_id], clock.now())),
        changements=_changements(contexte, usager_id, formulaire.form),
    )  # fmt: skip
