"""The RDVs of the demonstration: every statut, on weekdays, at office hours (PURE, R16)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from fiches.dates import PARIS
from fiches.demo.plan import FichePrevue
from fiches.demo.scenario import AGENTS_DE, CHALON, LIEUX, MOTIFS

_HEURES = tuple((heure, minute) for heure in (9, 10, 11, 14, 15, 16) for minute in (0, 30))
_JOURS_PASSES, _JOURS_A_VENIR = 300, 60
FICHES_AVEC_RDVS = 2_000  # the agents' diaries hold no more


@dataclass(frozen=True)
class RdvPrevu:
    """One RDV to write. `participants`: (rank of the fiche, outcome or None)."""

    organisation: str
    agent: str
    motif: str
    lieu: str | None
    debut: datetime
    duree: int
    annule: bool
    participants: tuple[tuple[int, str | None], ...]


def plan_rdvs(fiches: list[FichePrevue], maintenant: datetime, graine: int) -> list[RdvPrevu]:
    """RDVs for about half of the fiches; an agent is never in two at once."""
    agenda = _Agenda(random.Random(graine), maintenant)
    par_rang = {f.e.rang: f for f in fiches}
    for prevue in sorted(fiches, key=lambda f: f.e.rang)[:FICHES_AVEC_RDVS]:
        if prevue.e.rang < 3:
            _plan_famille(agenda, prevue.e.rang)
        elif agenda.hasard.random() < 0.5:
            for _ in range(agenda.hasard.choice((1, 1, 2, 2, 3, 4, 6))):
                rangs = _with(prevue, par_rang, agenda.hasard)
                agenda.plan(prevue.organisations[0], rangs, depuis=max(par_rang[r].cree_le for r in rangs))
    return agenda.rdvs


def _with(prevue: FichePrevue, par_rang: dict[int, FichePrevue], hasard: random.Random) -> list[int]:
    """Who comes: alone, with the responsable or the spouse, or twice by mistake (both duplicates)."""
    rangs = [prevue.e.rang]
    for autre, chance in ((prevue.e.responsable, 0.4), (prevue.e.piege_avec, 0.3), (prevue.e.original, 0.12)):
        if (
            autre is not None
            and par_rang[autre].organisations[0] == prevue.organisations[0]
            and hasard.random() < chance
        ):
            return [*rangs, autre]
    return rangs


def _plan_famille(agenda: "_Agenda", rang: int) -> None:
    """usager@demo.test: seen once, two coming of which one is discreet; one coming for a proche."""
    if rang == 0:
        agenda.plan(CHALON, [0], motif=0, jours=-40, issue="vu")
        agenda.plan(CHALON, [0], motif=1, jours=9)
        agenda.plan(CHALON, [0], motif=4, jours=16)
    elif rang == 1:
        agenda.plan(CHALON, [1, 0], motif=0, jours=12)


class _Agenda:
    """The diaries, filled from one source of chance."""

    def __init__(self, hasard: random.Random, maintenant: datetime) -> None:
        self.hasard, self.maintenant = hasard, maintenant
        self.rdvs: list[RdvPrevu] = []
        self._pris: set[tuple[str, datetime]] = set()

    def plan(
        self,
        organisation: str,
        rangs: list[int],
        *,
        motif: int | None = None,
        jours: int | None = None,
        issue: str | None = None,
        depuis: datetime | None = None,
    ) -> None:
        """Add an RDV on a free slot, `jours` days from now or at random, after `depuis`."""
        hasard = self.hasard
        agent = hasard.choice(AGENTS_DE[organisation])
        libre = self._free_slot(agent, jours, depuis)
        if libre is None:
            return
        motifs = MOTIFS[organisation]
        choisi = motifs[motif if motif is not None else hasard.randrange(len(motifs))][0]
        fixe = jours is not None
        annule = not fixe and hasard.random() < 0.07
        participants = tuple((r, issue if fixe else self._outcome(libre)) for r in dict.fromkeys(rangs))
        lieu = hasard.choice((*(nom for nom, _ in LIEUX[organisation]), LIEUX[organisation][0][0]))
        self.rdvs.append(
            RdvPrevu(
                organisation,
                agent,
                choisi,
                None if hasard.random() < 0.1 else lieu,
                libre,
                hasard.choice((30, 30, 20)),
                annule,
                participants,
            )
        )

    def _free_slot(self, agent: str, jours: int | None, depuis: datetime | None) -> datetime | None:
        """The start of a free half hour on a weekday, Paris time; None when the diary is too full."""
        age = (self.maintenant - depuis).days if depuis else _JOURS_PASSES
        premier = -min(age, _JOURS_PASSES)
        for essai in range(40):
            ecart = jours + essai if jours is not None else self.hasard.randrange(premier, _JOURS_A_VENIR)
            jour = self.maintenant.astimezone(PARIS) + timedelta(days=ecart)
            heure, minute = self.hasard.choice(_HEURES)
            debut = jour.replace(hour=heure, minute=minute, second=0, microsecond=0)
            if debut.weekday() < 5 and (agent, debut) not in self._pris and (depuis is None or debut > depuis):
                self._pris.add((agent, debut))
                return debut
        return None

    def _outcome(self, debut: datetime) -> str | None:
        """The outcome: mostly seen when past; a few lately without one yet (à renseigner)."""
        tirage = self.hasard.random()
        if debut > self.maintenant:
            return "excuse" if tirage < 0.05 else None
        if debut > self.maintenant - timedelta(days=30) and tirage < 0.4:
            return None
        return "vu" if tirage < 0.8 else "excuse" if tirage < 0.88 else "absent"
