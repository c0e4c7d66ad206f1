"""The two-column screen of a merge: choosing, comparing, previewing, merging (R27–R30)."""

from dataclasses import replace

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.fusion.actions import fusionner
from fiches.fusion.demande import Demande
from fiches.fusion.forms import read_demande
from fiches.fusion.lignes import LIBELLES_ECART
from fiches.fusion.presentation import show_fusion
from fiches.fusion.queries import read_fusion_faite
from fiches.fusion.queries_ecran import Vue, read_colonne, read_vue, swapped
from fiches.fusion.refus import FicheIntrouvable, FusionImpossible, FusionPerimee, MemeFiche
from fiches.settings import Settings
from fiches.usagers.presentation import RAISONS_RATTACHEMENT
from fiches.web import htmx
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("fusion", __name__, url_prefix="/organisations/<int:org>")

PERIME = "Rien n’a été fusionné : quelque chose a changé depuis cet aperçu. Relisez le résultat, puis confirmez."
SUIVIE = "Une de ces fiches vient d’être fusionnée avec une autre."
IMPOSSIBLE = "Rien n’a été fusionné, il reste à régler :"


@bp.route("/fusion", methods=["GET", "POST"])
@droit("usagers.fusionner")
def ecran(contexte: Contexte) -> ResponseReturnValue:
    """Choose and compare two fiches; a POST merges them, or with `voir` shows the result (F2)."""
    demande = read_demande(request.values)
    if request.method == "POST" and "voir" not in request.form:
        return _merge(contexte, demande)
    return _page(contexte, demande)


@bp.get("/fusion/recherche")
@droit("usagers.fusionner")
def recherche(contexte: Contexte) -> ResponseReturnValue:
    """What one column's search finds (F1)."""
    demande = read_demande(request.args)
    if not htmx.is_fragment():
        return _page(contexte, demande)
    cote = demande.colonne or "a"
    colonne = read_colonne(db.session(), contexte, demande, cote, clock.now(), _settings().apercus_externes_par_jour)
    autres = {"a": demande.a, "b": demande.b}
    return render_template(
        "fusion/_resultats.html", contexte=contexte, colonne=colonne, ids=autres, raisons=RAISONS_RATTACHEMENT
    )


@bp.post("/fusion/apercu")
@droit("usagers.fusionner")
def apercu(contexte: Contexte) -> ResponseReturnValue:
    """The preview for these ticks, computed by what would merge, without writing (F5)."""
    demande = read_demande(request.form)
    if not htmx.is_fragment():
        return _page(contexte, demande)
    vue = _read(contexte, demande)
    if vue.suivie:  # the lines on the page are those of a fiche that is gone
        vue = replace(vue, plan=None, message=SUIVIE)
    return render_template("fusion/_apercu.html", **_values(contexte, vue)), 404 if vue.introuvable else 200


@bp.get("/fusions/<int:fusion_id>")
@droit("usagers.voir")
def faite(contexte: Contexte, fusion_id: int) -> ResponseReturnValue:
    """What a merge did: which lines were chosen, how many of what moved (F26)."""
    lue = read_fusion_faite(db.session(), contexte, fusion_id) or abort(404)
    return render_template(
        "fusion/faite.html", contexte=contexte, lue=lue, faits=show_fusion(lue.fusion.choix, lue.fusion.bilan)
    )


def _merge(contexte: Contexte, demande: Demande) -> ResponseReturnValue:
    settings = _settings()
    if demande.a is None or demande.b is None:
        return _page(contexte, demande, 422)
    try:
        fait = fusionner(
            db.session(), contexte, demande.a, demande.b, demande.choix, demande.etat,
            confirmer=demande.confirmer, secret=_secret(), maintenant=clock.now(),
            jours_annulables=settings.fusion_annulable_jours,
        )  # fmt: skip
    except FusionPerimee:
        return _page(contexte, demande, 409, PERIME)
    except FusionImpossible:
        return _page(contexte, demande, 422, IMPOSSIBLE)
    except MemeFiche:
        return _page(contexte, demande, 422)
    except FicheIntrouvable:
        return _page(contexte, demande, 404)
    flash(_done(contexte, fait.fusion_id), "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=fait.survivant_id), 303)


def _done(contexte: Contexte, fusion_id: int | None) -> str:
    if fusion_id is None:
        return "Ces deux fiches étaient déjà fusionnées."
    adresse = url_for(".faite", org=contexte.organisation_id, fusion_id=fusion_id)
    return Markup('Fiches fusionnées. <a href="{}">Voir ce qui a été fait</a>').format(adresse)


def _page(contexte: Contexte, demande: Demande, code: int = 200, refus: str = "") -> ResponseReturnValue:
    vue = _read(contexte, replace(demande, avant={}))  # only a live tick replaces the one before it
    if vue.introuvable:
        code = 404
    return render_template("fusion/page.html", refus=refus, **_values(contexte, vue)), code


def _read(contexte: Contexte, demande: Demande) -> Vue:
    apercus = _settings().apercus_externes_par_jour
    return read_vue(db.session(), contexte, demande, _secret(), clock.now(), apercus)


def _values(contexte: Contexte, vue: Vue) -> dict[str, object]:
    return {
        "contexte": contexte,
        "vue": vue,
        "plan": vue.plan,
        "ecarts": LIBELLES_ECART,
        "echange": swapped(vue),
        "raisons": RAISONS_RATTACHEMENT,
    }


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings


def _secret() -> bytes:
    return _settings().secret_key.encode()
