"""What every screen that types a fiche shares: the form, the live warnings, the creation itself.

Creating stands alone or under the banner of a link (R26): the same form, the same judgement (R9).
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.doublons.apercus import limit_apercus
from fiches.doublons.queries import Recherche, find_doublons, read_personne, strong_raised_by_change
from fiches.usagers import actions_jugees
from fiches.usagers.cadre import Cadre, Relier
from fiches.usagers.forms import UsagerForm
from fiches.usagers.presentation import RAISONS_RATTACHEMENT
from fiches.web.db import db


def answer_creation(
    contexte: Contexte, cadre: Cadre, ensuite: Callable[[int], object] | None = None
) -> int | ResponseReturnValue:
    """The id of the fiche that was created, or the page to answer with: the form, its errors, or the
    strong likenesses to be judged (R9). `ensuite` runs in the transaction of the creation."""
    form = make_form(contexte, request.form if request.method == "POST" else None)
    if request.method != "POST" or "amorce" in request.form:
        return _page(contexte, cadre, form, search(contexte, form))
    if not form.validate_creation() or cadre.refus:
        return _page(contexte, cadre, form, search(contexte, form)), 422
    try:
        return actions_jugees.create_judged(
            db.session(), contexte, form.saisie(), form.personne(),
            autre_personne=bool(form.autre_personne.data), vus=form.candidats_vus(), le=clock.now(),
            apercus_maximum=apercus_maximum(), ensuite=ensuite,
        )  # fmt: skip
    except actions_jugees.DoublonsAConfirmer as doute:
        return _page(contexte, cadre, form, doute.recherche, doute), 422


def _page(
    contexte: Contexte,
    cadre: Cadre,
    form: UsagerForm,
    recherche: Recherche,
    doute: actions_jugees.DoublonsAConfirmer | None = None,
) -> str:
    return render_template(
        cadre.page, form=form, doute=doute, caches=cadre.caches, refus=cadre.refus, **cadre.valeurs,
        **warnings(contexte, recherche, None, cadre.relier),
    )  # fmt: skip


def warnings(
    contexte: Contexte, recherche: Recherche, sauf: int | None, relier: Relier | None = None
) -> dict[str, Any]:
    """What the fragment of warnings is drawn from. `demandes`: the strong candidates that must be
    answered; while modifying, only those that the change itself raises (R9)."""
    demandes = {c.usager_id for c in recherche.candidats if c.fort}
    if sauf is not None:
        avant = find_doublons(db.session(), contexte, read_personne(db.session(), sauf), sauf=sauf)
        demandes = {c.usager_id for c in strong_raised_by_change(avant, recherche)}
    return {
        "contexte": contexte, "recherche": recherche, "sauf": sauf, "raisons": RAISONS_RATTACHEMENT,
        "demandes": sorted(demandes), "relier": relier,
    }  # fmt: skip


def make_form(contexte: Contexte, formdata: MultiDict[str, str] | None) -> UsagerForm:
    """The form, with the fields that the organisation uses (R1)."""
    return UsagerForm(formdata, aujourdhui=clock.today(), masques=contexte.champs_masques)


def apercus_maximum() -> int:
    """How many fiches of other services an agent may be shown in a day (R10)."""
    return int(current_app.extensions["settings"].apercus_externes_par_jour)


def search(
    contexte: Contexte, form: UsagerForm, sauf: int | None = None, actuel: Mapping[str, Any] | None = None
) -> Recherche:
    """The likely duplicates of what is typed, within what the agent may be shown."""
    trouves = find_doublons(db.session(), contexte, form.personne(actuel), sauf=sauf)
    return limit_apercus(db.session(), contexte, trouves, clock.now(), apercus_maximum())
