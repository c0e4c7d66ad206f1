"""The place of an RDV with a fiche protégée is its référents' alone, also while it is being moved (R11)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from fiches import clock
from fiches.notifications.previsions import sign
from fiches.rdvs.actions import move_rdv
from fiches.rdvs.models import Lieu
from fiches.rdvs.previsions import judge_move
from fiches.rdvs.saisie import Reponses, SaisieRdv
from tests.builders import a_contexte, a_lieu, a_referent
from tests.rdvs.bureau import Bureau, champ, plain


@pytest.fixture
def rdv(bureau: Bureau) -> int:
    """An RDV of a fiche protégée, at an address."""
    return bureau.made(bureau.person(protegee=True))


def moved(bureau: Bureau, rdv: int, lieu: int) -> str:
    """The preview of another hour, with this lieu sent."""
    return plain(bureau.preview(bureau.typed(rdv=str(rdv), version="1", heure="16:00", lieu=str(lieu))))


def test_no_lieu_that_is_sent_tells_the_real_one_apart_R11(bureau: Bureau, rdv: int) -> None:
    autre = a_lieu(bureau.session, bureau.org, "Annexe", adresse="2 rue Basse")
    archive = a_lieu(bureau.session, bureau.org, "Ancienne", archive_le=clock.now())
    vrai, faux = moved(bureau, rdv, bureau.lieu), moved(bureau, rdv, autre)
    assert "(lieu réservé aux référents)" in vrai
    assert faux == vrai
    bureau.session.get_one(Lieu, bureau.lieu).archive_le = clock.now()
    bureau.session.commit()
    for sent in (autre, archive, bureau.lieu, 999999):
        assert moved(bureau, rdv, sent) == vrai


def test_a_lieu_sent_by_who_may_not_read_it_is_left_alone_R11(bureau: Bureau, rdv: int) -> None:
    autre = a_lieu(bureau.session, bureau.org, "Annexe", adresse="2 rue Basse")
    assert bureau.move(rdv, heure="16:00", lieu=str(autre)).status_code == 303
    assert bureau.row(rdv).lieu_id == bureau.lieu
    assert bureau.move(rdv, heure="16:00", lieu=str(autre)).status_code == 303
    assert "Rien n’a changé" in bureau.page(rdv)


def test_the_action_itself_leaves_the_lieu_alone_R11(bureau: Bureau, rdv: int) -> None:
    autre = a_lieu(bureau.session, bureau.org, "Annexe")
    contexte, row, le = a_contexte(bureau.session, bureau.agent, bureau.org), bureau.row(rdv), clock.now()
    saisie = SaisieRdv(row.agent_id, row.motif_id, autre, row.debut, 45, False)
    avis = sign(judge_move(bureau.session, contexte, row, saisie, le).previsions, b"s")
    assert avis == sign(
        judge_move(bureau.session, contexte, row, replace(saisie, lieu_id=bureau.lieu), le).previsions, b"s"
    )
    assert move_rdv(bureau.session, contexte, rdv, saisie, 1, Reponses(avis), secret=b"s", le=le)
    assert (bureau.row(rdv).duree, bureau.row(rdv).lieu_id) == (45, bureau.lieu)


def test_a_referent_moves_the_lieu(bureau: Bureau) -> None:
    usager = bureau.person(protegee=True)
    a_referent(bureau.session, usager, bureau.agent, bureau.org)
    rdv, autre = bureau.made(usager), a_lieu(bureau.session, bureau.org, "Annexe", adresse="2 rue Basse")
    assert "2 rue Basse" in moved(bureau, rdv, autre)
    assert bureau.move(rdv, lieu=str(autre)).status_code == 303
    assert bureau.session.scalars(select(Lieu.nom).where(Lieu.id == bureau.row(rdv).lieu_id)).one() == "Annexe"
    assert champ(bureau.page(rdv), "version") == "2"
