"""What holds for every merge, whatever the fiches and the ticks (R28, F21, F22)."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from fiches.fusion.etat import COTES, Choix, other
from fiches.fusion.jeton import sign
from fiches.fusion.lignes import CHAMPS_DE_LIGNE
from fiches.fusion.plan import plan_fusion
from fiches.usagers.champs import COLONNES
from tests.fusion.fabrique import (
    DEBUT,
    des_preferences,
    un_changement,
    un_compte,
    un_lien,
    une_fiche,
    une_lecture,
    une_note,
    une_presence,
)

TEXTES = {
    "date_naissance": ["1984", "1984-03-14", "1985-03-14"],
    "telephone": ["+33611111111", "+33622222222"],
    "telephone_2": ["+33611111111", "+33633333333"],
    "email": ["a@x.test", "b@x.test"],
    "nombre_enfants": [0, 2],
}
NOMS = ["Dupont", "DUPONT", "Durand"]
CHOIX_DE_LIGNE = [*CHAMPS_DE_LIGNE, "remarques", "responsable", "compte", "notif_email", "notif_sms", "rdv_100"]
preferences = st.builds(
    des_preferences, st.booleans(), st.booleans(), st.sampled_from(["agent", "usager"]), st.none() | st.integers(1, 9)
)


@st.composite
def fiches(draw, id):
    valeurs = {nom: draw(st.none() | st.sampled_from(TEXTES.get(nom, NOMS))) for nom in COLONNES}
    valeurs["nom"] = draw(st.sampled_from(NOMS))
    return une_fiche(
        id,
        anciennete=draw(st.integers(0, 2)),
        prefs=draw(preferences),
        identite=draw(st.sampled_from(["agent", "agent", "declaree", "franceconnect"])),
        email_tiers=draw(st.booleans()),
        changements={n: un_changement(draw(st.integers(1, 3))) for n in draw(st.sets(st.sampled_from(COLONNES)))},
        notes=draw(st.sampled_from([(), (une_note("Un"),), (une_note(f"Note {id}", jour=id),)])),
        responsable=draw(st.sampled_from([None, un_lien(8), un_lien(9)])),
        proches=draw(st.sampled_from([(), (un_lien(10 + id),)])),
        compte=draw(st.sampled_from([None, un_compte(id, "invite"), un_compte(id)])),
        presences=draw(st.sampled_from([(), (une_presence(id, 100, "vu"),), (une_presence(id, 100, "absent"),)])),
    )


lectures = st.builds(une_lecture, fiches(id=1), fiches(id=2))
choix = st.dictionaries(
    st.sampled_from(CHOIX_DE_LIGNE), st.frozensets(st.sampled_from(COTES)), max_size=len(CHOIX_DE_LIGNE)
).map(Choix)


@settings(max_examples=120, deadline=None)
@given(lectures, choix)
def test_R28_swapping_the_sides_and_mirroring_the_ticks_gives_the_same_fiche(lecture, ticks):
    miroir = Choix({n: frozenset(other(c) for c in cotes) for n, cotes in ticks.gardes.items()})
    un, autre = plan_fusion(lecture, ticks, DEBUT), plan_fusion(une_lecture(lecture.b, lecture.a), miroir, DEBUT)
    assert un.survivant.id == autre.survivant.id
    assert dataclasses.replace(un.fiche, refus=()) == dataclasses.replace(autre.fiche, refus=())
    assert un.preferences.preferences == autre.preferences.preferences
    assert un.unions.notes == autre.unions.notes
    assert (un.liens.responsable, un.liens.retires) == (autre.liens.responsable, autre.liens.retires)
    assert un.rdvs.issues == autre.rdvs.issues
    assert sorted(un.refus, key=repr) == sorted(autre.refus, key=repr)


@settings(max_examples=120, deadline=None)
@given(lectures, choix)
def test_the_result_invents_nothing_and_loses_no_ticked_value(lecture, ticks):
    plan = plan_fusion(lecture, ticks, DEBUT)
    a, b, obtenu = lecture.a.valeurs, lecture.b.valeurs, plan.fiche.valeurs
    telephones = {f[n] for f in (a, b) for n in ("telephone", "telephone_2")}
    for nom in COLONNES:
        possibles = telephones if nom.startswith("telephone") else {a[nom], b[nom]}
        assert obtenu[nom] is None or obtenu[nom] in possibles
    if plan.refus:
        return
    for nom, noms in CHAMPS_DE_LIGNE.items():
        ligne = plan.ligne(nom)
        for cote in ligne.coches if ligne else ():
            for champ in noms:
                garde = [obtenu["telephone"], obtenu["telephone_2"]] if nom.startswith("tele") else [obtenu[champ]]
                assert lecture.cote(cote).valeurs[champ] in [*garde, None]


@settings(max_examples=80, deadline=None)
@given(lectures, choix)
def test_F22_an_usager_s_refusal_is_never_switched_on_and_a_lock_never_lost(lecture, ticks):
    obtenu = plan_fusion(lecture, ticks, DEBUT).preferences.preferences
    pa, pb = lecture.a.preferences, lecture.b.preferences
    assert obtenu.locked == (pa.locked or pb.locked)
    for p in (pa, pb):
        if p.locked:
            assert not (obtenu.email.active and not p.email.active)
            assert not (obtenu.sms.active and not p.sms.active)


@settings(max_examples=80, deadline=None)
@given(lectures, choix)
def test_every_value_given_up_that_can_be_searched_stays_findable(lecture, ticks):
    plan = plan_fusion(lecture, ticks, DEBUT)
    gardes = set(plan.fiche.valeurs.values()) | {valeur for _, valeur in plan.fiche.contacts_anciens}
    for fiche in (lecture.a, lecture.b):
        for nom in ("email", "telephone", "telephone_2"):
            assert fiche.valeurs[nom] in gardes or fiche.valeurs[nom] is None


@settings(max_examples=60, deadline=None)
@given(lectures, choix, choix)
def test_F9_the_token_is_bound_to_the_ticks_that_hold(lecture, un, autre):
    pu, pa = plan_fusion(lecture, un, DEBUT), plan_fusion(lecture, autre, DEBUT)
    memes = pu.choix_faits() == pa.choix_faits()
    assert (sign(lecture, pu, b"s") == sign(lecture, pa, b"s")) == memes
