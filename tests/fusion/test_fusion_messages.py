"""What waits in the outbox after a merge is what the preview said (F5, F8, F16, F23, F24, R22, R28)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from fiches.comptes.models import AccesCompte
from fiches.db import transaction
from fiches.fusion.apercu import show_plan
from fiches.fusion.plan import PlanFusion, plan_fusion
from fiches.fusion.queries import read_fusion
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.plan import waiting_after
from fiches.notifications.rules import Genre
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from tests.builders import MAINTENANT, a_lien, a_rdv, a_usager, an_organisation
from tests.fusion.fabrique import AUCUN, des_cotes
from tests.fusion.scene import Scene, a_compte, a_scene, write

UN, DEUX, FIXE = "+33611111111", "+33622222222", "+33385000000"
PLUS_TARD = MAINTENANT + timedelta(days=10)


def announced(scene: Scene, *usagers: int, genre: Genre = Genre.NOUVEAU, **tout: Any) -> int:
    rdv = a_rdv(scene.session, tout.pop("org", scene.org), scene.agent, *usagers, **{"debut": PLUS_TARD} | tout)
    tell(scene, rdv, genre)
    return rdv


def tell(scene: Scene, rdv: int, genre: Genre) -> None:
    with transaction(scene.session):
        outbox.announce(scene.session, rdv, genre, MAINTENANT)


def change(scene: Scene, modele: Any, *conditions: Any, **valeurs: Any) -> None:
    with transaction(scene.session):
        scene.session.execute(update(modele).where(*conditions).values(**valeurs))


def rows(scene: Scene, etat: str) -> list[tuple[Any, ...]]:
    colonnes = (Message.rdv_id, Message.usager_id, Message.genre, Message.canal, Message.evenement, Message.du_le)
    scene.session.rollback()
    return sorted(tuple(r) for r in scene.session.execute(select(*colonnes).where(Message.etat == etat)))


def previewed(plan: PlanFusion) -> list[tuple[Any, ...]]:
    """What the plan says will wait."""
    return sorted(
        (e.rdv.id, a.usager_id, a.genre, a.canal, a.evenement, a.du_le)
        for e in plan.messages.envois
        for a in waiting_after(e.rdv, e.lignes, MAINTENANT)
    )


def shown(scene: Scene, a: int, b: int, choix: Any = AUCUN) -> Any:
    lecture = read_fusion(scene.session, scene.contexte, a, b, MAINTENANT)
    return show_plan(lecture, plan_fusion(lecture, choix, MAINTENANT), MAINTENANT).messages


def lost(scene: Scene) -> dict[str, set[int]]:
    """Who lost a message, by reason."""
    scene.session.rollback()
    perdus: dict[str, set[int]] = {}
    for raison, usager in scene.session.execute(select(Message.raison, Message.usager_id).filter_by(etat="abandon")):
        perdus.setdefault(raison, set()).add(usager)
    return perdus


def test_F24_equal_messages_become_one_and_the_others_change_hands(scene):
    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org, telephone=DEUX)
    commun, seul = announced(scene, a, b), announced(scene, b, debut=PLUS_TARD + timedelta(days=1))
    plan, _ = scene.preview(a, b)
    scene.merge(a, b)
    assert rows(scene, "attente") == previewed(plan)
    assert {(r, u, g, c) for r, u, g, c, _, _ in rows(scene, "attente")} == {
        (rdv, a, genre, "sms") for rdv in (commun, seul) for genre in ("nouveau", "rappel")
    }
    assert lost(scene) == {"double": {a}}


def test_F24_nobody_is_told_again_of_what_the_other_fiche_was_already_sent(scene):
    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org, telephone=DEUX)
    announced(scene, a, b)
    change(scene, Message, Message.usager_id == b, Message.genre == "nouveau", etat="envoye")
    change(scene, Message, Message.usager_id == b, Message.genre == "rappel", etat="envoi", reclame_par="w")
    scene.merge(a, b)
    assert rows(scene, "attente") == []
    assert lost(scene) == {"deja_dit": {a}}
    assert [r[1] for r in rows(scene, "envoi")] == [a]  # being sent: re-pointed and left alone


def test_R20_of_two_equal_messages_the_one_that_may_have_left_keeps_its_message_id(scene):
    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org, telephone=DEUX)
    announced(scene, a, b)
    change(scene, Message, Message.usager_id == b, Message.genre == "nouveau", texte="Un rendez-vous…")
    parti = scene.rows(Message, usager_id=b, genre="nouveau", canal="sms")[0].message_id
    scene.merge(a, b)
    assert [x.message_id for x in scene.rows(Message, genre="nouveau", etat="attente")] == [parti]


def test_F23_a_channel_whose_address_is_not_kept_gives_its_messages_up_with_the_reason(scene):
    a = a_usager(scene.session, scene.org, telephone=UN, email="a@x.test")
    b = a_usager(scene.session, scene.org)
    rdv = announced(scene, a)
    choix = des_cotes(telephone="b")
    montre = shown(scene, a, b, choix)
    assert [(m.canal, m.pourquoi) for m in montre.rdvs[0].messages if m.etat == "abandon"] == [
        ("sms", "aucun téléphone"),
        ("sms", "aucun téléphone"),
    ]
    scene.merge(a, b, choix)
    assert {(r, c) for r, _, _, c, _, _ in rows(scene, "attente")} == {(rdv, "email")}
    assert lost(scene) == {"sans_adresse": {a}}


def test_F22_the_usager_s_refusal_stops_what_waited_on_the_other_fiche(scene):
    a = a_usager(scene.session, scene.org, telephone=UN)
    b = a_usager(scene.session, scene.org, notif_sms=False, notif_sms_auteur="usager", notif_sms_le=MAINTENANT)
    announced(scene, a)
    scene.merge(a, b)
    assert (rows(scene, "attente"), lost(scene)) == ([], {"refuse": {a}})


def test_F24_an_address_gained_is_told_what_still_waits(scene):
    a = a_usager(scene.session, scene.org, telephone=UN)
    b = a_usager(scene.session, scene.org, email="b@x.test")
    announced(scene, a)
    plan, _ = scene.preview(a, b)
    scene.merge(a, b)
    assert {(g, c) for _, _, g, c, _, _ in rows(scene, "attente")} == {
        (g, c) for g in ("nouveau", "rappel") for c in ("sms", "email")
    }
    assert rows(scene, "attente") == previewed(plan)


def test_R21_an_address_that_said_not_me_stays_silent_on_the_result(scene):
    a = a_usager(scene.session, scene.org, telephone=UN)
    b = a_usager(scene.session, scene.org, telephone=UN)
    write(scene, AdresseAVerifier(usager_id=b, canal="sms", adresse=UN, le=MAINTENANT))
    announced(scene, a)
    scene.merge(a, b)
    assert (rows(scene, "attente"), lost(scene)) == ([], {"a_verifier": {a}})


def test_F12_messages_go_to_the_responsable_that_stays(scene):
    a, b, r, s = (a_usager(scene.session, scene.org, prenom=p, telephone=UN) for p in ("Léo", "Léo", "Ana", "Eva"))
    a_lien(scene.session, proche=a, responsable=r)
    a_lien(scene.session, proche=b, responsable=s)
    announced(scene, a)
    choix = des_cotes(responsable="b")
    plan, _ = scene.preview(a, b, choix)
    assert shown(scene, a, b).suspens
    assert {m.nom for m in shown(scene, a, b, choix).rdvs[0].messages if m.etat == "attente"} == {"Eva Dupont"}
    scene.merge(a, b, choix)
    assert {u for _, u, *_ in rows(scene, "attente")} == {s}
    assert rows(scene, "attente") == previewed(plan)
    assert lost(scene) == {"plus_concerne": {r}}


def test_F11_a_proche_s_messages_go_to_the_resulting_responsable(scene):
    a = a_usager(scene.session, scene.org, telephone=UN)
    b, p = a_usager(scene.session, scene.org, telephone=DEUX), a_usager(scene.session, scene.org, prenom="Léo")
    a_lien(scene.session, proche=p, responsable=b)
    announced(scene, p)
    scene.merge(a, b)
    assert {u for _, u, *_ in rows(scene, "attente")} == {a}
    assert lost(scene) == {}


def test_R26_a_link_past_its_end_tells_the_responsable_nothing(scene):
    a, b, r = (
        a_usager(scene.session, scene.org, prenom=p, telephone=t)
        for p, t in (("Léo", UN), ("Léo", None), ("Ana", DEUX))
    )
    a_lien(scene.session, proche=b, responsable=r)
    change(scene, LienProche, LienProche.proche_id == b, fin=date(2026, 11, 1))
    announced(scene, a)
    scene.merge(a, b)
    assert {u for _, u, *_ in rows(scene, "attente")} == {a}
    assert [x.responsable_id for x in scene.rows(LienProche)] == [r]


def test_R15_a_death_recorded_on_one_side_stays_is_warned_about_and_silences(scene):
    a = a_usager(scene.session, scene.org, telephone=UN)
    b = a_usager(scene.session, scene.org, decede_le=MAINTENANT)
    announced(scene, a)
    plan, _ = scene.preview(a, b)
    assert "décès" in plan.alertes[0]
    assert plan.ligne("deces").verrou
    scene.merge(a, b, confirmer=True)
    assert scene.usager(a).decede_le == MAINTENANT
    assert (rows(scene, "attente"), lost(scene)) == ([], {"decede": {a}})


def test_R15_a_merge_is_a_contact_nothing_waits_to_be_erased(scene):
    bientot = MAINTENANT + timedelta(days=5)
    a, b = a_usager(scene.session, scene.org, effacement_le=bientot), a_usager(scene.session, scene.org)
    scene.merge(a, b)
    assert [scene.usager(i).effacement_le for i in (a, b)] == [None, None]


def test_F16_a_cancellation_by_the_usager_holds_on_the_result_and_sends_nothing(scene):
    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org, telephone=DEUX)
    announced(scene, a, b)
    change(scene, Participation, Participation.usager_id == b, issue="excuse", excuse_par="usager")
    scene.merge(a, b)
    assert [(x.usager_id, x.issue, x.excuse_par) for x in scene.rows(Participation)] == [(a, "excuse", "usager")]
    assert rows(scene, "attente") == []


def test_R13_messages_of_another_service_s_rdvs_are_counted_and_not_told(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a = a_usager(scene.session, scene.org, autre, telephone=UN)
    b = a_usager(scene.session, scene.org, telephone=DEUX)
    announced(scene, a, org=autre)
    montre = shown(scene, a, b)
    assert (montre.rdvs, montre.ailleurs) == ((), "Et 2 messages pour des RDV d’autres services.")
    choix = des_cotes(telephone="")
    assert shown(scene, a, b, choix).ailleurs == "Et 2 qui ne partiront plus, pour des RDV d’autres services."
    scene.merge(a, b, choix)
    assert lost(scene) == {"sans_adresse": {a}}


def test_who_else_is_in_an_rdv_is_not_shown_where_nothing_changes_for_them(scene):
    a, b, c = (
        a_usager(scene.session, scene.org, prenom=p, telephone=f"+3361111111{i}")
        for i, p in enumerate(["Ana", "Ana", "Rose"])
    )
    announced(scene, a, c)
    assert {m.nom for m in shown(scene, a, b).rdvs[0].messages} == {"Ana Dupont"}


def test_F9_a_message_sent_since_the_preview_refuses_the_merge(scene):
    from fiches.fusion.refus import FusionPerimee

    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org)
    announced(scene, a)
    _, etat = scene.preview(a, b)
    change(scene, Message, Message.genre == "nouveau", etat="envoye")
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat=etat)


def test_F26_the_merge_counts_the_messages(scene):
    a, b = a_usager(scene.session, scene.org, telephone=UN), a_usager(scene.session, scene.org, email="b@x.test")
    announced(scene, b)
    plan, _ = scene.preview(a, b, des_cotes(email=""))
    assert {n: v for n, v in plan.bilan().items() if "message" in n} == {
        "messages": 0,
        "messages_abandonnes": 2,
        "messages_ajoutes": 2,
    }


# --- many shapes ---------------------------------------------------------------------------------------


def build(scene: Scene, data: st.DataObject) -> tuple[int, int]:
    """Two fiches with RDVs alone and in common, relatives, préférences, and an outbox in any state."""
    tire = data.draw
    telephones = st.sampled_from([None, UN, DEUX, FIXE])
    emails = st.sampled_from([None, "a@x.test", "b@x.test"])

    def person(prenom: str) -> int:
        auteur = tire(st.sampled_from(["agent", "usager"]))
        return a_usager(
            scene.session, scene.org, prenom=prenom, telephone=tire(telephones), email=tire(emails), index=False,
            notif_sms=tire(st.booleans()), notif_email=tire(st.booleans()), notif_sms_auteur=auteur,
            notif_sms_le=MAINTENANT, decede_le=tire(st.sampled_from([None, None, None, MAINTENANT])),
        )  # fmt: skip

    a, b, r, p, q = (person(nom) for nom in ("Ana", "Ana", "Rose", "Paul", "Lise"))
    for proche, responsable in tire(st.sampled_from([(), ((a, r),), ((b, r),), ((a, r), (b, q)), ((a, b),)])):
        a_lien(scene.session, proche=proche, responsable=responsable)
        fin = tire(st.sampled_from([None, date(2026, 11, 1), date(2030, 1, 1)]))
        change(scene, LienProche, LienProche.proche_id == proche, fin=fin)
    if tire(st.booleans()):
        a_lien(scene.session, proche=p, responsable=tire(st.sampled_from([a, b])))
    if tire(st.booleans()):
        write(scene, AdresseAVerifier(usager_id=b, canal="sms", adresse=UN, le=MAINTENANT))
    if tire(st.booleans()):
        a_compte(scene, tire(st.sampled_from([a, b])), f"c{a}@x.test")
    for _ in range(tire(st.integers(1, 3))):
        qui = tire(st.lists(st.sampled_from([a, b, p, q]), min_size=1, max_size=4, unique=True))
        jours = tire(st.sampled_from([1, 3, 10]))
        rdv = announced(scene, *qui, debut=MAINTENANT + timedelta(days=jours, hours=qui[0] % 7))
        _live(scene, data, rdv, qui)
    return a, b


def _live(scene: Scene, data: st.DataObject, rdv: int, qui: list[int]) -> None:
    """What may have happened to an RDV since it was announced."""
    tire = data.draw
    for message in scene.rows(Message, rdv_id=rdv):
        etat = tire(st.sampled_from(["attente", "attente", "envoye", "envoi", "echec"]))
        change(scene, Message, Message.id == message.id, etat=etat)
    match tire(st.sampled_from(["", "", "moved", "cancelled", "excused", "quiet"])):
        case "moved":
            change(scene, Rdv, Rdv.id == rdv, debut=PLUS_TARD + timedelta(days=1))
            tell(scene, rdv, Genre.DEPLACE)
        case "cancelled":
            change(scene, Rdv, Rdv.id == rdv, annule_le=MAINTENANT)
            tell(scene, rdv, Genre.ANNULE)
        case "excused":
            change(scene, Participation, Participation.rdv_id == rdv, Participation.usager_id == qui[0], issue="excuse")
        case "quiet":
            change(scene, Rdv, Rdv.id == rdv, ne_pas_prevenir=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_R28_what_waits_after_the_merge_is_what_the_preview_said(session, data):
    session.rollback()
    scene = a_scene(session)
    a, b = build(scene, data)
    ids = sorted(scene.session.scalars(select(Rdv.id).where(Rdv.organisation_id == scene.org)))

    def of_here(etat: str) -> list[tuple[Any, ...]]:
        return [r for r in rows(scene, etat) if r[0] in ids]

    tire = data.draw
    choix = des_cotes(
        **{n: tire(st.sampled_from(["a", "b"])) for n in ("telephone", "email", "responsable", "notif_sms")}
    )
    miroir = des_cotes(**{n: {"a": "b", "b": "a"}[min(c)] for n, c in choix.gardes.items()})
    plan, _ = scene.preview(a, b, choix)
    autre, _ = scene.preview(b, a, miroir)
    assert plan.messages == autre.messages
    avant = {etat: of_here(etat) for etat in ("attente", "envoye", "envoi", "echec", "abandon")}
    touches = set(plan.messages.rdv_ids)
    scene.merge(a, b, choix, confirmer=True)
    assert [r for r in of_here("attente") if r[0] in touches] == previewed(plan)
    assert [r for r in of_here("attente") if r[0] not in touches] == [
        r for r in avant["attente"] if r[0] not in touches
    ]
    for etat in ("envoye", "envoi", "echec"):  # nothing is sent, and what left stays as it was
        assert len(of_here(etat)) == len(avant[etat])
    perdus = scene.session.execute(select(Message.rdv_id, Message.raison).filter_by(etat="abandon"))
    assert all(raison for rdv, raison in perdus if rdv in ids)
    assert plan.absorbe.id not in {r[1] for etat in avant for r in of_here(etat)}
    assert scene.session.scalars(select(AccesCompte.usager_id).filter_by(usager_id=plan.absorbe.id)).all() == []
