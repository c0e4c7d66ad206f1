"""Which fiches the demonstration holds, in which service, since when (PURE, deterministic)."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, islice

from fiches.demo.personnes import Enregistrement
from fiches.demo.population import make_population
from fiches.demo.scenario import (
    AGENT,
    AGENTS_DE,
    CHALON,
    COMMUNES_JURA,
    DOLE,
    FAMILLE,
    MACON,
    REMARQUES,
    Preference,
    make_famille,
)

GRAINE = 71
PART_DOLE = 0.12
TAILLE = 420  # of which more than 300 in Chalon and Mâcon
TAILLE_MINIMALE = 10  # smaller ones lack some of what the default shows


@dataclass
class FichePrevue:
    """One fiche to write: the record, its services (the one that made it first), and the rest."""

    e: Enregistrement
    organisations: tuple[str, ...]
    cree_le: datetime
    remarque: str | None = None
    numero_dossier: str | None = None
    preference: Preference | None = None  # set by the usager, so locked
    preference_le: datetime | None = None
    compte: str | None = None  # 'invite' or 'actif'
    protegee: bool = False
    referents: list[tuple[str, str]] = field(default_factory=list)  # (agent's e-mail, organisation)


def plan_fiches(taille: int, maintenant: datetime, graine: int = GRAINE) -> list[FichePrevue]:
    """`taille` fiches, oldest first; the family of usager@demo.test is among them."""
    hasard = random.Random(graine)
    dole = round(taille * PART_DOLE)
    fiches = [_of_famille(e, maintenant) for e in make_famille(maintenant.date())]
    aujourdhui = maintenant.date()
    saone = make_population(taille - dole - FAMILLE, graine, aujourdhui)
    jura = make_population(dole, graine + 1, aujourdhui, communes=COMMUNES_JURA)
    services: dict[int, str] = {}
    prevues: dict[int, FichePrevue] = {}
    for e, place in chain(_shifted(saone, FAMILLE, None), _shifted(jura, taille - dole, DOLE)):
        prevue = _plan(e, place or _service(e, services, hasard), prevues, maintenant, hasard)
        prevues[e.rang] = prevue
        fiches.append(prevue)
    _add_preferences(fiches[FAMILLE:], maintenant, hasard)
    _add_comptes(fiches[FAMILLE:])
    _add_protected(fiches[FAMILLE:])
    return sorted(fiches, key=lambda f: (f.cree_le, f.e.rang))


def _shifted(
    population: Iterator[Enregistrement], de: int, place: str | None
) -> Iterator[tuple[Enregistrement, str | None]]:
    """The population with every rank and number moved up by `de`."""
    for e in population:
        rangs = {n: v + de for n in ("responsable", "original", "piege_avec") if (v := getattr(e, n)) is not None}
        yield replace(e, rang=e.rang + de, personne=e.personne + de, foyer=e.foyer + de, **rangs), place


def _service(e: Enregistrement, services: dict[int, str], hasard: random.Random) -> str:
    """A household has its service; one duplicate in five was made in the other one (R10)."""
    habituel = services.setdefault(e.foyer, CHALON if hasard.random() < 0.66 else MACON)
    if e.original is not None and hasard.random() < 0.2:
        return MACON if habituel == CHALON else CHALON
    return habituel


def _plan(
    e: Enregistrement, place: str, prevues: dict[int, FichePrevue], maintenant: datetime, hasard: random.Random
) -> FichePrevue:
    original = prevues.get(e.original) if e.original is not None else None
    debut = original.cree_le if original else maintenant - timedelta(days=900)
    cree_le = debut + (maintenant - timedelta(days=1) - debut) * hasard.random()
    organisations: tuple[str, ...] = (place,)
    if place != DOLE and original is None and hasard.random() < 0.1:
        organisations = (place, MACON if place == CHALON else CHALON)
    prevue = FichePrevue(e, organisations, cree_le.replace(microsecond=0))
    if hasard.random() < 0.25:
        prevue.remarque = hasard.choice(REMARQUES)
    if original is None and hasard.random() < 0.4:
        prevue.numero_dossier = f"{cree_le.year}-{e.rang:05d}"
    if hasard.random() < 0.3:
        prevue.referents.append((hasard.choice(AGENTS_DE[place]), place))
    return prevue


def _of_famille(e: Enregistrement, maintenant: datetime) -> FichePrevue:
    prevue = FichePrevue(e, (CHALON,), maintenant - timedelta(days=400 - e.rang))
    if e.rang == 0:
        prevue.compte, prevue.remarque = "actif", REMARQUES[0]
        prevue.referents.append((AGENT, CHALON))
    return prevue


def _add_preferences(fiches: list[FichePrevue], maintenant: datetime, hasard: random.Random) -> None:
    """One fiche in fifteen was set by its usager, both sides of a duplicate now and then."""
    for rang, prevue in enumerate(fiches):
        double = prevue.e.original is not None
        if (rang % 15 == 4 and not double) or (double and rang % 5 == 0):
            prevue.preference = Preference(email=hasard.random() < 0.5, sms=hasard.random() < 0.5)
            prevue.preference_le = prevue.cree_le + (maintenant - prevue.cree_le) * 0.5


def _add_comptes(fiches: list[FichePrevue]) -> None:
    """Comptes where the e-mail is on one fiche alone; two duplicates have one on each side (F20)."""
    emails = Counter(f.e.email for f in fiches)
    seuls = [f for f in fiches if f.e.email and emails[f.e.email] == 1 and f.e.responsable is None]
    par_rang = {f.e.rang: f for f in seuls}
    paires = [(f, par_rang[f.e.original]) for f in seuls if f.e.original in par_rang]
    for double, original in paires[:2]:
        double.compte = original.compte = "actif"
    for rang, prevue in enumerate(f for f in seuls if f.compte is None and f.e.original is None):
        if rang % 10 == 3 and rang < 300:
            prevue.compte = "invite" if rang % 30 == 3 else "actif"


def _add_protected(fiches: list[FichePrevue]) -> None:
    """Two fiches protégées, one in Chalon and one in Mâcon, each with a référent who keeps the key."""
    for place in (CHALON, MACON):
        candidates = (f for f in fiches if f.organisations == (place,) and f.e.original is None and f.e.adresse)
        for prevue in islice(candidates, 1):
            prevue.protegee = True
            prevue.referents = [(AGENTS_DE[place][0], place)]
