"""Créneaux in series (PURE, R16): which hours a series holds, and which of them are free."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fiches.dates import PARIS, instant_of
from fiches.rdvs.moments import end_of, overlap

SERIE_MAXIMALE = 500  # créneaux opened at once
SERIE_JOURS = 366  # days a series may span


@dataclass(frozen=True)
class Serie:
    """Créneaux of one agent, on some days of the week, from one hour of the clock to another."""

    agent_id: int
    motif_id: int
    lieu_id: int | None
    du: date
    au: date
    jours: frozenset[int]  # 0: Monday
    de: time
    a: time
    duree: int


@dataclass(frozen=True)
class Tri:
    """The hours of a series that can be opened, and how many are taken already."""

    libres: tuple[datetime, ...]
    pris: int


def debuts_of(serie: Serie, maintenant: datetime) -> tuple[datetime, ...]:
    """When each créneau begins, in order: whole ones only, to come, never two at once.

    Hours are those of the clock in Paris. One that the clock jumps over does not exist, and on that
    night no créneau begins before the one before it has ended.
    """
    debuts: list[datetime] = []
    for debut in _hours(serie):
        libre = not debuts or end_of(debuts[-1], serie.duree) <= debut
        if debut > maintenant and libre:
            debuts.append(debut)
    return tuple(debuts)


def _hours(serie: Serie) -> Iterator[datetime]:
    for n in range((serie.au - serie.du).days + 1):
        jour = serie.du + timedelta(days=n)
        if jour.weekday() not in serie.jours:
            continue
        fin = instant_of(jour, serie.a)
        heure = datetime.combine(jour, serie.de)
        while heure.date() == jour and heure.time() < serie.a:
            debut = instant_of(jour, heure.time())
            if debut.astimezone(PARIS).time() == heure.time() and end_of(debut, serie.duree) <= fin:
                yield debut
            heure += timedelta(minutes=serie.duree)


def sort_out(debuts: Iterable[datetime], duree: int, occupes: Iterable[tuple[datetime, int]]) -> Tri:
    """Which of these hours are free of the agent's other créneaux and RDVs (begin, minutes)."""
    pris = sorted(occupes)
    tous = tuple(debuts)
    libres = tuple(d for d in tous if not any(overlap(d, duree, autre, minutes) for autre, minutes in pris))
    return Tri(libres, len(tous) - len(libres))


def show_bilan(tri: Tri) -> str:
    """« 12 créneaux ouverts, 2 déjà pris »."""
    n = len(tri.libres)
    ouverts = "Aucun créneau ouvert" if not n else f"{n} créneau{'x' * (n > 1)} ouvert{'s' * (n > 1)}"
    return ouverts + (f", {tri.pris} déjà pris" if tri.pris else "") + "."
