"""R20, proved by killing: a worker that dies anywhere loses nothing, and repeats only what it may not
have recorded, with the same Message-ID and the same words."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.notifications.models import Message
from fiches.settings import ROOT
from tests.notifications.poste import Poste
from tests.notifications.serveurs import BoiteAuxLettres, smtp_server

MORTS = 120
MESSAGES = 24  # waiting at a time; more are written when fewer than half are left
BAIL = 1  # seconds
PATIENCE = 60.0
VIE = 0.16  # seconds that a worker lives at most


class Pepiniere:
    """The nursery of workers."""

    def __init__(self, url: str, port: int) -> None:
        arguments = [sys.executable, "-m", "tests.notifications.pepiniere", url, str(port), str(BAIL)]
        self.processus = subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def start(self, nom: str) -> int:
        assert self.processus.stdin is not None
        self.processus.stdin.write(f"{nom}\n")
        return self._read()

    def end(self, pid: int, numero: signal.Signals) -> int:
        os.kill(pid, numero)
        return self._read()

    def _read(self) -> int:
        assert self.processus.stdout is not None
        return int(self.processus.stdout.readline())

    def close(self) -> None:
        assert self.processus.stdin is not None
        assert self.processus.stdout is not None
        self.processus.stdin.close()
        self.processus.wait(PATIENCE)
        self.processus.stdout.close()


@pytest.fixture
def boite() -> Iterator[BoiteAuxLettres]:
    with smtp_server() as boite:
        yield boite


@pytest.fixture
def poste(session: Session) -> Poste:
    """A service in the present, with one SMS for the nursery to send."""
    poste = Poste(session)
    poste.le = datetime.now(UTC)
    poste.make(poste.person(email=None), debut=poste.le + timedelta(days=365))
    return poste


@pytest.fixture
def pepiniere(base_url: str, boite: BoiteAuxLettres, poste: Poste) -> Iterator[Pepiniere]:
    pepiniere = Pepiniere(base_url, boite.port)
    yield pepiniere
    pepiniere.close()


def left_behind(session: Session, nom: str) -> list[str]:
    """The messages that this worker had claimed when it died."""
    session.rollback()
    claimed = select(Message.message_id).where(Message.etat == "envoi", Message.reclame_par == nom)
    return list(session.scalars(claimed))


def count(session: Session, *etats: str) -> int:
    """Announcements in these states; reminders wait for their day."""
    session.rollback()
    lignes = select(func.count()).where(Message.genre == "nouveau", Message.etat.in_(etats))
    return session.scalar(lignes) or 0


def kill_at_acceptance(boite: BoiteAuxLettres, pepiniere: Pepiniere, pid: int) -> bool:
    """Kill a worker whose message the server has just taken, before it is told so; whether one was."""
    pris, tue = Event(), Event()

    def accepted(_message_id: str) -> None:
        pris.set()
        tue.wait(PATIENCE)

    boite.sur_data = accepted
    vu = pris.wait(3.0)
    pepiniere.end(pid, signal.SIGKILL)
    boite.sur_data = None
    tue.set()
    return vu


def test_a_worker_killed_a_hundred_times_loses_nothing_and_repeats_only_what_it_had_claimed_R20(
    session: Session, poste: Poste, boite: BoiteAuxLettres, pepiniere: Pepiniere
) -> None:
    graine = int(os.environ.get("GRAINE") or random.randrange(10**6))
    print(f"GRAINE={graine}")  # shown when the test fails
    hasard = random.Random(graine)
    interrompus: Counter[str] = Counter()
    vises = adresses = 0
    for n in range(MORTS):
        if count(session, "attente", "envoi") < MESSAGES // 2:
            for _ in range(MESSAGES):
                adresses += 1
                usager = poste.person(email=f"p{adresses}@exemple.test", telephone=None)
                poste.make(usager, debut=poste.le + timedelta(days=365))
        pid = pepiniere.start(f"ouvrier{n}")
        if hasard.random() < 0.2:
            vises += kill_at_acceptance(boite, pepiniere, pid)
        else:
            time.sleep(hasard.uniform(0, VIE))
            pepiniere.end(pid, signal.SIGKILL)
        restes = left_behind(session, f"ouvrier{n}")
        assert len(restes) <= 1, "a worker holds one message at a time"
        interrompus.update(restes)

    pid = pepiniere.start("dernier")
    fin = time.monotonic() + PATIENCE
    while count(session, "attente", "envoi") and time.monotonic() < fin:
        time.sleep(0.1)
    assert pepiniere.end(pid, signal.SIGTERM) == 0

    recus = Counter(boite.ids())
    ecrits = {m.message_id: m for m in poste.rows(genre="nouveau", canal="email")}
    repetitions = sum(recus.values()) - len(recus)
    print(f"{len(ecrits)} messages, {MORTS} kills, {sum(interrompus.values())} claims left, {repetitions} repeats")
    assert {m.etat for m in ecrits.values()} == {"envoye"}, "no row is left behind"
    assert set(recus) == set(ecrits), "every message arrives, and under its own Message-ID"
    assert all(fois - 1 <= interrompus[id] for id, fois in recus.items()), "a repeat follows a kill"
    assert vises <= repetitions <= MORTS
    assert vises > 5
    textes = {(str(c["Message-ID"]), a, c.get_body(("plain",)).get_content()) for a, c in boite.recus}
    assert len(textes) == len(recus), "a repeat is the same message, to the same person, word for word"
