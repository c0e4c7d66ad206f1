"""Understanding a search, and marking what matched (R12)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.usagers.requete import DEBUT, EXACT, PROCHE, Requete, key_prefix_telephone, mark, match_mot, parse_requete

JOUR = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("q", "lu"),
    [
        ("dupond jea", Requete(mots=("dupond", "jea"), bruts=("dupond", "jea"))),
        ("Lécuyer-Delatour", Requete(mots=("lecuyer", "delatour"), bruts=("Lécuyer-Delatour",))),
        ("14/03/1984 Martin", Requete(mots=("martin",), bruts=("Martin",), naissance="1984-03-14")),
        ("06 11 22", Requete(telephone="061122", dossier="061122")),
        ("jean@exemple.fr", Requete(email="jean@exemple.fr")),
        ("VA-000031", Requete(dossier="VA-000031")),
        ("1984", Requete(annee="1984", dossier="1984")),
        ("#12", Requete(numero=12)),
        ("31/02/1990", Requete(dossier="31/02/1990")),
        ("  \x00 \ud800 ", Requete()),
        ("", Requete()),
    ],
)
def test_words_data_and_numbers_are_told_apart_in_any_order_R12(q: str, lu: Requete) -> None:
    assert parse_requete(q, JOUR) == lu


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
