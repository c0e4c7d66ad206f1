"""One RDV: moving, cancelling, outcomes, and two people at once (R14, R16, R19)."""

import re
from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fiches import clock
from fiches.dates import instant_of
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import Message
from fiches.notifications.tentatives import LIBELLES_PANNE, Panne
from fiches.rdvs.models import Participation, Rdv
from tests.builders import a_lien, a_lieu, a_motif, a_rdv, a_usager, an_agent, an_organisation
from tests.rdvs.bureau import Bureau, champ, jour, plain


def actes(bureau: Bureau) -> list[str]:
    bureau.session.rollback()
    return list(bureau.session.scalars(select(EntreeJournal.acte).order_by(EntreeJournal.id)))


def waiting(bureau: Bureau, etat: str = "attente") -> set[tuple[str, str]]:
    bureau.session.rollback()
    return {(g, c) for g, c in bureau.session.execute(select(Message.genre, Message.canal).filter_by(etat=etat))}


def sent(bureau: Bureau) -> None:
    bureau.session.execute(update(Message).where(Message.genre != "rappel").values(etat="envoye"))
    bureau.session.commit()


def test_moving_an_rdv_tells_the_new_hour_and_re_dates_the_reminder_R19(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    response = bureau.move(rdv, date=jour(20).isoformat(), heure="14h")
    assert response.status_code == 303
    assert bureau.row(rdv).debut == instant_of(jour(20), time(14))
    assert (bureau.row(rdv).evenement, bureau.row(rdv).version) == (1, 2)
    assert waiting(bureau) == {(g, c) for g in ("deplace", "rappel") for c in ("email", "sms")}
    assert actes(bureau)[-1] == "rdv_deplace"
    assert "RDV déplacé" in bureau.page(rdv)


def test_an_rdv_moved_as_its_silence_is_lifted_tells_the_new_hour_once_R18_R19(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    bureau.move(rdv, ne_pas_prevenir=["non", "oui"])
    assert waiting(bureau) == set()
    assert bureau.move(rdv, heure="14h", ne_pas_prevenir="non").status_code == 303
    assert bureau.row(rdv).evenement == 1
    assert waiting(bureau) == {(g, c) for g in ("nouveau", "rappel") for c in ("email", "sms")}
    sent(bureau)
    bureau.move(rdv, ne_pas_prevenir=["non", "oui"])
    bureau.move(rdv, ne_pas_prevenir="non")
    assert waiting(bureau) == {("rappel", "email"), ("rappel", "sms")}
    assert bureau.row(rdv).evenement == 1


def test_another_agent_or_duration_alone_tells_nobody_anything_new(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    assert bureau.move(rdv, agent=str(an_agent(bureau.session, bureau.org)), duree="45").status_code == 303
    assert waiting(bureau) == {("rappel", "email"), ("rappel", "sms")}
    assert bureau.row(rdv).evenement == 0


def test_the_page_says_why_a_message_failed_and_to_whom_R20(bureau: Bureau) -> None:
    ailleurs = an_organisation(bureau.session, territoire_id=1)
    mere = a_usager(bureau.session, ailleurs, prenom="Odile", email="odile@exemple.test")
    enfant = bureau.person(prenom="Léonie", email=None, telephone=None)
    a_lien(bureau.session, proche=enfant, responsable=mere)
    rdv = bureau.made(enfant)
    echec = {"etat": "echec", "raison": Panne.ADRESSE_REFUSEE}
    bureau.session.execute(update(Message).where(Message.genre != "rappel").values(**echec))
    bureau.session.commit()
    page = plain(bureau.page(rdv))
    assert "par e-mail à Odile Dupont" in page
    assert f"échec : {LIBELLES_PANNE[Panne.ADRESSE_REFUSEE]}" in page


def test_another_place_is_told(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    assert bureau.move(rdv, lieu=str(a_lieu(bureau.session, bureau.org, "Annexe"))).status_code == 303
    assert ("deplace", "email") in waiting(bureau)


def test_an_rdv_that_stops_being_silent_is_announced(bureau: Bureau) -> None:
    muet = a_motif(bureau.session, bureau.org, "Muet", visibilite="visible")
    rdv = bureau.made(bureau.person(), motif=muet)
    assert waiting(bureau) == set()
    assert bureau.move(rdv, motif=str(bureau.motif)).status_code == 303
    assert ("nouveau", "email") in waiting(bureau)


def test_saving_unchanged_changes_nothing(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    assert bureau.move(rdv).status_code == 303
    assert bureau.row(rdv).version == 1
    assert actes(bureau) == ["rdv_pris"]


def test_a_stale_move_is_refused_with_both_values_shown_R14(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    page = bureau.page(rdv)
    bureau.move(rdv, heure="16:00")
    data = bureau.typed(heure="11:00", version=champ(page, "version"), rdv=str(rdv))
    response = bureau.client.post(bureau.address(f"/{rdv}"), data=data | {"avis": champ(bureau.preview(data), "avis")})
    lue = plain(response.get_data(as_text=True))
    assert response.status_code == 409
    assert 'value="11:00"' in lue
    assert "Enregistré entre-temps :</strong> 16:00" in lue
    assert bureau.row(rdv).debut == instant_of(jour(), time(16))
    data |= {"version": champ(lue, "version"), "avis": champ(lue.split('id="apercu"')[1], "avis")}
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=data).status_code == 303


def test_moving_asks_and_refuses_as_making_does(bureau: Bureau) -> None:
    zoe, rdv = bureau.person(prenom="Zoé"), bureau.made(bureau.person())
    bureau.made(zoe, heure="15:00")
    for values, code in (
        ({"heure": "15:10"}, 422),
        ({"date": "31/02/2027"}, 422),
        ({"date": (clock.today() - timedelta(days=2)).isoformat()}, 422),
        ({"motif": "999999"}, 422),
        ({"duree": "0"}, 422),
        ({"avis": ""}, 422),
        ({"avis": "invented"}, 409),
        ({"heure": "15:10", "confirmer": "agent"}, 303),
    ):
        response = bureau.move(rdv, **{"heure": "15:00"} | values if "avis" in values else values)
        assert response.status_code == code, values


def test_the_tick_of_an_rdv_that_moves_onto_another_speaks_of_both(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    bureau.made(bureau.person(prenom="Zoé"), heure="15:00")
    page = bureau.move(rdv, heure="15:10").get_data(as_text=True)
    assert "Garder quand même les deux RDV" in page
    assert "Prendre quand même" not in page


def test_what_an_rdv_has_stays_choosable_once_archived(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    from fiches.rdvs.models import Lieu, Motif

    bureau.session.execute(update(Motif).values(archive_le=clock.now()))
    bureau.session.execute(update(Lieu).values(archive_le=clock.now()))
    bureau.session.commit()
    assert bureau.move(rdv, heure="16:00").status_code == 303


def test_cancelling_tells_drops_the_reminder_and_twice_is_harmless_R19(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    assert bureau.cancel(rdv).status_code == 303
    assert waiting(bureau) == {("annule", "email"), ("annule", "sms")}
    row = bureau.row(rdv)
    assert (row.annule_raison, row.evenement) == ("service", 1)
    assert bureau.cancel(rdv).status_code == 303
    assert bureau.row(rdv).evenement == 1
    assert actes(bureau) == ["rdv_pris", "rdv_annule"]
    assert "annulé par le service" in plain(bureau.page(rdv))


def test_a_cancelling_before_the_announcement_left_says_so_R19_R22(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    page = plain(bureau.client.get(bureau.address(f"/{rdv}/annuler")).get_data(as_text=True))
    assert "n’avait pas encore été annoncé" in page


def test_cancelling_may_tell_nobody_and_needs_its_own_preview_R18_R22(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    sent(bureau)
    page = bureau.client.get(bureau.address(f"/{rdv}/annuler")).get_data(as_text=True)
    assert bureau.client.post(bureau.address(f"/{rdv}/annuler")).status_code == 422
    autre = bureau.client.post(
        bureau.address(f"/{rdv}/annuler"), data={"avis": champ(page, "avis"), "ne_pas_prevenir": ["non", "oui"]}
    )
    assert autre.status_code == 409  # the preview said that people would be told
    assert bureau.row(rdv).annule_le is None
    assert bureau.cancel(rdv, ne_pas_prevenir=["non", "oui"]).status_code == 303
    assert waiting(bureau) == set()


def test_a_cancelled_rdv_neither_moves_nor_takes_outcomes(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    page = bureau.page(rdv)
    data = bureau.typed(rdv=str(rdv), version=champ(page, "version"), heure="16:00")
    data |= {"avis": champ(bureau.preview(data), "avis")}
    participation = re.findall(r'data-participation="(\d+)"', page)[0]
    bureau.cancel(rdv)
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=data).status_code == 409
    issue = {f"issue_{participation}": "excuse", "version": champ(page, "version")}
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=issue).status_code == 409


def test_outcomes_are_given_one_by_one_once_it_began_R16(bureau: Bureau) -> None:
    gens = [bureau.person(), bureau.person(), bureau.person()]
    rdv = a_rdv(bureau.session, bureau.org, bureau.agent, *gens, debut=clock.now() - timedelta(hours=1))
    assert "à renseigner" in bureau.page(rdv)
    assert bureau.give(rdv, "vu", "absent", "").status_code == 303
    bureau.session.rollback()
    issues = bureau.session.scalars(select(Participation.issue).order_by(Participation.id)).all()
    assert issues == ["vu", "absent", None]
    assert actes(bureau) == ["rdv_statut", "rdv_statut"]
    assert bureau.give(rdv, "", "absent", "").status_code == 303  # taken back
    bureau.session.rollback()
    assert bureau.session.scalars(select(Participation.issue).order_by(Participation.id)).first() is None


@pytest.mark.parametrize("issue", ["vu", "absent", "invente"])
def test_before_the_start_one_can_only_excuse(bureau: Bureau, issue: str) -> None:
    rdv = bureau.made(bureau.person())
    assert bureau.give(rdv, issue).status_code == 422
    bureau.session.rollback()
    assert bureau.session.scalars(select(Participation.issue)).one() is None


def test_an_excused_participant_is_no_longer_reminded_and_taking_it_back_reminds_again_R19(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    assert bureau.give(rdv, "excuse").status_code == 303
    assert waiting(bureau) == set()
    assert bureau.give(rdv, "").status_code == 303
    assert ("rappel", "email") in waiting(bureau)


def test_an_rdv_that_everybody_left_does_not_come_back_on_an_hour_given_away(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    bureau.give(rdv, "excuse")
    autre = bureau.made(bureau.person(prenom="Zoé"))
    response = bureau.give(rdv, "")
    assert response.status_code == 422
    assert "Zoé" in response.get_data(as_text=True)
    bureau.cancel(autre)
    assert bureau.give(rdv, "").status_code == 303


def test_outcomes_from_an_old_page_are_refused_R14(bureau: Bureau) -> None:
    rdv = bureau.made(bureau.person())
    page = bureau.page(rdv)
    bureau.move(rdv, heure="16:00")
    participation = re.findall(r'data-participation="(\d+)"', page)[0]
    data = {f"issue_{participation}": "excuse", "version": champ(page, "version")}
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=data).status_code == 409
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=data | {"version": "x"}).status_code == 409


def test_an_outcome_for_somebody_of_another_rdv_changes_nothing(bureau: Bureau) -> None:
    rdv, autre = bureau.made(bureau.person()), bureau.made(bureau.person(), heure="15")
    etranger = re.findall(r'data-participation="(\d+)"', bureau.page(autre))[0]
    data = {f"issue_{etranger}": "excuse", "version": "1"}
    assert bureau.client.post(bureau.address(f"/{rdv}"), data=data).status_code == 303
    bureau.session.rollback()
    assert set(bureau.session.scalars(select(Participation.issue))) == {None}


def test_another_service_finds_no_rdv_at_any_address(app: Flask, bureau: Bureau, session: Session) -> None:
    rdv = bureau.made(bureau.person())
    ailleurs = an_organisation(session)
    an_agent(session, ailleurs, email="ailleurs@exemple.test")
    client = bureau.sign_in("ailleurs@exemple.test")
    for org in (bureau.org, ailleurs):
        racine = f"/organisations/{org}/rdvs/{rdv}"
        for fin in ("", "/annuler", ".ics", "/avis/1"):
            assert client.get(racine + fin).status_code == 404
        for fin in ("", "/annuler"):
            assert client.post(racine + fin, data={"issue_1": "excuse"}).status_code == 404
        data = bureau.typed(rdv=str(rdv))
        assert client.post(f"/organisations/{org}/rdvs/apercu", data=data).status_code == 404
    assert client.get(bureau.address()).status_code == 404


def test_the_diary_shows_a_day_and_a_week_in_the_order_of_the_hour(bureau: Bureau) -> None:
    zoe, lea = bureau.person(prenom="Zoé", nom="Goff"), bureau.person(prenom="Léa", nom="Blin")
    bureau.made(lea, heure="15:00")
    bureau.made(zoe, heure="9:00")
    autre = an_agent(bureau.session, bureau.org)
    bureau.made(bureau.person(prenom="Max", nom="Roy"), agent=autre)
    for vue in ("jour", "semaine"):
        page = bureau.client.get(bureau.address(f"?vue={vue}&jour={jour().isoformat()}")).get_data(as_text=True)
        assert page.index("Zoé Goff") < page.index("Léa Blin")
        assert "Max Roy" not in page
        page = bureau.client.get(bureau.address(f"?vue={vue}&jour={jour().isoformat()}&agent="))
        assert page.get_data(as_text=True).index("Max Roy") < page.get_data(as_text=True).index("Léa Blin")
    for absurde in ("jour=x", "jour=9999-12-31", "jour=0001-01-01", "vue=mois", "agent=999999", "agent=x"):
        assert bureau.client.get(bureau.address(f"?{absurde}")).status_code == 200


def test_rdvs_of_another_service_are_not_in_the_diary(bureau: Bureau, session: Session) -> None:
    autre = an_organisation(session)
    usager = a_usager(session, autre, nom="Ailleurs")
    a_rdv(session, autre, bureau.agent, usager, debut=instant_of(jour(), time(9)))
    page = bureau.client.get(bureau.address(f"?jour={jour().isoformat()}&agent=")).get_data(as_text=True)
    assert "Ailleurs" not in page
    assert session.scalar(select(Rdv.id)) is not None
