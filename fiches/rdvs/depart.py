"""From what a request sends to the screen of an RDV: a new one, or one that moves."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.rdvs.ecran import Ecran, read_move, read_new, values_of, values_of_creneau
from fiches.rdvs.forms import RdvForm
from fiches.rdvs.models import Rdv
from fiches.rdvs.previsions import is_lieu_open
from fiches.rdvs.queries import read_choix
from fiches.rdvs.queries_creneaux import read_creneau
from fiches.rdvs.saisie import Choix
from fiches.usagers.saisie import read_id

Envoi = MultiDict[str, str]


def start_new(
    session: Session, contexte: Contexte, envoi: Envoi | None, adresse: Envoi, secret: bytes, le: datetime
) -> Ecran:
    """A new RDV as typed so far (`envoi`), or as the address asks to begin it. A free créneau fixes
    agent, motif, lieu and time; of one that is taken only agent, motif and lieu stay."""
    lu: Envoi = adresse if envoi is None else envoi
    demande = read_id(lu.get("choisir") or lu.get("creneau"))
    creneau = read_creneau(session, contexte, demande) if demande is not None else None
    libre = creneau is not None and creneau.libre and creneau.debut > le
    choix = read_choix(session, contexte)
    form = RdvForm(envoi, choix, day_of(le), data=_defaults(contexte, adresse, choix))
    if creneau is not None:
        fixes = values_of_creneau(creneau) | ({} if libre else {"date": "", "heure": ""})
        for nom, valeur in fixes.items():
            form[nom].data = valeur
    form.validate()
    vu = read_new(
        session,
        contexte,
        form,
        creneau if libre else None,
        secret,
        le,
        "" if envoi is None else envoi.get("q", "")[:200],
    )
    vu.creneau_perdu = demande is not None and not libre
    return vu


def start_move(
    session: Session, contexte: Contexte, rdv: Rdv, envoi: Envoi | None, secret: bytes, le: datetime
) -> Ecran:
    """An RDV as it is, or as the form that was sent would make it."""
    form = RdvForm(envoi, read_choix(session, contexte, rdv), day_of(le), data=values_of(rdv))
    if not is_lieu_open(session, contexte, rdv.id):
        form.lieu.data = str(rdv.lieu_id or "")  # not shown, so not theirs to try (R11)
    form.validate()
    form.usagers.errors = []  # who takes part does not change
    return read_move(session, contexte, form, rdv, secret, le)


def _defaults(contexte: Contexte, adresse: Envoi, choix: Choix) -> dict[str, Any]:
    """What a new RDV starts with; the one lieu of a service that has one."""
    return {
        "lieu": str(next(iter(choix.lieux))) if len(choix.lieux) == 1 else "",
        "agent": adresse.get("agent") or str(contexte.agent.id),
        "date": adresse.get("date", "")[:10],
        "heure": adresse.get("heure", "")[:5],
        "motif": adresse.get("motif", "")[:10],
        "usagers": tuple(dict.fromkeys(i for v in adresse.getlist("usager") if (i := read_id(v)) is not None)),
    }
