"""Days, hours and durations as agents type them (PURE, R3). What is refused raises SaisieRefusee."""

import re
from datetime import date, datetime, time, timedelta

from fiches.dates import PARIS, instant_of
from fiches.identite import SaisieRefusee, clean_text

DUREE_MAXIMALE = 12 * 60  # minutes
ANNEES = 2  # RDVs are kept two years (R36), and none is made further ahead
JOUR_PASSE_HEURE = "Cette heure n’existe pas ce jour-là : les horloges avancent d’une heure."

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FR = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_SERRE = re.compile(r"(\d{2})(\d{2})(\d{4})")
_HEURE = re.compile(r"(\d{1,2})\s*(?:[h:]\s*(\d{1,2})?)?")


def parse_jour(brut: str | None) -> date | None:
    """A day typed jj/mm/aaaa or picked (ISO), None when nothing was typed."""
    texte = clean_text(brut, 40)
    if texte is None:
        return None
    if trouve := _ISO.fullmatch(texte):
        annee, mois, jour = (int(p) for p in trouve.groups())
    elif trouve := _FR.fullmatch(texte) or _SERRE.fullmatch(texte):
        jour, mois, annee = (int(p) for p in trouve.groups())
    else:
        raise SaisieRefusee("Date illisible : écrivez jj/mm/aaaa, par exemple 14/03/2027.")
    try:
        return date(annee, mois, jour)
    except ValueError:
        raise SaisieRefusee("Cette date n’existe pas.") from None


def parse_heure(brut: str | None) -> time | None:
    """An hour typed 9:30, 9h30, 9 h or 14, None when nothing was typed."""
    texte = clean_text(brut, 20)
    if texte is None:
        return None
    trouve = _HEURE.fullmatch(texte.lower())
    if trouve is None or int(trouve[1]) > 23 or int(trouve[2] or 0) > 59:
        raise SaisieRefusee("Heure illisible : écrivez par exemple 9:30 ou 14 h.")
    return time(int(trouve[1]), int(trouve[2] or 0))


def parse_duree(brut: str | None) -> int | None:
    """A duration in minutes, None when nothing was typed."""
    texte = clean_text(brut, 20)
    if texte is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", texte):
        raise SaisieRefusee("Écrivez la durée en minutes, par exemple 30.")
    duree = int(texte)
    if duree <= 0:
        raise SaisieRefusee("La durée doit être d’au moins une minute.")
    if duree > DUREE_MAXIMALE:
        raise SaisieRefusee("La durée ne peut dépasser 12 heures (720 minutes).")
    return duree


def make_debut(jour: date, heure: time) -> datetime:
    """The instant of this hour in Paris; refused where the clock jumps over it."""
    debut = instant_of(jour, heure)
    if debut.astimezone(PARIS).time() != heure:
        raise SaisieRefusee(JOUR_PASSE_HEURE)
    return debut


def check_jour(jour: date, aujourdhui: date) -> date:
    """The day, refused further than two years from today in either direction."""
    if jour > aujourdhui + timedelta(days=365 * ANNEES):
        raise SaisieRefusee("Cette date est dans plus de deux ans.")
    if jour < aujourdhui - timedelta(days=365 * ANNEES):
        raise SaisieRefusee("Cette date remonte à plus de deux ans.")
    return jour


def show_date_saisie(jour: date) -> str:
    """A day as one types it: « 02/12/2026 »."""
    return f"{jour:%d/%m/%Y}"


def show_heure_saisie(heure: time) -> str:
    """An hour as one types it: « 09:30 »."""
    return f"{heure:%H:%M}"


def end_of(debut: datetime, duree: int) -> datetime:
    """When something that lasts so many minutes ends."""
    return debut + timedelta(minutes=duree)


def overlap(debut: datetime, duree: int, autre_debut: datetime, autre_duree: int) -> bool:
    """Whether two stretches of time share a minute; one may begin when the other ends."""
    return debut < end_of(autre_debut, autre_duree) and autre_debut < end_of(debut, duree)
