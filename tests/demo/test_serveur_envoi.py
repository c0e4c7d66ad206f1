"""`make demo` and `make serve` run the server and the worker, and leave neither behind (R20)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.settings import ROOT
from tests.builders import a_rdv, a_usager, an_agent, an_organisation

PATIENCE = 60.0  # seconds, on a machine that does much else
DUO = "import sys; from fiches.serveur import Duo; sys.exit(Duo(sys.argv[1:4], sys.argv[4:7]).run())"
VIVANT = "import os, time; open({!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(600)"


def until(condition: Callable[[], object]) -> None:
    """Wait for something that must come."""
    fin = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < fin, "it did not come"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class Deux:
    """Two processes that do nothing, as the supervisor runs them."""

    def __init__(self, tmp_path: Path) -> None:
        self.noms = tmp_path / "serveur", tmp_path / "envoi"
        commandes = [mot for nom in self.noms for mot in (sys.executable, "-c", VIVANT.format(str(nom)))]
        self.chef = subprocess.Popen([sys.executable, "-c", DUO, *commandes], cwd=ROOT, stderr=subprocess.DEVNULL)
        until(lambda: self.pids(0) and self.pids(1))

    def pids(self, qui: int) -> list[int]:
        """Every process that was started as this one."""
        fichier = self.noms[qui]
        return [int(p) for p in fichier.read_text().split()] if fichier.exists() else []

    def all_gone(self) -> bool:
        return all(gone(p) for p in self.pids(0) + self.pids(1))


@pytest.fixture
def deux(tmp_path: Path) -> Iterator[Deux]:
    deux = Deux(tmp_path)
    yield deux
    deux.chef.terminate()
    deux.chef.wait(PATIENCE)


@pytest.mark.parametrize("numero", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_both(deux: Deux, numero: signal.Signals) -> None:
    deux.chef.send_signal(numero)
    assert deux.chef.wait(PATIENCE) == 0
    assert deux.all_gone()


def test_a_server_that_dies_ends_the_worker(deux: Deux) -> None:
    os.kill(deux.pids(0)[0], signal.SIGKILL)
    assert deux.chef.wait(PATIENCE) != 0
    assert deux.all_gone()


def test_a_worker_that_dies_is_started_again(deux: Deux) -> None:
    os.kill(deux.pids(1)[0], signal.SIGKILL)
    until(lambda: len(deux.pids(1)) == 2)
    assert not gone(deux.pids(0)[0])
    deux.chef.terminate()
    assert deux.chef.wait(PATIENCE) == 0
    assert deux.all_gone()


def test_the_server_s_worker_sends_what_is_due_and_both_end_with_it(
    session: Session, base_url: str, tmp_path: Path
) -> None:
    org = an_organisation(session)
    usager = a_usager(session, org, email="mere@exemple.test")
    le = clock.now()
    rdv = a_rdv(session, org, an_agent(session, org), usager, debut=le.replace(year=le.year + 1))
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    env = os.environ | {"INSTANCE": str(tmp_path), "DATABASE_URL": base_url, "SECRET_KEY": "test", "WORKERS": "1"}
    serveur = subprocess.Popen(
        [sys.executable, "-m", "fiches.serveur"],
        cwd=ROOT,
        env=env | {"PORT": str(port), "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
    )
    try:
        with transaction(session):
            outbox.announce(session, rdv, Genre.NOUVEAU, le)

        def sent() -> bool:
            session.rollback()
            return session.scalar(select(Message.etat).where(Message.genre == "nouveau")) == "envoye"

        until(sent)
    finally:
        serveur.send_signal(signal.SIGTERM)
    assert serveur.wait(PATIENCE) == 0


def test_a_worker_whose_supervisor_was_killed_ends_by_itself(base_url: str, tmp_path: Path) -> None:
    orphelin = (
        "import os, subprocess, sys; print(subprocess.Popen([sys.executable, '-m', 'flask', 'notifications',"
        " 'envoyer', '--boucle', '--parent', str(os.getpid())], stdout=subprocess.DEVNULL).pid)"
    )
    env = os.environ | {"INSTANCE": str(tmp_path), "DATABASE_URL": base_url, "SECRET_KEY": "test"}
    dit = subprocess.run(
        [sys.executable, "-c", orphelin], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    until(lambda: gone(int(dit.stdout)))
