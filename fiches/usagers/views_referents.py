"""Who follows an usager, ticked on the fiche (R13)."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.usagers.actions_referents import set_referents
from fiches.usagers.erreurs import DernierReferent, ReferentInconnu
from fiches.usagers.queries import get_usager
from fiches.usagers.saisie import read_id
from fiches.usagers.views import fiche_page
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("referents", __name__, url_prefix="/organisations/<int:org>/usagers")

REFUS = {
    DernierReferent: "Une fiche protégée garde au moins un référent.",
    ReferentInconnu: "Cette personne ne travaille pas dans votre organisation : choisissez dans la liste.",
}


@bp.post("/<int:usager_id>/referents")
@droit("usagers.referents")
def referents(contexte: Contexte, usager_id: int) -> ResponseReturnValue:
    """Set the référents of the current organisation: `agents`, with an empty one when nobody is
    ticked; without any `agents` nothing changes."""
    usager = get_usager(db.session(), contexte, usager_id, protection=True)
    agents = {i for brut in request.form.getlist("agents") if (i := read_id(brut)) is not None}
    if "agents" in request.form:
        try:
            if set_referents(db.session(), contexte, usager.id, agents, clock.now()):
                flash("Les référents sont enregistrés.", "succes")
        except (DernierReferent, ReferentInconnu) as refus:
            page = fiche_page(contexte, usager_id, refus_referents=REFUS[type(refus)], agents_coches=agents)
            return page, 422
    return redirect(url_for("usagers.fiche", org=contexte.organisation_id, usager_id=usager_id), 303)
