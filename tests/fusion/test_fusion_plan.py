"""The plan of a merge: lines, defaults, values, refusals (PURE)."""

import pytest

from fiches.fusion.lignes import Ecart
from tests.fusion.fabrique import (
    des_preferences,
    un_changement,
    un_compte,
    un_lien,
    un_plan,
    une_fiche,
    une_note,
)


def refus(plan):
    return [(r.ligne, r.texte) for r in plan.refus]


# --- lines and defaults (F3, F4) --------------------------------------------------------


def test_F3_lines_that_differ_come_first_then_similarities():
    plan = un_plan(
        une_fiche(1, nom="Dupont", email="j@exemple.test", ville="Mâcon"),
        une_fiche(2, nom="Dupond", ville="MACON"),
    )
    ordre = [(x.nom, x.ecart) for x in plan.lignes][:3]
    assert ordre == [("nom", Ecart.DIFFERENT), ("email", Ecart.UN_COTE), ("prenom", Ecart.IDENTIQUE)]
    assert plan.ligne("adresse").ecart is Ecart.ECRITURE


def test_F3_a_value_on_one_side_only_is_ticked_there():
    plan = un_plan(une_fiche(1), une_fiche(2, email="j@exemple.test"))
    assert plan.ligne("email").coches == {"b"}
    assert plan.fiche.valeurs["email"] == "j@exemple.test"


def test_F3_an_optional_value_with_neither_side_ticked_is_not_kept_and_told():
    plan = un_plan(une_fiche(1, ville="Mâcon"), une_fiche(2), adresse="")
    assert plan.fiche.valeurs["ville"] is None
    assert [(x.libelle, x.valeur) for x in plan.fiche.abandons] == [("Adresse", "Mâcon")]


@pytest.mark.parametrize("ligne", ["nom", "prenom"])
def test_F3_a_mandatory_name_with_neither_side_ticked_is_refused_on_its_line(ligne):
    plan = un_plan(une_fiche(1), une_fiche(2, nom="Dupond", prenom="Jeannine"), **{ligne: ""})
    assert [r.ligne for r in plan.refus] == [ligne]


def test_F3_two_spellings_with_none_ticked_keep_the_default():
    a, b = une_fiche(1, nom="Lecuyer"), une_fiche(2, nom="Lécuyer", changements={"nom": un_changement(3)})
    assert un_plan(a, b, nom="").fiche.valeurs["nom"] == "Lécuyer"
    assert un_plan(a, b, nom="a").fiche.valeurs["nom"] == "Lecuyer"


def test_two_ticks_on_an_either_or_line_are_asked_about():
    assert "nom" in [r.ligne for r in un_plan(une_fiche(1), une_fiche(2, nom="Dupond"), nom="ab").refus]


@pytest.mark.parametrize(
    ("a", "b", "cote", "raison"),
    [
        ({}, {"changements": {"nom": un_changement(1, par_usager=True)}}, "b", "choisi par l’usager"),
        (
            {"changements": {"nom": un_changement(9)}},
            {"changements": {"nom": un_changement(1, par_usager=True)}},
            "b",
            "choisi par l’usager",
        ),
        ({"changements": {"nom": un_changement(2)}}, {"changements": {"nom": un_changement(5)}}, "b", "plus récent"),
        ({"changements": {"nom": un_changement(2)}}, {}, "a", "plus récent"),
        ({}, {"anciennete": 3}, "b", "fiche la plus ancienne"),
        ({}, {}, "a", "fiche la plus ancienne"),
        (
            {"identite": "declaree", "changements": {"nom": un_changement(9, par_usager=True)}},
            {},
            "b",
            "l’autre identité est seulement déclarée",
        ),
    ],
)
def test_F4_the_default_follows_a_stated_rule(a, b, cote, raison):
    ligne = un_plan(une_fiche(1, nom="Dupont", **a), une_fiche(2, nom="Dupond", **b)).ligne("nom")
    assert (ligne.coches, ligne.raison) == ({cote}, raison)


def test_F4_a_recent_emptying_never_wins():
    vide = une_fiche(2, changements={"email": un_changement(30)})
    assert un_plan(une_fiche(1, email="j@exemple.test"), vide).fiche.valeurs["email"] == "j@exemple.test"


def test_F4_a_whole_birth_date_is_more_complete_than_its_year():
    a, b = une_fiche(1, date_naissance="1984"), une_fiche(2, date_naissance="1984-03-14")
    ligne = un_plan(a, b).ligne("date_naissance")
    assert (ligne.coches, ligne.raison) == ({"b"}, "plus complet")
    assert not un_plan(a, b).alertes


def test_R24_a_declared_identity_does_not_even_fill_an_empty_side_by_default():
    plan = un_plan(une_fiche(1), une_fiche(2, ville="Mâcon", identite="declaree"))
    assert plan.fiche.valeurs["ville"] is None
    assert [r.ligne for r in plan.refus] == ["identite_verifiee"]


def test_the_address_is_one_line_so_that_no_half_comes_from_each_side():
    a = une_fiche(1, adresse="3 rue Neuve", code_postal="71100", ville="Chalon")
    b = une_fiche(2, adresse="8 quai Sud", ville="Mâcon")
    valeurs = un_plan(a, b, adresse="b").fiche.valeurs
    assert (valeurs["adresse"], valeurs["code_postal"], valeurs["ville"]) == ("8 quai Sud", None, "Mâcon")


def test_caisse_and_numero_are_one_line():
    a = une_fiche(1, caisse_affiliation="CAF", numero_allocataire="111")
    b = une_fiche(2, caisse_affiliation="MSA")
    assert un_plan(a, b, caisse="b").fiche.valeurs["numero_allocataire"] is None


# --- names and flags --------------------------------------------------------------------


def test_R1_a_newborn_gets_the_first_name_that_the_other_fiche_knows():
    a = une_fiche(1, prenom=None, prenom_pas_encore_donne=True)
    plan = un_plan(a, une_fiche(2, prenom="Léa"))
    assert (plan.fiche.valeurs["prenom"], plan.fiche.prenom_pas_encore_donne) == ("Léa", False)
    assert not plan.refus


def test_F21_names_given_up_become_former_names_once():
    plan = un_plan(une_fiche(1, nom="Durand"), une_fiche(2, nom="Martin", nom_naissance="Durand"), nom="b")
    assert plan.fiche.noms_anciens == (("Jeanne", "Durand"),)
    assert un_plan(une_fiche(1, nom="Dupont"), une_fiche(2, nom="DUPONT"), nom="b").fiche.noms_anciens == ()


# --- phones and e-mail (F21) --------------------------------------------------------------

UN, DEUX, TROIS = "+33611111111", "+33622222222", "+33633333333"


def test_F21_the_ticked_phone_is_the_main_one_and_the_other_a_former_one():
    fiche = un_plan(une_fiche(1, telephone=UN), une_fiche(2, telephone=DEUX), telephone="b").fiche
    assert (fiche.valeurs["telephone"], fiche.valeurs["telephone_2"]) == (DEUX, None)
    assert fiche.contacts_anciens == (("telephone", UN),)


def test_F21_with_both_phones_ticked_the_survivor_s_is_the_main_one():
    a, b = une_fiche(1, telephone=UN), une_fiche(2, telephone=DEUX, anciennete=5)
    valeurs = un_plan(a, b, telephone="ab").fiche.valeurs
    assert (valeurs["telephone"], valeurs["telephone_2"]) == (DEUX, UN)


def test_F21_a_third_phone_is_refused_with_the_choice():
    a, b = une_fiche(1, telephone=UN, telephone_2=TROIS), une_fiche(2, telephone=DEUX)
    plan = un_plan(a, b, telephone="ab")
    assert [r.ligne for r in plan.refus] == ["telephone_2"]
    assert not un_plan(a, b, telephone="ab", telephone_2="").refus


def test_F21_the_same_number_in_both_places_is_kept_once():
    a, b = une_fiche(1, telephone=UN), une_fiche(2, telephone=DEUX, telephone_2=UN)
    plan = un_plan(a, b, telephone="ab")
    assert {plan.fiche.valeurs["telephone"], plan.fiche.valeurs["telephone_2"]} == {UN, DEUX}
    assert not plan.refus


def test_F21_of_two_emails_one_is_kept_and_the_other_becomes_a_former_address():
    fiche = un_plan(une_fiche(1, email="a@x.test"), une_fiche(2, email="b@x.test"), email="a").fiche
    assert (fiche.valeurs["email"], fiche.contacts_anciens) == ("a@x.test", (("email", "b@x.test"),))


# --- survivor, compte, identity (F6, F20) -----------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "survivant"),
    [
        ({}, {}, 1),
        ({}, {"anciennete": 1}, 2),
        ({"compte": un_compte(7)}, {"anciennete": 1}, 1),
        ({"compte": un_compte(7, "invite")}, {"anciennete": 1}, 2),
        ({"compte": un_compte(7, "invite")}, {"compte": un_compte(8)}, 2),
    ],
)
def test_F6_the_survivor_has_the_active_compte_else_is_the_older(a, b, survivant):
    assert un_plan(une_fiche(1, **a), une_fiche(2, **b)).survivant.id == survivant


def test_F6_the_earliest_creation_date_is_kept_whoever_survives():
    vieille = une_fiche(2, anciennete=9)
    plan = un_plan(une_fiche(1, compte=un_compte(7)), vieille)
    assert (plan.survivant.id, plan.fiche.cree_le) == (1, vieille.cree_le)


def test_F20_two_active_comptes_are_refused_until_one_is_chosen():
    a, b = une_fiche(1, compte=un_compte(7)), une_fiche(2, compte=un_compte(8))
    assert [r.ligne for r in un_plan(a, b).refus] == ["compte"]
    plan = un_plan(a, b, compte="b")
    assert not plan.refus
    assert (plan.survivant.id, plan.comptes.retire.id, plan.comptes.a_fermer) == (2, 7, True)


def test_F20_a_compte_that_opens_a_fiche_elsewhere_is_not_closed():
    a, b = une_fiche(1, compte=un_compte(7, ailleurs=1)), une_fiche(2, compte=un_compte(8))
    assert not un_plan(a, b, compte="b").comptes.a_fermer


def test_F20_two_identities_verified_by_franceconnect_are_refused():
    plan = un_plan(une_fiche(1, identite="franceconnect"), une_fiche(2, identite="franceconnect"))
    assert "FranceConnect" in plan.refus[0].texte


def test_F20_the_lines_of_a_verified_identity_are_locked():
    plan = un_plan(une_fiche(1, nom="Dupond"), une_fiche(2, identite="franceconnect"), nom="a")
    assert plan.ligne("nom").verrou
    assert plan.fiche.valeurs["nom"] == "Dupont"


# --- préférences (F22, R18) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "attendu", "verrou"),
    [
        (des_preferences(False, True, "usager", 1), des_preferences(), (False, True), True),
        (des_preferences(), des_preferences(False, True, "usager", 1), (False, True), True),
        (des_preferences(True, True, "usager", 1), des_preferences(False, False, "agent", 9), (True, True), True),
        (des_preferences(False, True, "usager", 1), des_preferences(True, False, "usager", 9), (False, False), True),
    ],
)
def test_F22_the_usager_beats_the_agent_and_the_refusal_wins_whatever_is_ticked(a, b, attendu, verrou):
    for coche in ("a", "b", "", "ab"):
        plan = un_plan(une_fiche(1, prefs=a), une_fiche(2, prefs=b), notif_email=coche, notif_sms=coche)
        obtenu = plan.preferences.preferences
        assert (obtenu.email.active, obtenu.sms.active) == attendu
        assert obtenu.locked is verrou
        assert not plan.refus


def test_F22_between_agents_the_ticked_line_holds_and_the_refusal_when_none_is():
    a, b = une_fiche(1, prefs=des_preferences(True)), une_fiche(2, prefs=des_preferences(False))
    assert un_plan(a, b, notif_email="a").preferences.preferences.email.active
    assert not un_plan(a, b, notif_email="b").preferences.preferences.email.active
    assert not un_plan(a, b, notif_email="").preferences.preferences.email.active


# --- remarques (F4) ------------------------------------------------------------------------------


def test_F4_remarques_of_one_service_are_joined_with_their_dates():
    plan = un_plan(
        une_fiche(1, notes=(une_note("Parle turc", jour=40),)), une_fiche(2, notes=(une_note("Malvoyante"),))
    )
    assert [n.texte for n in plan.unions.notes] == ["Au 05/01/2026 :\nMalvoyante\n\nAu 14/02/2026 :\nParle turc"]


def test_F4_remarques_of_two_services_stay_each_with_its_own():
    plan = un_plan(une_fiche(1, notes=(une_note("Un", 1),)), une_fiche(2, notes=(une_note("Deux", 2),)))
    assert [(n.organisation_id, n.texte) for n in plan.unions.notes] == [(1, "Un"), (2, "Deux")]


def test_R13_remarques_that_the_agent_may_not_read_are_not_shown_and_move_all_the_same():
    secret = une_note("Secret", 2, lisible=False)
    plan = un_plan(une_fiche(1, notes=(une_note("Un"),)), une_fiche(2, notes=(secret,)), remarques="")
    assert [n.texte for n in plan.unions.notes] == ["Secret"]
    assert "Secret" not in plan.ligne("remarques").b


# --- two people? (F8) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "mot"),
    [
        ({"date_naissance": "1984-03-14"}, {"date_naissance": "1985-03-14"}, "naissance diffèrent"),
        (
            {"prenom": "Léa", "date_naissance": "2020-01-01"},
            {"prenom": "Zoé", "date_naissance": "2020-01-01"},
            "jumeaux",
        ),
        ({"responsable": un_lien(2)}, {"proches": (un_lien(1),)}, "proche de l’autre"),
        ({"responsable": un_lien(9)}, {"responsable": un_lien(9)}, "même responsable"),
    ],
)
def test_F8_signs_of_two_people_ask_for_a_confirmation(a, b, mot):
    assert mot in " ".join(un_plan(une_fiche(1, **a), une_fiche(2, **b)).alertes)


def test_F8_nothing_is_asked_when_nothing_speaks_against():
    a = une_fiche(1, date_naissance="1984-03-14", prenom="Marie")
    assert un_plan(a, une_fiche(2, date_naissance="1984-03-14", prenom="Marie Claire")).alertes == ()


@pytest.mark.parametrize(
    ("un", "autre", "jumeaux"),
    [
        ("Léa", "Léo", True),
        ("Jean-Paul", "Jean-Pierre", True),
        ("Manu", "Emmanuel", False),
        ("Thierry", "Tierri", False),
        ("Marie", "Marie-Claire", False),
    ],
)
def test_F8_twins_are_told_from_one_first_name_written_twice(un, autre, jumeaux):
    a, b = (une_fiche(i, prenom=p, date_naissance="2020-01-01") for i, p in ((1, un), (2, autre)))
    assert bool(un_plan(a, b).alertes) is jumeaux
