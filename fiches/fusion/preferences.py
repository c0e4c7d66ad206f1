"""What becomes of the préférences (PURE, F22, F23, R18).

The usager's choice beats the agents' whatever is ticked; between two choices of the usager the
refusal wins, channel by channel; the lock stays. Only between agents is there a line to tick.
"""

from dataclasses import dataclass

from fiches.fusion.etat import COTES, Choix, Cote, Lecture
from fiches.fusion.lignes import DEUX_COCHES, Ecart, Ligne, Refus, ticks
from fiches.usagers.rules import Preference, Preferences

CANAUX = {"notif_email": "Notifications par e-mail", "notif_sms": "Notifications par SMS"}
VERROU = "choisi par l’usager"


@dataclass(frozen=True)
class PlanPreferences:
    """The resulting préférences; `regle` names the rule applied (F26)."""

    preferences: Preferences
    regle: str
    lignes: tuple[Ligne, ...] = ()
    refus: tuple[Refus, ...] = ()


def channel(preferences: Preferences, nom: str) -> Preference:
    """One channel by its field name."""
    return preferences.email if nom == "notif_email" else preferences.sms


def plan_preferences(lecture: Lecture, choix: Choix) -> PlanPreferences:
    """F22's préférences. A locked fiche counts as the usager's on both channels (R18)."""
    a, b = lecture.a.preferences, lecture.b.preferences
    canaux: dict[str, Preference] = {}
    lignes = []
    for nom in CANAUX:
        pa, pb = channel(a, nom), channel(b, nom)
        if a.locked and b.locked:
            canaux[nom] = _refusal_wins(pa, pb, "usager")
            coches = frozenset(
                c for c in COTES if channel(lecture.cote(c).preferences, nom).active == canaux[nom].active
            )
            ligne = _line(nom, pa, pb, coches, verrou=VERROU)
        elif a.locked or b.locked:
            canaux[nom] = pa if a.locked else pb
            ligne = _line(nom, pa, pb, frozenset({"a" if a.locked else "b"}), verrou=VERROU)
        else:
            ligne = _agents_line(lecture, choix, nom, pa, pb)
            canaux[nom] = _agents_choice(ligne, pa, pb)
        lignes.append(ligne)
    regle = "refus" if a.locked and b.locked else "usager" if a.locked or b.locked else "agents"
    refus = tuple(Refus(ligne.nom, DEUX_COCHES) for ligne in lignes if ligne.trop_cochee)
    return PlanPreferences(Preferences(canaux["notif_email"], canaux["notif_sms"]), regle, tuple(lignes), refus)


def _refusal_wins(pa: Preference, pb: Preference, auteur: str) -> Preference:
    dates = [p.le for p in (pa, pb) if p.le is not None]
    return Preference(pa.active and pb.active, auteur, max(dates) if dates else None)


def _agents_line(lecture: Lecture, choix: Choix, nom: str, pa: Preference, pb: Preference) -> Ligne:
    """Both were set by agents, or by nobody: the later setting is the default, else the older fiche."""
    defaut: Cote = lecture.older
    raison = "fiche la plus ancienne"
    if pa.le != pb.le:
        defaut = "a" if pb.le is None or (pa.le is not None and pa.le > pb.le) else "b"
        raison = "plus récent"
    if pa.active == pb.active:
        return _line(nom, pa, pb, frozenset({defaut}))
    return _line(nom, pa, pb, ticks(choix, nom, defaut), raison=raison)


def _agents_choice(ligne: Ligne, pa: Preference, pb: Preference) -> Preference:
    """The ticked side; with none ticked the refusal wins (F3)."""
    if len(ligne.coches) == 1:
        return pa if "a" in ligne.coches else pb
    return _refusal_wins(pa, pb, "agent")


def _line(
    nom: str, pa: Preference, pb: Preference, coches: frozenset[Cote], *, verrou: str = "", raison: str = ""
) -> Ligne:
    ecart = Ecart.IDENTIQUE if pa.active == pb.active else Ecart.DIFFERENT
    return Ligne(nom, CANAUX[nom], ecart, _show(pa), _show(pb), coches, raison, verrou=verrou)


def _show(preference: Preference) -> str:
    return "oui" if preference.active else "non"
