"""The imaginary population: deterministic, believable, with every error of R6 and look-alike of R7."""

from collections import Counter
from datetime import date

import pytest

from fiches.demo.erreurs import ERREURS
from fiches.demo.personnes import Enregistrement
from fiches.demo.population import make_population
from fiches.identite import parse_date_naissance, parse_email, parse_telephone, takes_sms
from fiches.usagers.champs import CHAMP, COLONNES, read_champ

JOUR = date(2026, 11, 24)


@pytest.fixture(scope="module")
def population() -> list[Enregistrement]:
    return list(make_population(3_000, 5, JOUR))


def test_the_same_seed_makes_the_same_population_and_another_seed_another(population: list[Enregistrement]) -> None:
    assert list(make_population(3_000, 5, JOUR)) == population
    assert list(make_population(3_000, 6, JOUR)) != population


def test_ranks_follow_each_other_and_references_point_backwards(population: list[Enregistrement]) -> None:
    assert [e.rang for e in population] == list(range(3_000))
    for e in population:
        for rang in (e.original, e.responsable, e.piege_avec):
            assert rang is None or rang < e.rang


def test_r3_every_value_is_already_clean(population: list[Enregistrement]) -> None:
    for e in population:
        for nom in COLONNES:
            valeur = getattr(e, nom, None)
            if valeur is not None:
                assert read_champ(CHAMP[nom], str(valeur), JOUR) == valeur, (nom, valeur)
        assert parse_email(e.email) == e.email
        assert parse_telephone(e.telephone) == e.telephone
        assert parse_date_naissance(e.date_naissance, JOUR) == e.date_naissance


def test_small_populations_reach_nobody_phones_for_fiction_and_domains_that_do_not_exist(
    population: list[Enregistrement],
) -> None:
    for e in population:
        for telephone in (e.telephone, e.telephone_2):
            assert telephone is None or telephone.startswith(("+3363998", "+3335301"))
        assert e.email is None or e.email.endswith(".test")
    assert takes_sms("+33639981234")


@pytest.mark.parametrize("taille", [350, 3_000])
def test_r6_every_kind_of_error_occurs(taille: int) -> None:
    erreurs = Counter(e.erreur for e in make_population(taille, 71, JOUR) if e.original is not None)
    assert set(erreurs) == set(ERREURS)


def test_r6_a_duplicate_is_the_same_person_and_no_other_record_is(population: list[Enregistrement]) -> None:
    for e in population:
        if e.original is None:
            assert e.personne == e.rang
        else:
            assert e.personne == population[e.original].personne
    part = sum(e.original is not None for e in population) / len(population)
    assert 0.1 < part < 0.16


def test_r7_every_kind_of_look_alike_occurs(population: list[Enregistrement]) -> None:
    pieges = Counter(e.piege for e in population)
    assert set(pieges) == {None, "conjoints", "fratrie", "jumeaux", "parent_enfant", "homonymes"}


def test_r7_twins_share_surname_and_birth_date_but_not_the_first_name(population: list[Enregistrement]) -> None:
    for e in (e for e in population if e.piege == "jumeaux"):
        autre = population[e.piege_avec or 0]
        assert (e.nom, e.date_naissance, e.foyer) == (autre.nom, autre.date_naissance, autre.foyer)
        assert e.prenom != autre.prenom


def test_r7_homonyms_have_the_same_names_and_other_birth_dates(population: list[Enregistrement]) -> None:
    for e in (e for e in population if e.piege == "homonymes"):
        autre = population[e.piege_avec or 0]
        assert (e.prenom, e.nom) == (autre.prenom, autre.nom)
        assert e.date_naissance is None or e.date_naissance != autre.date_naissance


def test_r26_children_have_a_responsable_of_their_household(population: list[Enregistrement]) -> None:
    enfants = [e for e in population if e.responsable is not None]
    assert len(enfants) > 200
    assert all(population[e.responsable or 0].foyer == e.foyer for e in enfants)


def test_names_are_as_frequent_as_in_france() -> None:
    noms = Counter(e.nom for e in make_population(40_000, 3, JOUR, part_doublons=0))
    assert noms.most_common(1)[0][0] == "Martin"
    assert 0.002 < noms["Martin"] / 40_000 < 0.005
    assert len(noms) > 6_000


def test_without_a_share_of_duplicates_there_is_none() -> None:
    assert all(e.original is None for e in make_population(500, 1, JOUR, part_doublons=0))
