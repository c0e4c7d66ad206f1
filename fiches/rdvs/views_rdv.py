"""One RDV: its page, moving, outcomes, cancelling, its .ics and its avis."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.notifications.previsions import sign
from fiches.rdvs import actions, erreurs
from fiches.rdvs.avis import make_feuilles
from fiches.rdvs.depart import start_move
from fiches.rdvs.ecran import Ecran, conflicts_of
from fiches.rdvs.forms import AnnulationForm, read_issues
from fiches.rdvs.ics import make_ics
from fiches.rdvs.models import Rdv
from fiches.rdvs.previsions import is_lieu_open, judge_cancel, judge_saved
from fiches.rdvs.queries import get_rdv
from fiches.rdvs.queries_rdv import RdvPage, read_rdv
from fiches.rdvs.rules import ICONES_STATUT, LIBELLES_ISSUE
from fiches.rdvs.views import A_CONFIRMER, A_CORRIGER, PERIME, SANS_AVIS, fragment_values, secret
from fiches.usagers.actions import record_reading
from fiches.web import htmx
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("rdv", __name__, url_prefix="/organisations/<int:org>/rdvs")

MODIFIE = "Quelqu’un a modifié ce RDV entre-temps. Rien n’est enregistré : comparez, puis enregistrez à nouveau."
DEJA_ANNULE = "Ce RDV a été annulé entre-temps. Rien n’est enregistré."


@bp.get("/<int:rdv_id>")
@droit("rdvs.voir")
def page(contexte: Contexte, rdv_id: int) -> ResponseReturnValue:
    """One RDV. Reading it where a fiche protégée takes part is journalled (R11)."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    lu = read_rdv(db.session(), contexte, rdv, clock.now())
    texte = _page(contexte, rdv, _typed(contexte, rdv), lu=lu)
    _record_readings(contexte, lu)
    return texte


@bp.post("/<int:rdv_id>")
@droit("rdvs.modifier")
def changer(contexte: Contexte, rdv_id: int) -> ResponseReturnValue:
    """Outcomes when `issue_<participation>` is sent, else another hour, agent, lieu or motif."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    if any(nom.startswith("issue_") for nom in request.form):
        return _give_issues(contexte, rdv)
    vu = _typed(contexte, rdv)
    if "voir" in request.form:
        return _page(contexte, rdv, vu, ouvert=True)
    if rdv.annule_le is not None:
        return _page(contexte, rdv, vu, DEJA_ANNULE), 409
    saisie = vu.form.saisie()
    if saisie is None or not vu.valide:
        return _page(contexte, rdv, vu, A_CORRIGER, ouvert=True), 422
    if not vu.form.avis.data:
        return _page(contexte, rdv, vu, SANS_AVIS, ouvert=True), 422
    try:
        change = actions.move_rdv(
            db.session(), contexte, rdv_id, saisie, vu.form.version_lue(), vu.form.reponses(),
            secret=secret(), le=clock.now(),
        )  # fmt: skip
    except erreurs.RdvAnnule:
        return _again(contexte, rdv_id, DEJA_ANNULE), 409
    except erreurs.RdvModifie:
        return _again(contexte, rdv_id, MODIFIE), 409
    except erreurs.AvisPerime:
        return _again(contexte, rdv_id, PERIME), 409
    except (erreurs.ParticipantRefuse, erreurs.IssueImpossible) as refus:
        vu.form.date.errors = [refus.texte]
        return _page(contexte, get_rdv(db.session(), contexte, rdv_id), vu, A_CORRIGER, ouvert=True), 422
    except erreurs.AConfirmer as doute:
        vu.say(doute.avertissements)
        return _page(contexte, get_rdv(db.session(), contexte, rdv_id), vu, A_CONFIRMER, ouvert=True), 422
    flash("Le RDV est enregistré." if change else "Rien n’a changé.", "succes")
    return _to_page(contexte, rdv_id)


@bp.route("/<int:rdv_id>/annuler", methods=["GET", "POST"])
@droit("rdvs.modifier")
def annuler(contexte: Contexte, rdv_id: int) -> ResponseReturnValue:
    """Cancel an RDV once one has seen who will be told; a second time does no harm. Live with `voir`."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    form = AnnulationForm(request.form or None, data={"ne_pas_prevenir": rdv.ne_pas_prevenir})
    if request.method != "POST" or "voir" in request.form or htmx.is_fragment():
        return _page_annuler(contexte, rdv, form)
    if rdv.annule_le is None and not form.avis.data:
        return _page_annuler(contexte, rdv, form, SANS_AVIS), 422
    try:
        fait = actions.cancel_rdv(
            db.session(), contexte, rdv_id, bool(form.ne_pas_prevenir.data), form.reponses(),
            secret=secret(), le=clock.now(),
        )  # fmt: skip
    except erreurs.AvisPerime:
        return _page_annuler(contexte, get_rdv(db.session(), contexte, rdv_id), form, PERIME), 409
    flash("Le RDV est annulé." if fait else "Ce RDV était déjà annulé.", "succes")
    return _to_page(contexte, rdv_id)


@bp.get("/<int:rdv_id>.ics")
@droit("rdvs.voir")
def ics(contexte: Contexte, rdv_id: int) -> ResponseReturnValue:
    """The RDV for a calendar; there is none of a discreet one (R17)."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    lu = judge_saved(db.session(), contexte, rdv, clock.now()).rdv
    if lu.visibilite == "invisible":
        abort(404)
    corps = make_ics(
        rdv.id, rdv.debut, rdv.duree, lu.lieu if is_lieu_open(db.session(), contexte, rdv_id) else None,
        evenement=rdv.evenement, annule=rdv.annule_le is not None, modifie_le=clock.now(),
    )  # fmt: skip
    entetes = {"Content-Disposition": f'attachment; filename="rdv-{rdv.id}.ics"'}
    return Response(corps, mimetype="text/calendar", headers=entetes)


@bp.get("/<int:rdv_id>/avis/<int:usager_id>")
@droit("rdvs.voir")
def avis(contexte: Contexte, rdv_id: int, usager_id: int) -> ResponseReturnValue:
    """The avis of a saved RDV for one participant, to print; there is none of a discreet RDV."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    jugement = judge_saved(db.session(), contexte, rdv, clock.now())
    feuilles = [f for f in make_feuilles(jugement.rdv, jugement.previsions) if f.usager_id == usager_id]
    if not feuilles or jugement.rdv.visibilite == "invisible":
        abort(404)
    _record_readings(contexte, read_rdv(db.session(), contexte, rdv, clock.now()))
    return render_template("rdvs/avis.html", contexte=contexte, feuilles=feuilles, manques=[], discret=False)


def _record_readings(contexte: Contexte, lu: RdvPage) -> None:
    """Journal that each fiche protégée of this RDV was read (R11)."""
    for usager_id in [p.usager_id for p in lu.presents if p.protegee]:
        record_reading(db.session(), contexte, usager_id, clock.now())


def _typed(contexte: Contexte, rdv: Rdv) -> Ecran:
    return start_move(db.session(), contexte, rdv, request.form or None, secret(), clock.now())


def _give_issues(contexte: Contexte, rdv: Rdv) -> ResponseReturnValue:
    """Each participant's outcome (R16)."""
    lues = read_issues(request.form)
    if lues is None:
        abort(422)
    issues, version = lues
    try:
        nombre = actions.set_issues(db.session(), contexte, rdv.id, issues, version, clock.now())
    except erreurs.RdvAnnule:
        return _page_issues(contexte, rdv.id, DEJA_ANNULE), 409
    except erreurs.RdvModifie:
        return _page_issues(contexte, rdv.id, MODIFIE), 409
    except erreurs.IssueImpossible as refus:
        return _page_issues(contexte, rdv.id, refus.texte, refus.participation_id), 422
    flash("Enregistré." if nombre else "Rien n’a changé.", "succes")
    return _to_page(contexte, rdv.id)


def _page_issues(contexte: Contexte, rdv_id: int, refus: str, refusee: int | None = None) -> str:
    """The page with the outcomes that were sent still chosen, beside what is stored; `refusee`: the
    participation that the refusal is about."""
    rdv = get_rdv(db.session(), contexte, rdv_id)
    vu = start_move(db.session(), contexte, rdv, None, secret(), clock.now())
    lues = read_issues(request.form)
    return _page(contexte, rdv, vu, refus, choisies=lues[0] if lues else {}, refusee=refusee)


def _again(contexte: Contexte, rdv_id: int, refus: str) -> str:
    """The page as things are now, with what was typed kept and what changed beside it."""
    db.session.rollback()
    rdv = get_rdv(db.session(), contexte, rdv_id)
    vu = _typed(contexte, rdv)
    conflits = conflicts_of(vu.form, rdv) if refus == MODIFIE else {}
    return _page(contexte, rdv, vu, refus, ouvert=True, conflits=conflits)


def _page(
    contexte: Contexte,
    rdv: Rdv,
    vu: Ecran,
    refus: str = "",
    *,
    ouvert: bool = False,
    conflits: object = None,
    choisies: object = None,
    lu: RdvPage | None = None,
    refusee: int | None = None,
) -> str:
    return render_template(
        "rdvs/rdv.html", contexte=contexte, r=lu or read_rdv(db.session(), contexte, rdv, clock.now()), refus=refus,
        ouvert=ouvert, conflits=conflits or {}, choisies=choisies or {}, issues=LIBELLES_ISSUE, icones=ICONES_STATUT,
        refusee=refusee, **fragment_values(vu),
    )  # fmt: skip


def _page_annuler(contexte: Contexte, rdv: Rdv, form: AnnulationForm, refus: str = "") -> str:
    jugement = judge_cancel(db.session(), contexte, rdv, bool(form.ne_pas_prevenir.data), clock.now())
    return htmx.render(
        "rdvs/annuler.html", "rdvs/_annulation.html", contexte=contexte, form=form, refus=refus,
        r=read_rdv(db.session(), contexte, rdv, clock.now()), previsions=jugement.previsions,
        avis=sign(jugement.previsions, secret()),
    )  # fmt: skip


def _to_page(contexte: Contexte, rdv_id: int) -> ResponseReturnValue:
    return redirect(url_for("rdv.page", org=contexte.organisation_id, rdv_id=rdv_id), 303)
