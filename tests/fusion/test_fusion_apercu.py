"""The preview in words, and who newly sees what (PURE, F5, F23, R28)."""

from fiches.fusion.apercu import show_plan
from fiches.fusion.choix import announce, settle
from fiches.fusion.etat import Attache, Suivi
from fiches.fusion.plan import plan_fusion
from tests.fusion.fabrique import (
    DEBUT,
    des_cotes,
    des_preferences,
    un_compte,
    un_lien,
    un_plan,
    une_fiche,
    une_lecture,
    une_note,
    une_presence,
)


def rows(a, b, **coches):
    lecture = une_lecture(a, b)
    apercu = show_plan(lecture, plan_fusion(lecture, des_cotes(**coches), DEBUT), DEBUT)
    return {r.nom: (r.texte, r.precision) for r in (*apercu.champs, *apercu.liens, *apercu.notifications)}


def attache(id, nom):
    return Attache(id, nom, DEBUT, True)


def test_F5_common_rdvs_and_those_of_other_services_are_told():
    a = une_fiche(1, presences=(une_presence(1, 100),))
    b = une_fiche(2, presences=(une_presence(2, 100), une_presence(3, 101, jour=1, lisible=False)))
    assert rows(a, b)["rdvs"] == ("2", "1 en commun, gardé une seule fois, dont 1 d’une autre organisation")


def test_F13_the_resulting_role_is_shown_before():
    montre = rows(une_fiche(1, responsable=un_lien(9, "Rose Martin")), une_fiche(2, proches=(un_lien(7, "Léo"),)))
    assert (montre["responsable"][0], montre["proches"][0]) == ("Rose Martin", "Léo")


def test_F20_the_compte_that_goes_is_told():
    montre = rows(une_fiche(1, compte=un_compte(7)), une_fiche(2, compte=un_compte(8)), compte="a")
    assert montre["compte"][0] == "compte7@exemple.test (compte actif)"
    assert "ce compte sera fermé" in montre["compte"][1]


def test_F23_a_channel_without_address_is_not_shown_as_accepted():
    montre = rows(une_fiche(1, email="j@x.test"), une_fiche(2), email="")
    assert montre["notif_email"] == ("oui", "aucune adresse")


def test_R18_a_lock_is_told_with_the_channel():
    montre = rows(une_fiche(1, prefs=des_preferences(True, False, "usager", 1), telephone="+33611111111"), une_fiche(2))
    assert montre["notif_sms"] == ("non", "choisi par l’usager")


def test_R28_a_service_that_knew_one_fiche_is_told_what_it_will_see():
    a = une_fiche(1, attaches=(attache(1, "MDS"),))
    b = une_fiche(2, email="j@x.test", attaches=(attache(1, "MDS"), attache(2, "PMI")), presences=(une_presence(1, 5),))
    assert un_plan(a, b).verront == ()
    a = une_fiche(1, attaches=(attache(3, "CCAS"),))
    assert un_plan(a, b).verront == ("CCAS verra désormais : e-mail, 1 RDV de plus.",)


def test_R11_référents_gained_by_a_fiche_protégée_are_told():
    b = une_fiche(2, suivis=(Suivi(5, 1, "Anne Roy"),))
    assert "Anne Roy" in un_plan(une_fiche(1, protegee=True), b).verront[0]


def test_R28_a_change_of_tick_is_said_aloud():
    a, b = une_fiche(1, nom="Dupont"), une_fiche(2, nom="Dupond")
    plan = un_plan(a, b, nom="b")
    assert announce({"nom": "a"}, plan) == "Nom : Dupond."
    assert announce({"nom": "b"}, plan) == ""
    assert announce({"nom": "a"}, un_plan(a, b, nom="")) == "Nom : rien n’est gardé. Un point arrête la fusion."


def test_a_second_tick_replaces_the_first_only_where_one_can_be_kept():
    lecture = une_lecture(
        une_fiche(1, nom="Un", notes=(une_note("A"),)), une_fiche(2, nom="Deux", notes=(une_note("B"),))
    )
    plan, redessinees = settle(lecture, des_cotes(nom="ab", remarques="ab"), {"nom": "a", "remarques": "a"}, DEBUT)
    assert [ligne.nom for ligne in redessinees] == ["nom"]
    assert plan.fiche.valeurs["nom"] == "Deux"
    assert plan.ligne("remarques").coches == {"a", "b"}
