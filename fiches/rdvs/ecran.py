"""The screen of an RDV being typed: the form, who was ticked, who will be told, what to confirm.

The same for a new RDV and for one that moves; the live fragments and the whole page are drawn from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import PARIS, day_of
from fiches.notifications.previsions import Prevision, sign
from fiches.rdvs.avertissements import AGENT, CHAMPS, COCHE_DEPLACE, COCHES, Avertissement, still_to_confirm
from fiches.rdvs.forms import RdvForm
from fiches.rdvs.models import Rdv
from fiches.rdvs.moments import show_date_saisie, show_heure_saisie
from fiches.rdvs.previsions import Jugement, judge_move, judge_new
from fiches.rdvs.queries import Choisis, read_choisis
from fiches.rdvs.queries_creneaux import CreneauMontre
from fiches.usagers.queries import LigneUsager
from fiches.usagers.recherche import search_fiches
from fiches.usagers.requete import is_too_short

TROUVES = 8  # hits shown under the search for participants


@dataclass(frozen=True)
class Confirmation:
    """One tick to be made: what it is about, in sentences."""

    genre: str
    libelle: str
    phrases: tuple[str, ...]
    cochee: bool


@dataclass(frozen=True)
class Recherche:
    """What the search for participants found; None: nothing was searched."""

    q: str = ""
    trouves: tuple[LigneUsager, ...] | None = None


@dataclass
class Ecran:
    """The whole screen. `jugement` is None while too little was typed; `creneau_perdu`: the créneau
    that was asked for is no longer free."""

    form: RdvForm
    choisis: Choisis
    jugement: Jugement | None
    avis: str
    creneau: CreneauMontre | None = None
    recherche: Recherche = Recherche()
    rdv: Rdv | None = None
    creneau_perdu: bool = False

    @property
    def valide(self) -> bool:
        """Whether everything typed can be saved."""
        return not any(champ.errors for champ in self.form) and self.jugement is not None

    @property
    def previsions(self) -> tuple[Prevision, ...]:
        """Who will be told."""
        return self.jugement.previsions if self.jugement else ()

    @property
    def avertissements(self) -> tuple[Avertissement, ...]:
        """What is to be confirmed."""
        return self.jugement.avertissements if self.jugement else ()

    @property
    def vus(self) -> str:
        """What the page shows to be confirmed, for the form's hidden field."""
        return " ".join(a.cle for a in self.avertissements)

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """One tick per kind of warning; it stays ticked while it covers all that is shown."""
        reponses = self.form.reponses()
        restent = {a.genre for a in still_to_confirm(self.avertissements, reponses.confirmes, reponses.vus)}
        return tuple(
            Confirmation(
                genre, libelle, tuple(a.phrase for a in self.avertissements if a.genre == genre), genre not in restent
            )
            for genre, libelle in (COCHES | ({AGENT: COCHE_DEPLACE} if self.rdv else {})).items()
            if any(a.genre == genre for a in self.avertissements)
        )

    @property
    def manques(self) -> list[str]:
        """What is still missing before one can say who will be told."""
        noms = ("agent", "motif", "lieu", "date", "heure", "duree")
        manques = [self.form[nom].label.text.lower() for nom in noms if not self._usable(nom)]
        return manques if self.rdv or self.choisis.ids else ["participants", *manques]

    def _usable(self, nom: str) -> bool:
        champ = self.form[nom]
        return not champ.errors and (champ.valeur is not None or nom in ("lieu", "duree"))

    def say(self, avertissements: Sequence[Avertissement]) -> None:
        """Write what is to be confirmed beside the fields it is about."""
        for a in avertissements:
            champ = self.form[CHAMPS[a.genre]]
            champ.errors = [*champ.errors, a.phrase]


def read_new(
    session: Session,
    contexte: Contexte,
    form: RdvForm,
    creneau: CreneauMontre | None,
    secret: bytes,
    le: datetime,
    q: str = "",
) -> Ecran:
    """A new RDV as typed so far; the form was validated."""
    choisis = read_choisis(session, contexte, form.usagers.data)
    if choisis.refus:
        form.usagers.errors = [choisis.refus]
    saisie = form.saisie()
    jugement = judge_new(session, contexte, saisie, choisis, le) if saisie and choisis.ids else None
    avis = sign(jugement.previsions, secret) if jugement else ""
    return Ecran(form, choisis, jugement, avis, creneau, search(session, contexte, form, q, le))


def read_move(session: Session, contexte: Contexte, form: RdvForm, rdv: Rdv, secret: bytes, le: datetime) -> Ecran:
    """An RDV as the form would make it; the form was validated."""
    saisie = form.saisie()
    jugement = judge_move(session, contexte, rdv, saisie, le) if saisie else None
    avis = sign(jugement.previsions, secret) if jugement else ""
    return Ecran(form, Choisis(), jugement, avis, rdv=rdv)


def search(session: Session, contexte: Contexte, form: RdvForm, q: str, le: datetime) -> Recherche:
    """Fiches of the organisation for what was typed, those already ticked and the dead left out."""
    if is_too_short(q):
        return Recherche(q)
    resultats = search_fiches(session, contexte, q, le)
    lignes = [t.ligne for t in (*resultats.lignes, *resultats.proches)]
    libres = [x for x in lignes if x.usager.id not in form.usagers.data and x.usager.decede_le is None]
    return Recherche(q, tuple(libres[:TROUVES]))


def values_of(rdv: Rdv) -> dict[str, Any]:
    """What the form of an RDV starts with."""
    local = rdv.debut.astimezone(PARIS)
    return {
        "agent": str(rdv.agent_id),
        "motif": str(rdv.motif_id),
        "lieu": str(rdv.lieu_id or ""),
        "date": show_date_saisie(day_of(rdv.debut)),
        "heure": show_heure_saisie(local.time()),
        "duree": str(rdv.duree),
        "ne_pas_prevenir": rdv.ne_pas_prevenir,
        "version": str(rdv.version),
    }


def values_of_creneau(creneau: CreneauMontre) -> dict[str, str]:
    """What a créneau fixes in the form of a new RDV."""
    local = creneau.debut.astimezone(PARIS)
    return {
        "agent": str(creneau.agent_id),
        "motif": str(creneau.motif_id),
        "lieu": str(creneau.lieu_id or ""),
        "date": show_date_saisie(day_of(creneau.debut)),
        "heure": show_heure_saisie(local.time()),
        "duree": str(creneau.duree),
    }


def conflicts_of(form: RdvForm, rdv: Rdv) -> Mapping[str, str]:
    """Field → what was stored meanwhile, where that differs from what was typed (R14)."""
    conflits = {}
    for nom, stocke in values_of(rdv).items():
        if nom in ("version", "ne_pas_prevenir"):
            continue
        if (form[nom].data or "") != stocke:
            choix = getattr(form[nom], "choices", None) or {}
            conflits[nom] = choix.get(stocke, stocke) or "—"
    return conflits
