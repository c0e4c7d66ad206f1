"""The worker's loop outlives a base that is away or locked, and lets a transport that is down rest (R20)."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from fiches.db import prepare_engine
from fiches.notifications.boucle import Arret, Pauses, run
from fiches.notifications.courriel import TransportSmtp
from fiches.notifications.envoi import Bilan, Expediteur
from fiches.notifications.rules import Canal
from fiches.notifications.tentatives import Incident, Panne
from fiches.notifications.transports import Pli, TransportLocal
from tests.notifications.poste import Poste
from tests.notifications.serveurs import BoiteAuxLettres, free_port, smtp_server

PATIENCE = 30.0


def until(condition: Callable[[], object]) -> None:
    fin = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < fin, "it did not come"
        time.sleep(0.02)


class EnMarche:
    """A loop that runs in a thread of this test."""

    def __init__(self, url: str, expediteur: Expediteur, poste: Poste, patience_base_ms: int = 100) -> None:
        engine = create_engine(url)
        prepare_engine(engine)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda c, _: c.execute(f"PRAGMA busy_timeout={patience_base_ms}"))
        self.arret = Arret()
        self.fil = threading.Thread(
            target=run,
            args=(
                lambda: Session(engine, expire_on_commit=False),
                expediteur,
                lambda: poste.le,
                self.arret,
                0.05,
                0.05,
            ),
        )
        self.fil.start()

    def stop(self) -> None:
        self.arret.demande = True
        self.fil.join(PATIENCE)
        assert not self.fil.is_alive()


@pytest.mark.sqlite
def test_a_base_that_is_not_there_yet_is_waited_for(session: Session, base_url: str, tmp_path: Path) -> None:
    poste = Poste(session)
    poste.by_mail(1)
    session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    session.rollback()
    ailleurs = tmp_path / "ailleurs"
    with smtp_server() as boite:
        expediteur = poste.worker("o", email=TransportSmtp(boite.reglages))
        boucle = EnMarche(f"sqlite:///{ailleurs / 'fiches.db'}", expediteur, poste)
        time.sleep(0.2)
        assert boucle.fil.is_alive()
        ailleurs.mkdir()
        shutil.copy(tmp_path / "fiches.db", ailleurs / "attente")
        (ailleurs / "attente").rename(ailleurs / "fiches.db")
        until(lambda: boite.recus)
        boucle.stop()


@pytest.mark.sqlite
def test_an_answer_is_recorded_however_long_the_base_is_locked_R20(session: Session, base_url: str) -> None:
    poste = Poste(session)
    poste.by_mail(1)

    class Verrou(TransportLocal):
        """Somebody else begins to write just as the message has left, for ten times as long as we wait."""

        envois = 0

        def send(self, pli: Pli) -> Incident | None:
            self.envois += 1
            autre = create_engine(base_url).connect()
            autre.connection.driver_connection.isolation_level = None  # type: ignore[union-attr]
            autre.exec_driver_sql("BEGIN IMMEDIATE")
            threading.Timer(1.0, lambda: autre.exec_driver_sql("ROLLBACK")).start()
            return None

    verrou = Verrou()
    boucle = EnMarche(base_url, poste.worker("o", bail=20, email=verrou), poste)
    until(lambda: poste.row().etat == "envoye")
    boucle.stop()
    assert verrou.envois == 1


def test_a_server_that_comes_back_is_sent_everything_R20(session: Session, base_url: str) -> None:
    poste = Poste(session)
    poste.by_mail(3)
    instant = [1000.0]
    pauses = Pauses(lambda: instant[0])
    port = free_port()
    poste.uses(email=TransportSmtp(BoiteAuxLettres(port=port).reglages))
    for attendu in (5, 10):
        bilan = poste.send()
        assert bilan.en_panne == {Canal.EMAIL: Panne.INJOIGNABLE}
        pauses.note(bilan)
        assert pauses.jusque[Canal.EMAIL] == instant[0] + attendu
        assert pauses.open_canaux() == [Canal.SMS]
        instant[0] += attendu
        assert pauses.open_canaux() == [Canal.EMAIL, Canal.SMS]
    with smtp_server() as boite:
        poste.uses(email=TransportSmtp(boite.reglages))
        bilan = poste.send()
    pauses.note(bilan)
    assert pauses.pannes == {}
    assert len(boite.recus) == 3


def test_a_fault_and_a_success_in_one_round_still_make_a_pause() -> None:
    pauses = Pauses()
    pauses.note(Bilan(partis={Canal.SMS}, en_panne={Canal.SMS: Panne.REPONSE}))
    assert pauses.pannes == {Canal.SMS: 1}
    assert pauses.open_canaux() == [Canal.EMAIL]
