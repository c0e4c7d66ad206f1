"""What makes an agent stop and think, and what they may not read (F4, F8, F20, R10, R28)."""

import pytest

from fiches.fusion.alertes import RIEN_EN_COMMUN
from fiches.fusion.apercu import show_plan
from fiches.fusion.etat import NomAncien, Suivi
from fiches.fusion.lignes import FERME
from fiches.fusion.plan import plan_fusion
from tests.fusion.fabrique import DEBUT, des_cotes, un_changement, un_compte, un_lien, un_plan, une_fiche, une_lecture

UN, DEUX = "+33611111111", "+33622222222"


def rows(a, b, **coches):
    lecture = une_lecture(a, b)
    apercu = show_plan(lecture, plan_fusion(lecture, des_cotes(**coches), DEBUT), DEBUT)
    return {r.nom: (r.texte, r.precision) for r in (*apercu.champs, *apercu.liens, *apercu.notifications)}


# --- clearly two people (F8) ----------------------------------------------------------------------


def test_F8_names_with_nothing_in_common_ask_for_a_confirmation():
    assert RIEN_EN_COMMUN in un_plan(une_fiche(1), une_fiche(2, prenom="Karim", nom="Belaïd")).alertes


def test_F8_a_missing_first_name_brings_nobody_closer():
    assert RIEN_EN_COMMUN in un_plan(une_fiche(1), une_fiche(2, prenom=None, nom="Belaïd")).alertes


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({}, {"nom": "Belaïd"}),
        ({}, {"prenom": "Karim", "nom": "Dupond"}),
        ({}, {"prenom": "Dupont", "nom": "Jeanne"}),
        ({"nom_naissance": "Belaïd"}, {"prenom": "Karim", "nom": "Belaid"}),
        ({"anciens_noms": (NomAncien(1, None, "Belaïd"),)}, {"prenom": "Karim", "nom": "Belaïd"}),
        ({"date_naissance": "1984-03-14"}, {"prenom": "Karim", "nom": "Belaïd", "date_naissance": "1984-03-14"}),
        ({"email": "j@x.test"}, {"prenom": "Karim", "nom": "Belaïd", "email": "J@x.test"}),
        ({"telephone": UN}, {"prenom": "Karim", "nom": "Belaïd", "telephone": DEUX, "telephone_2": UN}),
    ],
)
def test_F8_one_thing_in_common_is_enough_to_be_spared_this_warning(a, b):
    assert RIEN_EN_COMMUN not in un_plan(une_fiche(1, **a), une_fiche(2, **b)).alertes


# --- two spellings (F4) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "pauvre", "riche"),
    [
        ("nom", "DEOLIVEIRA", "De Oliveira"),
        ("prenom", "STEVEN", "Steven"),
        ("prenom", "helene", "Hélène"),
        ("nom_naissance", "Le Goff", "Le Gôff"),
        ("prenom", "Jeanpierre", "Jean-Pierre"),
        ("ville", "MACON", "Mâcon"),
    ],
)
def test_F4_of_two_spellings_the_fuller_one_is_kept_even_when_the_other_is_newer(nom, pauvre, riche):
    a = une_fiche(1, anciennete=9, changements={nom: un_changement(9)}, **{nom: pauvre})
    b = une_fiche(2, changements={nom: un_changement(1)}, **{nom: riche})
    ligne = un_plan(a, b).ligne("adresse" if nom == "ville" else nom)
    assert (ligne.coches, ligne.raison) == ({"b"}, "plus complet")


def test_F4_neither_spelling_is_fuller_when_each_says_something_more():
    a = une_fiche(1, prenom="HÉLÈNE", changements={"prenom": un_changement(1)})
    b = une_fiche(2, prenom="Helene", changements={"prenom": un_changement(9)})
    assert un_plan(a, b).ligne("prenom").raison == "plus récent"


def test_F4_capitals_say_nothing_of_a_reference():
    a = une_fiche(1, numero_dossier="AB 12", changements={"numero_dossier": un_changement(9)})
    b = une_fiche(2, numero_dossier="ab12")
    assert un_plan(a, b).ligne("numero_dossier").raison == "plus récent"


def test_F4_real_differences_still_go_to_the_most_recent_change():
    a = une_fiche(1, nom="DUPOND", changements={"nom": un_changement(9)})
    b = une_fiche(2, nom="Dupont", changements={"nom": un_changement(1)})
    assert un_plan(a, b).ligne("nom").coches == {"a"}


# --- a choice not yet made (F12, F20, R29) --------------------------------------------------------


def test_F20_with_two_active_comptes_nothing_is_said_before_the_choice():
    a, b = une_fiche(1, compte=un_compte(7)), une_fiche(2, compte=un_compte(8))
    assert rows(a, b)["compte"] == ("", "à choisir")
    assert rows(a, b, compte="ab")["compte"] == ("", "à choisir")
    assert not un_plan(a, b).survivant_connu
    assert un_plan(a, b, compte="b").survivant_connu
    assert un_plan(une_fiche(1), b).survivant_connu


def test_F12_with_two_responsables_the_preview_says_that_the_choice_is_needed():
    a, b = une_fiche(1, responsable=un_lien(8)), une_fiche(2, responsable=un_lien(9, "Rose Martin"))
    assert rows(a, b)["responsable"] == ("", "à choisir")
    assert rows(a, b, responsable="b")["responsable"] == ("Rose Martin", "")


# --- what this agent may not read (R10) -----------------------------------------------------------


def test_R10_a_closed_field_is_chosen_without_being_read():
    a = une_fiche(1, logement="locataire")
    b = une_fiche(2, logement="hébergé", fermes=("logement",))
    plan = un_plan(a, b, logement="b")
    assert (plan.ligne("logement").a, plan.ligne("logement").b) == ("locataire", FERME)
    assert plan.fiche.valeurs["logement"] == "hébergé"
    assert rows(a, b, logement="b")["logement"] == (FERME, "")
    assert [x.valeur for x in un_plan(a, b, logement="a").fiche.abandons] == [FERME]


def test_R10_the_readable_side_of_two_equal_values_is_read():
    a, b = une_fiche(1, logement="locataire"), une_fiche(2, logement="locataire", fermes=("logement",))
    assert rows(a, b)["logement"] == ("locataire", "")


def test_R10_référents_of_other_services_are_counted():
    a = une_fiche(1, suivis=(Suivi(5, 1, "Anne Roy"), Suivi(6, 2, "", lisible=False)))
    b = une_fiche(2, suivis=(Suivi(5, 2, "", lisible=False), Suivi(7, 2, "", lisible=False)))
    assert rows(a, b)["referents"] == ("Anne Roy", "et 2 d’autres services")


def test_R11_a_référent_of_another_service_is_not_named_either():
    b = une_fiche(2, suivis=(Suivi(5, 1, "", lisible=False), Suivi(6, 1, "", lisible=False)))
    assert un_plan(une_fiche(1, protegee=True), b).verront == (
        "2 référents d’autres services verront désormais le contact d’une fiche protégée.",
    )
