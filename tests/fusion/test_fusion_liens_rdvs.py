"""Relatives and RDVs in the plan of a merge (PURE, F11–F17)."""

from datetime import date

from fiches.fusion.etat import PaireLue, Personne
from fiches.fusion.plan import plan_fusion
from tests.fusion.fabrique import AUCUN, DEBUT, des_cotes, un_lien, un_plan, une_fiche, une_lecture, une_presence


def test_F11_the_result_has_the_proches_of_both():
    plan = un_plan(une_fiche(1, proches=(un_lien(7),)), une_fiche(2, proches=(un_lien(8), un_lien(9))))
    assert [lien.autre.id for lien in plan.liens.proches] == [7, 8, 9]


def test_F12_one_responsable_on_both_sides_gives_one_link():
    plan = un_plan(une_fiche(1, responsable=un_lien(9)), une_fiche(2, responsable=un_lien(9)))
    assert (plan.liens.garde, plan.liens.retires, plan.liens.refus) == ("a", (2,), ())


def test_F12_two_responsables_are_a_mandatory_choice():
    a, b = une_fiche(1, responsable=un_lien(8)), une_fiche(2, responsable=un_lien(9))
    assert [r.ligne for r in un_plan(a, b).refus] == ["responsable"]
    assert [r.ligne for r in un_plan(a, b, responsable="").refus] == ["responsable"]
    plan = un_plan(a, b, responsable="b")
    assert (plan.refus, plan.liens.responsable.autre.id, plan.liens.retires) == ((), 9, (1,))


def test_F12_a_responsable_on_one_side_may_be_left_out():
    plan = un_plan(une_fiche(1), une_fiche(2, responsable=un_lien(9)), responsable="")
    assert (plan.liens.responsable, plan.liens.retires) == (None, (2,))


def test_F14_a_link_that_would_point_at_itself_is_removed():
    plan = un_plan(une_fiche(1, responsable=un_lien(2)), une_fiche(2, proches=(un_lien(1),)))
    assert (plan.liens.soi, plan.liens.retires, plan.liens.proches) == (True, (1,), ())


def test_F13_a_minor_mother_stays_a_proche_and_a_responsable():
    plan = un_plan(une_fiche(1, responsable=un_lien(9)), une_fiche(2, proches=(un_lien(7),)))
    assert (plan.liens.responsable.autre.id, len(plan.liens.proches), plan.refus) == (9, 1, ())


def test_F15_a_loop_is_refused_with_the_names_in_the_chain():
    a = une_fiche(1, responsable=un_lien(9, "Paul Martin"))
    b = une_fiche(2, proches=(un_lien(9, "Paul Martin"),))
    lecture = une_lecture(a, b, ascendants={1: Personne(9, "Paul Martin"), 9: Personne(2, "Jeanne Dupont")})
    plan = plan_fusion(lecture, AUCUN, DEBUT)
    assert "Paul Martin" in plan.refus[0].texte
    assert not plan_fusion(lecture, des_cotes(responsable=""), DEBUT).refus


def test_F15_names_that_the_agent_may_not_read_are_left_out_of_the_chain():
    cache = Personne(9, "Paul Martin", visible=False)
    a = une_fiche(1, responsable=un_lien(9)), une_fiche(2)
    lecture = une_lecture(*a, ascendants={1: cache, 9: Personne(8, "X", visible=False), 8: Personne(2, "Jeanne")})
    assert "X" not in plan_fusion(lecture, AUCUN, DEBUT).refus[0].texte


def test_F16_a_common_rdv_is_kept_once_and_an_outcome_beats_none():
    a = une_fiche(1, presences=(une_presence(10, 100), une_presence(11, 101)))
    b = une_fiche(2, presences=(une_presence(20, 100, "vu"), une_presence(21, 102)))
    rdvs = un_plan(a, b).rdvs
    assert (rdvs.total, rdvs.communs, rdvs.retirees, rdvs.deplacees) == (3, 1, (20,), (21,))
    assert (rdvs.issues, rdvs.lignes) == (((10, "vu", None),), ())


def test_F16_two_outcomes_are_a_line_with_the_stronger_one_ticked():
    a = une_fiche(1, presences=(une_presence(10, 100, "excuse"),))
    b = une_fiche(2, presences=(une_presence(20, 100, "vu"),))
    assert un_plan(a, b).ligne("rdv_100").coches == {"b"}
    assert un_plan(a, b).rdvs.issues == ((10, "vu", None),)
    assert un_plan(a, b, rdv_100="a").rdvs.issues == ()
    assert [r.ligne for r in un_plan(a, b, rdv_100="ab").refus] == ["rdv_100"]


def test_F7_outcomes_of_another_service_follow_the_rule_without_being_shown():
    a = une_fiche(1, presences=(une_presence(10, 100, "absent", lisible=False),))
    b = une_fiche(2, presences=(une_presence(20, 100, "vu", lisible=False),))
    plan = un_plan(a, b)
    assert (plan.rdvs.lignes, plan.rdvs.issues, plan.rdvs.autres) == ((), ((10, "vu", None),), 1)


def test_F17_different_rdvs_at_the_same_time_speak_for_two_people():
    a, b = une_fiche(1, presences=(une_presence(10, 100),)), une_fiche(2, presences=(une_presence(20, 101),))
    assert "au même moment" in un_plan(a, b).alertes[0]


def test_F17_an_rdv_missed_cancelled_or_after_the_other_is_no_evidence():
    a = une_fiche(1, presences=(une_presence(10, 100), une_presence(11, 110, jour=1), une_presence(12, 120, jour=2)))
    b = une_fiche(
        2,
        presences=(
            une_presence(20, 101, "absent"),
            une_presence(21, 111, jour=1, annule=True),
            une_presence(22, 120, jour=2),
            une_presence(23, 130, jour=3),
        ),
    )
    assert un_plan(a, b).alertes == ()


def test_F8_a_shared_responsable_is_a_sign_even_past_the_end_of_a_link():
    finis = [un_lien(9, fin=date(2020, 1, 1)) for _ in range(2)]
    assert (
        "frères et sœurs" in un_plan(une_fiche(1, responsable=finis[0]), une_fiche(2, responsable=finis[1])).alertes[0]
    )


def test_R26_a_shared_tuteur_does_not_make_brothers_and_sisters():
    tuteur = un_lien(9, nature="professionnel")
    [alerte] = un_plan(une_fiche(1, responsable=tuteur), une_fiche(2, responsable=tuteur)).alertes
    assert ("même responsable" in alerte, "frères" in alerte) == (True, False)


def test_F16_who_excused_goes_with_the_outcome_and_the_usager_s_word_beats_a_death():
    a = une_fiche(1, presences=(une_presence(10, 100, "excuse", excuse_par="deces"),))
    b = une_fiche(2, presences=(une_presence(20, 100, "excuse", excuse_par="usager"),))
    assert un_plan(a, b).rdvs.issues == ((10, "excuse", "usager"),)


def test_F27_of_two_pairs_with_the_same_third_fiche_the_decided_one_stays():
    paires = (
        PaireLue(50, "a", 9, "ouvert", 0.9),
        PaireLue(51, "b", 9, "ecarte", 0.2),
        PaireLue(52, "b", 8, "ouvert", 0.5),
    )
    plan = plan_fusion(une_lecture(une_fiche(1), une_fiche(2), paires=paires), AUCUN, DEBUT)
    assert plan.paires.retirees == (50,)
