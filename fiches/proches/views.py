"""The screens of links: add a proche, give or change a responsable, detach, say that a link holds (R26)."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.proches import actions
from fiches.proches.creation import on_the_spot
from fiches.proches.forms import PORTES, PROCHE, RESPONSABLE, Demande, LienForm, read_demande
from fiches.proches.models import LienProche
from fiches.proches.queries import read_consequences, read_maillons
from fiches.proches.queries_ecran import INTROUVABLE, read_vue, search
from fiches.proches.rules import NATURES, LienImpossible, PrevisionPerimee
from fiches.settings import Settings
from fiches.usagers.erreurs import FicheIntrouvable
from fiches.usagers.models import Usager
from fiches.usagers.presentation import RAISONS_RATTACHEMENT
from fiches.usagers.queries import get_usager
from fiches.usagers.views_saisie import answer_creation
from fiches.web import htmx
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("proches", __name__, url_prefix="/organisations/<int:org>/usagers/<int:usager_id>/proches")

PERIME = "Rien n’est enregistré : quelque chose a changé depuis cet aperçu. Relisez, puis confirmez."
DEUX = "Choisissez un proche ou un responsable, pas les deux à la fois."
AUCUN = "Choisissez d’abord une fiche."


@bp.route("", methods=["GET", "POST"])
@droit("usagers.relier")
def ecran(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Search, choose, preview; a POST makes the link, in place of the one there was (R22, R26)."""
    usager = get_usager(db.session(), contexte, usager_id, protection=True)
    demande = read_demande(request.values)
    if request.method == "POST":
        return _link(contexte, usager, demande)
    if htmx.is_fragment():
        trouves = search(db.session(), contexte, demande.q, clock.now(), _settings().apercus_externes_par_jour)
        return render_template(
            "proches/_resultats.html", contexte=contexte, usager_id=usager.id, porte=demande.porte, q=demande.q,
            resultats=trouves, raisons=RAISONS_RATTACHEMENT,
        )  # fmt: skip
    return _page(contexte, usager, demande)


@bp.route("/nouveau", methods=["GET", "POST"])
@droit("usagers.creer")
def nouveau(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Create a proche, linked at once, or with `lien=responsable` somebody to confirm as responsable."""
    usager = get_usager(db.session(), contexte, usager_id, protection=True)
    porte = RESPONSABLE if request.args.get("lien") == RESPONSABLE else PROCHE
    reponse = answer_creation(contexte, *on_the_spot(db.session(), contexte, usager, porte, clock.now()))
    if not isinstance(reponse, int):
        return reponse
    if porte == RESPONSABLE:
        flash("La fiche est créée. Relisez, puis confirmez le lien.", "succes")
        return redirect(
            url_for(".ecran", org=contexte.organisation_id, usager_id=usager_id, responsable_id=reponse), 303
        )
    flash("La fiche est créée et reliée à celle-ci.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.route("/<int:proche_id>/detacher", methods=["GET", "POST"])
@droit("usagers.relier")
def detacher(contexte: Contexte, usager_id: int, proche_id: int) -> ResponseReturnValue:
    """End a link, seen from either fiche; a GET shows what that changes and asks (R22)."""
    lien = actions.get_link(db.session(), contexte, usager_id, proche_id)
    form = _form()
    if request.method != "POST":
        return _page_acte("proches/detacher.html", contexte, usager_id, proche_id, lien, None, form)
    try:
        actions.detach(
            db.session(), contexte, usager_id, proche_id, clock.now(), avis=form.avis_lu, secret=_secret()
        )  # fmt: skip
    except PrevisionPerimee:
        lien = actions.get_link(db.session(), contexte, usager_id, proche_id)
        return _page_acte("proches/detacher.html", contexte, usager_id, proche_id, lien, None, form, PERIME), 409
    flash("Les deux fiches ne sont plus reliées.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.route("/<int:proche_id>/confirmer", methods=["GET", "POST"])
@droit("usagers.relier")
def confirmer(contexte: Contexte, usager_id: int, proche_id: int) -> ResponseReturnValue:
    """Say that a link still holds, past its end or once the proche is of age (R26)."""
    lien = actions.get_link(db.session(), contexte, usager_id, proche_id)
    form = _form()
    page = ("proches/confirmer.html", contexte, usager_id, proche_id)
    if request.method != "POST":
        return _page_acte(*page, lien, lien.responsable_id, form)
    if not form.validate():
        return _page_acte(*page, lien, lien.responsable_id, form), 422
    try:
        actions.confirm(
            db.session(), contexte, usager_id, proche_id, form.fin_lue, clock.now(),
            avis=form.avis_lu, secret=_secret(),
        )  # fmt: skip
    except PrevisionPerimee:
        lien = actions.get_link(db.session(), contexte, usager_id, proche_id)
        return _page_acte(*page, lien, lien.responsable_id, form, PERIME), 409
    flash("C’est noté : ce lien tient toujours.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


def _link(contexte: Contexte, usager: Usager, demande: Demande) -> ResponseReturnValue:
    form = _form()
    usager_id = usager.id
    if demande.deux or demande.autre is None:
        return _page(contexte, usager, demande, form, 422, DEUX if demande.deux else AUCUN)
    if not form.validate():
        return _page(contexte, usager, demande, form, 422)
    try:
        change = actions.link(
            db.session(), contexte, form.voulu(*demande.ends(usager_id)), clock.now(),
            avis=form.avis_lu, secret=_secret(),
        )  # fmt: skip
    except (FicheIntrouvable, LienImpossible, PrevisionPerimee) as refus:
        usager = get_usager(db.session(), contexte, usager_id, protection=True)
        code, texte = _refusal(refus)
        return _page(contexte, usager, demande, form, code, texte)
    flash("Les deux fiches sont reliées." if change else "Ce lien existait déjà : rien n’a changé.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


def _refusal(refus: Exception) -> tuple[int, str]:
    if isinstance(refus, LienImpossible):
        return 422, refus.texte
    return (409, PERIME) if isinstance(refus, PrevisionPerimee) else (404, INTROUVABLE)


def _page(
    contexte: Contexte,
    usager: Usager,
    demande: Demande,
    form: LienForm | None = None,
    code: int = 200,
    refus: str = "",
) -> ResponseReturnValue:
    bouts = None if demande.deux or demande.autre is None else demande.ends(usager.id)
    vue = read_vue(
        db.session(), contexte, usager, demande.porte, demande.q, bouts, clock.now(), _secret(),
        _settings().apercus_externes_par_jour,
    )  # fmt: skip
    if form is None:
        form = _form_of(vue.confirmation.lien if vue.confirmation else None)
    page = render_template(
        "proches/page.html", contexte=contexte, usager=usager, demande=demande, vue=vue, form=form,
        refus=refus or vue.refus, portes=PORTES if demande.porte == PROCHE else (RESPONSABLE, PROCHE),
        raisons=RAISONS_RATTACHEMENT,
    )  # fmt: skip
    return page, code if code != 200 else vue.code


def _page_acte(
    page: str,
    contexte: Contexte,
    usager_id: int,
    autre_id: int,
    lien: LienProche,
    responsable_id: int | None,
    form: LienForm,
    refus: str = "",
) -> str:
    """A page that shows what ending or confirming a link changes. `responsable_id`: who it leaves."""
    consequences = read_consequences(db.session(), contexte, lien.proche_id, responsable_id, clock.now(), _secret())
    noms = read_maillons(db.session(), contexte, [lien.proche_id, lien.responsable_id])
    return render_template(
        page, contexte=contexte, usager_id=usager_id, autre_id=autre_id, lien=lien, consequences=consequences,
        proche=noms[lien.proche_id].nom, responsable=noms[lien.responsable_id].nom,
        nom=noms[lien.proche_id if lien.proche_id == usager_id else lien.responsable_id].nom, form=form, refus=refus,
    )  # fmt: skip


def _form() -> LienForm:
    return LienForm(request.form if request.method == "POST" else None, aujourdhui=clock.today())


def _form_of(lien: LienProche | None) -> LienForm:
    """The form of a link as it is; familial and without end for a new one."""
    fin = f"{lien.fin:%d/%m/%Y}" if lien and lien.fin and lien.fin >= clock.today() else ""
    data = {"nature": lien.nature if lien else next(iter(NATURES)), "fin": fin}
    return LienForm(None, aujourdhui=clock.today(), data=data)


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings


def _secret() -> bytes:
    return _settings().secret_key.encode()
