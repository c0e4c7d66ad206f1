"""Workers ready in a moment: a process that has everything loaded and forks one for each line it reads.

    python -m tests.notifications.pepiniere ADDRESS-OF-THE-BASE PORT-OF-THE-SMTP-SERVER LEASE

Each line on standard input is the name of a worker; its process number comes back, and how it ended once it
has. Starting Python anew for a hundred killed workers would take longer than their lives. For the same
reason the SMS that wait are sent first: it prepares the statements that every worker will need.
"""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from fiches import models
from fiches.db import prepare_engine
from fiches.notifications.boucle import Arret, run
from fiches.notifications.courriel import TransportSmtp
from fiches.notifications.envoi import Expediteur, send_due
from fiches.notifications.rules import Canal
from fiches.notifications.transports import TransportLocal
from fiches.settings import ReglagesSmtp
from fiches.web.logs import configure_logs
from tests.notifications.poste import BASE


def work(engine: Engine, expediteur: Expediteur) -> None:
    """One worker, until it is killed or told to stop."""
    with Arret().listening() as arret:
        run(lambda: Session(engine, expire_on_commit=False), expediteur, now, arret, repos=0.02)


def now() -> datetime:
    """The present instant, with its fractions: the leases here are short."""
    return datetime.now(UTC)


def main() -> None:
    """Fork a worker for each line."""
    url, port, bail = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    assert models.Base.metadata.tables
    configure_logs("CRITICAL")
    engine = create_engine(url)
    prepare_engine(engine)
    smtp = TransportSmtp(ReglagesSmtp("127.0.0.1", port, "aucune", None, None, "rdv@service.test"))
    expediteur = Expediteur("pepiniere", {Canal.EMAIL: smtp, Canal.SMS: TransportLocal()}, bail, "test", BASE)
    with Session(engine) as session:
        assert send_due(session, expediteur, now, canaux=[Canal.SMS]).partis
    engine.dispose()
    for nom in sys.stdin:
        pid = os.fork()
        if pid == 0:
            work(engine, replace(expediteur, nom=nom.strip()))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
