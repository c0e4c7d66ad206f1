"""Understanding a search, and marking what matched (R12)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.usagers.amorce import group_particles
from fiches.usagers.jugement import DEBUT, EXACT, PROCHE, mark, match_mot
from fiches.usagers.requete import Donnee, is_too_short, key_prefix_telephone, near_dates, parse_requete

JOUR = date(2026, 11, 24)


def donnee(*lectures: tuple[str, str], champ: str | None = None, texte: str = "") -> Donnee:
    return Donnee(lectures, (champ, texte) if champ else None)


@pytest.mark.parametrize(
    ("q", "mots", "donnees"),
    [
        ("dupond jea", ("dupond", "jea"), ()),
        ("Lécuyer-Delatour", ("lecuyer", "delatour"), ()),
        ("jean@exemple.fr", (), (donnee(("email", "jean@exemple.fr"), champ="email", texte="jean@exemple.fr"),)),
        ("jean.d@", (), (donnee(("email", "jeand@"), champ="email", texte="jean.d@"),)),
        ("VA-000031", (), (donnee(("dossier", "va000031"), champ="numero_dossier", texte="VA-000031"),)),
        ("#12", (), (donnee(("numero", "12")),)),
        (
            "31/02/1990",
            (),
            (donnee(("dossier", "31021990"), champ="date_naissance", texte="31/02/1990"),),
        ),
        ("  \x00 \ud800 ", (), ()),
        ("", (), ()),
    ],
)
def test_words_data_and_numbers_are_told_apart_in_any_order_R12(
    q: str, mots: tuple[str, ...], donnees: tuple[Donnee, ...]
) -> None:
    lu = parse_requete(q, JOUR)
    assert (lu.mots, lu.donnees) == (mots, donnees)


@pytest.mark.parametrize(
    ("q", "naissance"),
    [
        ("14/03/1984 Martin", "1984-03-14"),
        ("09041976", "1976-04-09"),
        ("9.4.1976", "1976-04-09"),
        ("09 04 1976", "1976-04-09"),
        ("7/10/82", "1982-10-07"),
        ("7/10/12", "2012-10-07"),
        ("7 octobre 1982 Martin", "1982-10-07"),
        ("Martin 1er mars 1982", "1982-03-01"),
        ("10/1982", "1982-10"),
        ("1982", "1982"),
        ("avril 1982", "1982"),
        ("06 11 22 33 44 1982", "1982"),
        ("1982 06 11 22 33 44", "1982"),
        ("11223344", None),
        ("09/04", None),
    ],
)
def test_a_birth_date_is_read_as_people_type_it_R12(q: str, naissance: str | None) -> None:
    assert parse_requete(q, JOUR).first("naissance") == naissance


@pytest.mark.parametrize(
    ("q", "lectures"),
    [
        ("06 11 22", (("telephone", "1122"), ("dossier", "061122"))),
        ("06.11.22.33.44", (("telephone", "11223344"), ("dossier", "0611223344"))),
        ("1984", (("naissance", "1984"), ("dossier", "1984"))),
        ("11223344", (("telephone", "11223344"), ("dossier", "11223344"))),
        (
            "09041976",
            (("naissance", "1976-04-09"), ("telephone", "041976"), ("telephone", "09041976"), ("dossier", "09041976")),
        ),
    ],
)
def test_digits_that_may_be_several_things_are_read_as_each_of_them_R12(
    q: str, lectures: tuple[tuple[str, str], ...]
) -> None:
    assert [d.lectures for d in parse_requete(q, JOUR).donnees] == [lectures]


def test_the_dates_a_slip_away_exist_and_are_not_the_date_itself() -> None:
    proches = near_dates("1976-04-09")
    assert {"1976-09-04", "1976-04-19", "1967-04-09", "1976-04-08"} <= proches
    assert not proches & {"1976-04-09", "1950-02-19", "1976-44-09"}
    assert near_dates("1976-04") == frozenset()


@pytest.mark.parametrize(
    ("q", "court"), [("l", True), ("7", True), (" é ", True), ("#", True), ("#1", False), ("li", False)]
)
def test_less_than_two_letters_or_digits_is_no_search_R12(q: str, court: bool) -> None:
    assert is_too_short(q) is court


@pytest.mark.parametrize(
    ("q", "unites"),
    [
        ("Clara de la Tour", ["Clara", "de la Tour"]),
        ("El Amrani Nour", ["El Amrani", "Nour"]),
        ("Jean de", ["Jean", "de"]),
        ("", []),
    ],
)
def test_a_particle_stays_with_the_name_that_follows_it(q: str, unites: list[str]) -> None:
    assert group_particles(q.split()) == unites


@pytest.mark.parametrize(
    ("typed", "prefix"), [("0611", "11"), ("+33611", "11"), ("0033611", "11"), ("0611223344", "11223344"), ("06", "")]
)
def test_the_first_digits_of_a_phone_are_the_beginning_of_its_key(typed: str, prefix: str) -> None:
    assert key_prefix_telephone(typed) == prefix


@pytest.mark.parametrize(
    ("mot", "tokens", "rang"),
    [
        ("dupont", ["dupont"], EXACT),
        ("dup", ["dupont"], DEBUT),
        ("dupond", ["dupont"], PROCHE),
        ("lecuier", ["lecuyerdelatour", "lecuyer"], PROCHE),
        ("martin", ["dupont"], 0),
        ("x", [], 0),
    ],
)
def test_a_word_is_met_exactly_by_its_beginning_or_nearly(mot: str, tokens: list[str], rang: int) -> None:
    assert match_mot(mot, tokens)[0] == rang


def test_the_matched_part_is_marked_whatever_the_accents_R12() -> None:
    assert mark("Lécuyer-Delatour", ["lecu"]) == [("Lécu", True), ("yer", False), ("-", False), ("Delatour", False)]
    assert mark("Dupont", ["dupond"]) == [("Dupont", True)]
    assert mark("Œuvrard", ["oeuv"]) == [("Œuv", True), ("rard", False)]


@given(st.text(max_size=300), st.lists(st.text(alphabet="abcdé", max_size=6), max_size=3))
def test_marking_never_changes_the_text_and_parsing_never_fails(texte: str, mots: list[str]) -> None:
    assert "".join(part for part, _ in mark(texte, mots)) == texte
    parse_requete(texte, JOUR)
