"""The life of a fiche: removing it and taking it back, keeping it, a death (R15)."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.dates import show_jour
from fiches.usagers import actions_vie, queries
from fiches.usagers.actions_vie import BilanDeces
from fiches.usagers.erreurs import RetraitRefuse
from fiches.usagers.models import Usager
from fiches.usagers.presentation import show_deces
from fiches.usagers.queries_deces import coming_excused, coming_expected
from fiches.usagers.queries_vie import Limites, read_proches, read_retrait, read_sorties
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("vie", __name__, url_prefix="/organisations/<int:org>/usagers")


@bp.get("/<int:usager_id>/retirer")
@droit("usagers.retirer")
def retirer(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """What removing the fiche from this organisation would do."""
    return _page_retirer(contexte, _usager(contexte, usager_id))


@bp.post("/<int:usager_id>/retirer")
@droit("usagers.retirer")
def retirer_post(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Remove it; refused while the usager is expected here."""
    try:
        effacement = actions_vie.remove(db.session(), contexte, usager_id, clock.now(), _limites())
    except RetraitRefuse:
        return _page_retirer(contexte, _usager(contexte, usager_id)), 422
    suite = f" Elle sera effacée le {show_jour(effacement)}, sauf si vous la reprenez d’ici là." if effacement else ""
    flash(f"La fiche est retirée de {contexte.organisation}.{suite}", "succes")
    return redirect(url_for(".retires", org=contexte.organisation_id), 303)


@bp.get("/retires")
@droit("usagers.voir")
def retires(contexte: Contexte) -> ResponseReturnValue:
    """What this organisation removed, and its fiches that nobody has had contact with for long."""
    sorties = read_sorties(db.session(), contexte, clock.now(), _limites())
    return render_template("usagers/retires.html", contexte=contexte, sorties=sorties, limites=_limites())


@bp.post("/<int:usager_id>/reprendre")
@droit("usagers.retirer")
def reprendre(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Give a removed fiche back to this organisation."""
    actions_vie.take_back(db.session(), contexte, usager_id, clock.now(), _limites())
    flash("La fiche est reprise, comme avant. Ses référents n’ont pas été remis : ajoutez-les si besoin.", "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.post("/<int:usager_id>/garder")
@droit("usagers.retirer")
def garder(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Keep a fiche that would be erased for want of contact."""
    actions_vie.keep(db.session(), contexte, usager_id, clock.now())
    flash("La fiche est gardée : elle ne sera pas effacée.", "succes")
    if request.form.get("retour") == "retires":
        return redirect(url_for(".retires", org=contexte.organisation_id), 303)
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


@bp.get("/<int:usager_id>/deces")
@droit("usagers.deces")
def deces(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """What recording the death would do, or taking it back."""
    usager, session, maintenant = _usager(contexte, usager_id), db.session(), clock.now()
    lire = coming_expected if usager.decede_le is None else coming_excused
    return render_template(
        "usagers/deces.html", contexte=contexte, usager=usager,
        touches=lire(session, contexte, usager.id, maintenant),
        proches=read_proches(session, contexte, [usager.id])[usager.id],
    )  # fmt: skip


@bp.post("/<int:usager_id>/deces")
@droit("usagers.deces")
def deces_post(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Record the death, or take it back."""
    reponse = request.form.get("deces")
    if reponse not in ("oui", "non"):
        _usager(contexte, usager_id)
        abort(422)
    faire = actions_vie.record_death if reponse == "oui" else actions_vie.take_death_back
    bilan: BilanDeces = faire(db.session(), contexte, usager_id, clock.now())
    flash(show_deces(reponse == "oui", bilan.rdvs, bilan.annules, bilan.perdus), "succes")
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)


def _usager(contexte: Contexte, usager_id: int) -> Usager:
    return queries.get_usager(db.session(), contexte, usager_id, protection=True)


def _page_retirer(contexte: Contexte, usager: Usager) -> str:
    prevu = read_retrait(db.session(), contexte, usager.id, clock.now())
    return render_template(
        "usagers/retirer.html", contexte=contexte, usager=usager, prevu=prevu,
        effacement_le=_limites().effacement_apres(clock.now()),
    )  # fmt: skip


def _limites() -> Limites:
    settings = current_app.extensions["settings"]
    return Limites(settings.retrait_jours, settings.sans_contact_jours)
