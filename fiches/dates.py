"""Days and hours where the services are, and how they are written (PURE).

Instants come in as arguments, in UTC: nothing here asks for the time.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
JOURS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


def day_of(instant: datetime) -> date:
    """The day of an instant in Paris."""
    return instant.astimezone(PARIS).date()


def instant_of(jour: date, heure: time) -> datetime:
    """The instant of this hour of the clock in Paris; on the night of two 2 o'clocks, the first."""
    return datetime.combine(jour, heure, PARIS).astimezone(ZoneInfo("UTC"))


def monday_of(jour: date) -> date:
    """The Monday of the week of this day."""
    return jour - timedelta(days=jour.weekday())


def show_jour(jour: date | datetime | None) -> str:
    """« 2 décembre 2026 »; an instant is shown on its day in Paris, nothing as ''."""
    if jour is None:
        return ""
    if isinstance(jour, datetime):
        jour = day_of(jour)
    return f"{'1er' if jour.day == 1 else jour.day} {MOIS[jour.month - 1]} {jour.year}"


def show_jour_semaine(jour: date) -> str:
    """« mercredi 2 décembre 2026 »."""
    return f"{JOURS[jour.weekday()]} {show_jour(jour)}"


def show_heure(instant: datetime) -> str:
    """« 9 h 30 », « 14 h », Paris time."""
    local = instant.astimezone(PARIS)
    minutes = f"\u00a0{local.minute:02d}" if local.minute else ""
    return f"{local.hour}\u00a0h{minutes}"


def show_moment(instant: datetime | None) -> str:
    """« mercredi 2 décembre 2026 à 9 h 30 », Paris time; nothing as ''."""
    if instant is None:
        return ""
    return f"{show_jour_semaine(day_of(instant))} à {show_heure(instant)}"


def show_court(instant: datetime) -> str:
    """« 12/03/2026 à 9 h 30 », Paris time."""
    local = instant.astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local.hour} h {local:%M}"
