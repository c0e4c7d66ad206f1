"""The worker's loop: sends what is due, again and again, until it is told to stop (R20).

It stops after the message being sent, on SIGTERM and SIGINT, and when the process that started it has gone.
A base that is locked or away for a while makes it wait, not end.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fiches.notifications.envoi import Bilan, Expediteur, send_due
from fiches.notifications.rules import Canal
from fiches.notifications.tentatives import pause

log = structlog.get_logger()

REPOS = 2.0  # seconds between two looks at the outbox
REPOS_SANS_BASE = 5.0  # …when the base could not be read


class Arret:
    """Whether the worker should stop. `parent`: the process without which it has no reason to run."""

    def __init__(self, parent: int | None = None) -> None:
        self.demande = False
        self.parent = parent

    @contextmanager
    def listening(self) -> Iterator["Arret"]:
        """Stop on the signals that ask for it."""
        avant = {numero: signal.signal(numero, self._ask) for numero in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for numero, ancien in avant.items():
                signal.signal(numero, ancien)

    def _ask(self, _numero: int, _image: FrameType | None) -> None:
        self.demande = True

    def __call__(self) -> bool:
        return self.demande or (self.parent is not None and os.getppid() != self.parent)

    def sleep(self, secondes: float) -> None:
        """Wait, unless asked to stop meanwhile."""
        fin = time.monotonic() + secondes
        while not self() and (reste := fin - time.monotonic()) > 0:
            time.sleep(min(reste, 0.2))


class Pauses:
    """The channels whose transport failed, and until when each one rests, in seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.pannes: dict[Canal, int] = {}
        self.jusque: dict[Canal, float] = {}

    def open_canaux(self) -> list[Canal]:
        """The channels that may be tried now."""
        return [c for c in Canal if self.jusque.get(c, 0.0) <= self.clock()]

    def note(self, bilan: Bilan) -> None:
        """Learn from a round; a channel by which something left is well again."""
        for canal in bilan.partis:
            self.pannes.pop(canal, None)
        for canal, panne in bilan.en_panne.items():
            self.pannes[canal] = self.pannes.get(canal, 0) + 1
            duree = pause(self.pannes[canal])
            self.jusque[canal] = self.clock() + duree
            log.warning("envoi en pause", canal=canal, panne=panne, secondes=duree)


def run(
    open_session: Callable[[], Session],
    expediteur: Expediteur,
    now: Callable[[], datetime],
    arret: Arret,
    repos: float = REPOS,
    repos_sans_base: float = REPOS_SANS_BASE,
) -> None:
    """Send what is due until told to stop."""
    pauses = Pauses()
    while not arret():
        attente = repos
        try:
            with open_session() as session:
                pauses.note(send_due(session, expediteur, now, arret, pauses.open_canaux()))
        except DBAPIError as erreur:
            log.warning("base hors d’atteinte", erreur=type(erreur.orig).__name__)
            attente = repos_sans_base
        arret.sleep(attente)
