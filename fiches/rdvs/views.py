"""The diary of an organisation, and a new RDV with its live preview."""

from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.identite import SaisieRefusee
from fiches.rdvs import actions, erreurs
from fiches.rdvs.avis import make_feuilles
from fiches.rdvs.depart import start_move, start_new
from fiches.rdvs.ecran import Ecran
from fiches.rdvs.moments import check_jour, parse_jour
from fiches.rdvs.queries import get_rdv, read_choix
from fiches.rdvs.queries_creneaux import AUTRES, list_libres
from fiches.rdvs.queries_semaine import VUES, read_agenda
from fiches.rdvs.rules import ICONES_STATUT
from fiches.usagers.saisie import read_id
from fiches.web.db import db
from fiches.web.guards import droit

bp = Blueprint("rdvs", __name__, url_prefix="/organisations/<int:org>/rdvs")

SANS_AVIS = "Rien n’est enregistré : relisez d’abord qui sera prévenu, puis enregistrez."
PERIME = "Rien n’est enregistré : qui sera prévenu a changé depuis cet aperçu. Relisez-le, puis enregistrez."
A_CONFIRMER = "Rien n’est encore enregistré, il reste à confirmer :"
A_CORRIGER = "Rien n’est encore enregistré, il reste à corriger :"
PRIS = "Ce créneau vient d’être pris. Rien n’est enregistré ; ce que vous avez tapé est gardé."


@bp.get("")
@droit("rdvs.voir")
def agenda(contexte: Contexte) -> ResponseReturnValue:
    """The diary of a day or a week, of one agent or of the whole organisation."""
    vue = request.args.get("vue", "") if request.args.get("vue") in VUES else "semaine"
    agents = read_choix(db.session(), contexte).agents
    demande = read_id(request.args.get("agent", str(contexte.agent.id)))
    agent_id = demande if demande in agents else None
    lu = read_agenda(db.session(), contexte, vue, _jour(request.args.get("jour")), agent_id, clock.now())
    return render_template(
        "rdvs/agenda.html", contexte=contexte, agenda=lu, vues=VUES, agents=agents, agent_id=agent_id,
        icones=ICONES_STATUT, maintenant=clock.now(),
    )  # fmt: skip


@bp.route("/nouveau", methods=["GET", "POST"])
@droit("rdvs.modifier")
def nouveau(contexte: Contexte) -> ResponseReturnValue:
    """Make an RDV, on a free créneau or at any hour; nothing is written before its preview was seen (R22)."""
    vu = _new(contexte)
    if request.method != "POST" or _looking():
        vu.form.forget_blanks()
        return _page_nouveau(contexte, vu, PRIS if vu.creneau_perdu else "")
    if vu.creneau_perdu:
        return _page_nouveau(contexte, vu, PRIS), 409
    saisie = vu.form.saisie()
    if saisie is None or not vu.valide:
        return _page_nouveau(contexte, vu, A_CORRIGER), 422
    if not vu.form.avis.data:
        return _page_nouveau(contexte, vu, SANS_AVIS), 422
    try:
        rdv_id = actions.take_rdv(
            db.session(), contexte, saisie, vu.form.usagers.data, vu.form.reponses(),
            creneau_id=vu.creneau.id if vu.creneau else None, secret=secret(), le=clock.now(),
        )  # fmt: skip
    except erreurs.CreneauPris:
        return _page_nouveau(contexte, _new(contexte), PRIS), 409
    except erreurs.AvisPerime:
        return _page_nouveau(contexte, _new(contexte), PERIME), 409
    except erreurs.ParticipantRefuse:
        return _page_nouveau(contexte, _new(contexte), A_CORRIGER), 422
    except erreurs.AConfirmer as doute:
        vu = _new(contexte)
        vu.say(doute.avertissements)
        return _page_nouveau(contexte, vu, A_CONFIRMER), 422
    flash("Le RDV est enregistré.", "succes")
    return redirect(url_for("rdv.page", org=contexte.organisation_id, rdv_id=rdv_id), 303)


@bp.post("/apercu")
@droit("rdvs.modifier")
def apercu(contexte: Contexte) -> ResponseReturnValue:
    """Who will be told, for what is typed of a new RDV, or of one that moves (`rdv`)."""
    deplace = read_id(request.form.get("rdv"))
    if deplace is None:
        vu = _new(contexte)
    else:
        rdv = get_rdv(db.session(), contexte, deplace)
        vu = start_move(db.session(), contexte, rdv, request.form, secret(), clock.now())
    return render_template("rdvs/_apercu.html", contexte=contexte, **fragment_values(vu))


@bp.post("/recherche")
@droit("rdvs.modifier")
def recherche(contexte: Contexte) -> ResponseReturnValue:
    """The participants ticked so far, and what the search for more finds."""
    vu = _new(contexte)
    vu.form.forget_blanks()
    return render_template("rdvs/_participants.html", contexte=contexte, **fragment_values(vu))


@bp.post("/avis")
@droit("rdvs.modifier")
def avis(contexte: Contexte) -> ResponseReturnValue:
    """The avis of an RDV that is being typed, one sheet per participant, to print."""
    vu = _new(contexte)
    discret = vu.jugement is not None and vu.jugement.rdv.visibilite == "invisible"
    feuilles = make_feuilles(vu.jugement.rdv, vu.previsions) if vu.jugement and not discret else ()
    page = render_template("rdvs/avis.html", contexte=contexte, feuilles=feuilles, manques=vu.manques, discret=discret)
    return page, 200 if feuilles else 422


def secret() -> bytes:
    """What the tokens of previews are keyed with."""
    return str(current_app.extensions["settings"].secret_key).encode()


def fragment_values(vu: Ecran) -> dict[str, object]:
    """What the fragments of an RDV being typed are drawn from."""
    return {"vu": vu, "form": vu.form, "previsions": vu.previsions, "avis": vu.avis}


def _looking() -> bool:
    """A button that only draws the page again: the preview, the search, another créneau."""
    return "voir" in request.form or "choisir" in request.form


def _new(contexte: Contexte) -> Ecran:
    envoi = request.form if request.method == "POST" else None
    return start_new(db.session(), contexte, envoi, request.args, secret(), clock.now())


def _page_nouveau(contexte: Contexte, vu: Ecran, refus: str) -> str:
    autres = []
    if vu.creneau_perdu:
        vu.form.forget_blanks()
        motif = vu.form.motif.valeur
        autres = list_libres(db.session(), contexte, clock.now(), motif_id=motif, limite=AUTRES)
    return render_template("rdvs/nouveau.html", contexte=contexte, refus=refus, autres=autres, **fragment_values(vu))


def _jour(texte: str | None) -> date:
    """The day asked for, today when it is none that one could look at."""
    try:
        jour = parse_jour(texte)
        return check_jour(jour, clock.today()) if jour else clock.today()
    except SaisieRefusee:
        return clock.today()
