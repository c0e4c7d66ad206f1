"""Several people at once, on either engine: nobody waits for somebody who waits for them, and a créneau
is taken once (R16)."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time as heure
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.dates import instant_of
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.previsions import sign
from fiches.rdvs.actions import cancel_rdv, move_rdv, set_issues, take_rdv
from fiches.rdvs.erreurs import CreneauPris
from fiches.rdvs.models import Creneau, Participation
from fiches.rdvs.previsions import judge_cancel, judge_move, judge_new
from fiches.rdvs.queries import get_rdv, read_choisis
from fiches.rdvs.saisie import Reponses, SaisieRdv
from fiches.usagers.queries import get_usager
from tests.builders import a_contexte, a_creneau
from tests.rdvs.bureau import Bureau, jour

SECRET = b"test"
LE_TEMPS_D_ATTENDRE = 0.5  # seconds, for the other to reach the lock; whoever comes later only proves less


def move(session: Session, contexte: Contexte, rdv_id: int) -> object:
    rdv = get_rdv(session, contexte, rdv_id)
    avant = SaisieRdv(rdv.agent_id, rdv.motif_id, rdv.lieu_id, rdv.debut, rdv.duree, rdv.ne_pas_prevenir)
    saisie = replace(avant, debut=rdv.debut + timedelta(days=7))
    le, version = clock.now(), rdv.version
    avis = sign(judge_move(session, contexte, rdv, saisie, le).previsions, SECRET)
    return move_rdv(session, contexte, rdv_id, saisie, version, Reponses(avis), secret=SECRET, le=le)


def cancel(session: Session, contexte: Contexte, rdv_id: int) -> object:
    rdv, le = get_rdv(session, contexte, rdv_id), clock.now()
    avis = sign(judge_cancel(session, contexte, rdv, False, le).previsions, SECRET)
    return cancel_rdv(session, contexte, rdv_id, False, Reponses(avis), secret=SECRET, le=le)


def excuse(session: Session, contexte: Contexte, rdv_id: int) -> object:
    version = get_rdv(session, contexte, rdv_id).version
    participation = session.scalars(select(Participation.id).where(Participation.rdv_id == rdv_id)).one()
    return set_issues(session, contexte, rdv_id, {participation: "excuse"}, version, clock.now())


@pytest.mark.parametrize("action", [move, cancel, excuse])
def test_who_changes_a_fiche_and_who_changes_its_rdv_do_not_wait_for_each_other(
    bureau: Bureau, action: Callable[[Session, Contexte, int], object]
) -> None:
    usager = bureau.person()
    rdv = bureau.made(usager)
    contexte = a_contexte(bureau.session, bureau.agent, bureau.org)

    def run() -> object:
        with Session(bureau.session.get_bind(), expire_on_commit=False) as session:
            return action(session, contexte, rdv)

    with ThreadPoolExecutor(1) as pool:
        with transaction(bureau.session):
            get_usager(bureau.session, contexte, usager, writing=True)
            autre = pool.submit(run)
            time.sleep(LE_TEMPS_D_ATTENDRE)
            outbox.resync_usagers(bureau.session, [usager], clock.now())
        assert autre.result()


def test_of_many_who_take_one_creneau_at_once_one_has_it_R16(bureau: Bureau) -> None:
    debut = instant_of(jour(), heure(9))
    creneau = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, debut)
    contexte = a_contexte(bureau.session, bureau.agent, bureau.org)
    usagers = [bureau.person(email=f"u{i}@exemple.test") for i in range(8)]
    saisie = SaisieRdv(bureau.agent, bureau.motif, None, debut, 30, False)
    le, depart = clock.now(), Barrier(len(usagers))

    def run(usager: int) -> object:
        with Session(bureau.session.get_bind(), expire_on_commit=False) as session:
            choisis = read_choisis(session, contexte, [usager])
            avis = sign(judge_new(session, contexte, saisie, choisis, le).previsions, SECRET)
            depart.wait()
            try:
                return take_rdv(
                    session, contexte, saisie, [usager], Reponses(avis), creneau_id=creneau, secret=SECRET, le=le
                )
            except CreneauPris as pris:
                return pris

    with ThreadPoolExecutor(len(usagers)) as pool:
        arrivees = list(pool.map(run, usagers))
    assert Counter(type(a) for a in arrivees) == {int: 1, CreneauPris: 7}
    bureau.session.rollback()
    assert bureau.session.get_one(Creneau, creneau, populate_existing=True).rdv_id in arrivees
    assert bureau.count() == 1
