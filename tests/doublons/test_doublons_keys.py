"""The keys under which fiches of one person meet (R6)."""

import pytest

from fiches.doublons import keys

ALIKE = [
    ("thierry", "tierri"), ("philippe", "filipe"), ("dupont", "dupond"), ("gautier", "gauthier"),
    ("christophe", "kristof"), ("martin", "martain"), ("rousseau", "rousso"), ("emmanuelle", "emanuelle"),
    ("jerome", "gerome"), ("wassim", "ouassim"), ("djamila", "jamila"), ("thomas", "toma"), ("georges", "george"),
    ("camille", "camile"), ("bernard", "bernar"), ("caillaud", "caillot"), ("quentin", "kantin"),
    ("dubas", "dubasse"), ("violet", "violette"), ("dumasse", "dumas"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_names_that_sound_alike_have_one_phonetic_key_R6(a: str, b: str) -> None:
    assert keys.phonetic(a) == keys.phonetic(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("martin", "bertin"),
        ("simon", "simone"),
        ("louis", "louise"),
        ("henri", "henriette"),
        ("leo", "lea"),
        ("paul", "paulo"),
    ],
)
def test_names_that_do_not_sound_alike_have_two(a: str, b: str) -> None:
    assert keys.phonetic(a) != keys.phonetic(b)


def test_a_phonetic_key_has_at_most_ten_signs() -> None:
    assert len(keys.phonetic("abcdefghijklmnopqrstuvwxyz" * 8)) <= 10


def test_a_deletion_is_each_word_with_one_letter_less_of_words_over_three_letters() -> None:
    assert keys.deletions("dupo") == {"upo", "dpo", "duo", "dup"}
    assert keys.deletions("leo") == set()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Manu", "Emmanuel"), ("Mohammed", "Mohamed"), ("Jean-Ma", "Jean-Marc"), ("Fred", "Frédérique"),
        ("Kathy", "Catherine"), ("Youcef", "Youssef"), ("jean manu", "Jean-Emmanuel"), ("JP", "Jean-Pierre"),
    ],
)  # fmt: skip
def test_short_forms_and_spellings_stand_for_their_first_name_R6(a: str, b: str) -> None:
    assert keys.first_name_forms(a) & keys.first_name_forms(b)


def test_a_short_form_may_stand_for_several_first_names() -> None:
    assert {"alexandre", "alexandra"} <= keys.first_name_forms("Alex")


@pytest.mark.parametrize("nom", ["INCONNU", "X", "xxx", "Inconnue", "N.C.", "néant", "Non renseigné", "", None, "—"])
def test_what_stands_for_a_missing_name_is_no_word(nom: str | None) -> None:
    assert keys.tokens(nom) == ()
    assert keys.surname_words(nom) == ()
    assert keys.first_name_words(nom) == ()


def test_a_compound_surname_is_filed_whole_and_by_its_parts() -> None:
    assert keys.surname_words("Lécuyer-Delatour") == ("lecuyerdelatour", "lecuyer", "delatour")


@pytest.mark.parametrize(
    ("nom", "mot"), [("El Amrani", "amrani"), ("de la Tour", "tour"), ("Ben Salah", "salah"), ("D’Artois", "artois")]
)
def test_a_surname_is_filed_without_its_particle_too_R6(nom: str, mot: str) -> None:
    assert mot in keys.surname_words(nom)


def test_a_particle_glued_to_the_typed_surname_is_taken_off_R6() -> None:
    assert "amrani" in keys.looked_up_surnames(["Elamrani"])


@pytest.mark.parametrize("nom", ["O", "Y", "Ng", "A" * 200, "محمد", "Παπαδόπουλος", "Иванова", "Nguyễn", "😀", "Å"])
def test_every_other_name_is_filed_under_something_short_enough(nom: str) -> None:
    mots = keys.surname_words(nom)
    assert mots
    assert all(0 < len(m) <= keys.MOT_MAXIMUM for m in mots)


def test_a_missing_name_is_the_empty_word_of_the_pair() -> None:
    assert keys.pairs(["Dupont"], [None]) == (("dupont", ""),)
    assert keys.pairs([None], ["Sukarno"]) == (("", "sukarno"),)
    assert keys.pairs(["INCONNU"], ["X"]) == (("", ""),)


def test_the_fullest_pair_comes_first_and_their_number_is_limited() -> None:
    paires = keys.pairs(["Le Goff-Martin Dubois"] * 3 + ["Petit", "Grand-Jean"], ["Jean-Marie Pierre", "Manu"])
    assert paires[0] == ("legoffmartindubois", "jeanmariepierre")
    assert len(paires) <= keys.PAIRES_MAXIMUM


def test_exact_keys_are_those_of_identite_and_empty_ones_are_left_out() -> None:
    assert keys.exact_keys("1984-03-14", ["Jean.D+caf@exemple.fr"], ["+33611223344"], "VA-001 b") == (
        ("naissance", "1984-03-14"),
        ("email", "jeand@exemple.fr"),
        ("telephone", "11223344"),
        ("dossier", "va001b"),
    )
    assert keys.exact_keys(None, [], []) == ()
