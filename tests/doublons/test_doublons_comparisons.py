"""The level of likeness of each field, case by case (R6)."""

import pytest

from fiches.doublons.comparisons import (
    Niv,
    compare_addresses,
    compare_births,
    compare_emails,
    compare_first_names,
    compare_phones,
    compare_surnames,
    read_name,
)


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        ("Lécuyer", "LECUYER", Niv.EGAL),
        ("Le Goff", "le-goff", Niv.EGAL),
        ("Dupont", "Dupond", Niv.SON),
        ("Martin", "Marttin", Niv.SON),
        ("Besnard", "Bernard", Niv.FAUTE),
        ("Moreau", "Moerau", Niv.FAUTE),
        ("Lefebvre", "Lefebrue", Niv.FAUTES),
        ("Lécuyer-Delatour", "Delatour", Niv.PARTIE),
        ("El Amrani", "Amrani", Niv.PARTIE),
        ("Elamrani", "Amrani", Niv.PARTIE),
        ("de la Tour", "Tour", Niv.PARTIE),
        ("De Almeida", "De Sousa", Niv.DIFFERENT),
        ("Martin", "Dubois", Niv.DIFFERENT),
        ("Martin", None, Niv.INCONNU),
        ("INCONNU", "INCONNU", Niv.INCONNU),
    ],
)
def test_surnames(a: str | None, b: str | None, niveau: Niv) -> None:
    assert compare_surnames(read_name(a), read_name(b)) is niveau
    assert compare_surnames(read_name(b), read_name(a)) is niveau


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        ("Jean-Marc", "jean marc", Niv.EGAL),
        ("Thierry", "Tierri", Niv.SON),
        ("Camile", "Camille", Niv.SON),
        ("Manu", "Emmanuel", Niv.SURNOM),
        ("Mamadou", "Mohamed", Niv.DIFFERENT),
        ("Jean", "Jean-Marc", Niv.PARTIE),
        ("Manu", "Jean-Emmanuel", Niv.PARTIE),
        ("J.", "Jeanne", Niv.PARTIE),
        ("Oliv", "Olivier", Niv.PARTIE),
        ("Jena", "Jean", Niv.FAUTE),
        ("Lina", "Luna", Niv.FAUTE),
        ("Paul", "Luc", Niv.DIFFERENT),
        ("X", "Luc", Niv.INCONNU),
    ],
)
def test_first_names(a: str, b: str, niveau: Niv) -> None:
    assert compare_first_names(read_name(a), read_name(b)) is niveau
    assert compare_first_names(read_name(b), read_name(a)) is niveau


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        ("1984-03-14", "1984-03-14", Niv.EGAL),
        ("1984-03-12", "1984-12-03", Niv.INVERSE),
        ("1984-03-14", "1984-03-24", Niv.FAUTE),
        ("1984-03-14", "1984-03-15", Niv.FAUTE),
        ("1984-03-31", "1984-03-13", Niv.FAUTE),
        ("1984-03-14", "1948-03-14", Niv.FAUTE),
        ("1984-03-14", "1985-03-14", Niv.FAUTE),
        ("1984-03-14", "1984-08-29", Niv.ANNEE),
        ("1984", "1984-03-14", Niv.PARTIEL),
        ("1984-03", "1984", Niv.PARTIEL),
        ("1984-03", "1984-04-14", Niv.DIFFERENT),
        ("1984-03-14", "1962-11-02", Niv.DIFFERENT),
        ("1984-03-14", None, Niv.INCONNU),
    ],
)
def test_birth_dates(a: str, b: str | None, niveau: Niv) -> None:
    assert compare_births(a, b) is niveau
    assert compare_births(b, a) is niveau


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        (("+33611223344",), ("+33611223344",), Niv.EGAL),
        (("+33611223344",), ("+33612345678", "+33611223344"), Niv.EGAL),
        (("+33611223344",), ("+33611223345",), Niv.FAUTE),
        (("+33611223344",), ("+33611232344",), Niv.FAUTE),
        (("+33611223344",), ("+33711223344",), Niv.FAUTE),
        (("+33611223344",), ("+33698765432",), Niv.DIFFERENT),
        ((), ("+33698765432",), Niv.INCONNU),
    ],
)
def test_phones(a: tuple[str, ...], b: tuple[str, ...], niveau: Niv) -> None:
    assert compare_phones(a, b) is niveau


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        ("jean.dupont@exemple.fr", "jeandupont+caf@exemple.fr", Niv.EGAL),
        ("jean.dupont@exemple.fr", "jean.dupond@exemple.fr", Niv.FAUTE),
        ("jean.dupont@exemple.fr", "jean.dupont@autre.fr", Niv.FAUTE),
        ("jd@exemple.fr", "jd@autre.fr", Niv.DIFFERENT),
        ("jean.dupont@exemple.fr", "accueil@exemple.fr", Niv.DIFFERENT),
    ],
)
def test_emails(a: str, b: str, niveau: Niv) -> None:
    assert compare_emails([a], [b]) is niveau


def test_addresses_are_equal_in_normal_form_or_say_nothing_when_one_is_missing() -> None:
    assert compare_addresses(("3, rue des Lilas", "71100"), ("3 RUE DES LILAS", "71100")) is Niv.EGAL
    assert compare_addresses(("3 rue des Lilas", "71100"), ("5 rue des Lilas", "71100")) is Niv.DIFFERENT
    assert compare_addresses(("3 rue des Lilas", None), ("3 rue des Lilas", "71100")) is Niv.INCONNU
