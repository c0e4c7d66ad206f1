"""R34: which columns a CSV may have, and why a line is rejected."""

from datetime import date

import pytest

from fiches.echanges.lecture import FichierRefuse, LigneBrute
from fiches.echanges.rules import CHAMPS_CSV, LigneBonne, LigneRejetee, check_colonnes, key_dossier, read_ligne

JOUR = date(2026, 11, 24)


def _read(**cellules: str) -> LigneBonne | LigneRejetee:
    toutes = {"prenom": "Marie", "nom": "Curie"} | cellules
    return read_ligne(tuple(toutes), LigneBrute(2, tuple(toutes.values())), JOUR)


@pytest.mark.parametrize(
    ("colonnes", "attendu"),
    [
        (("prenom", "nom", "couleur"), "Colonne inconnue : « couleur »"),
        (("prenom", "nom", ""), "sans nom"),
        (("prenom", "nom", "email", "email"), "Colonne présente deux fois : « email »"),
        (("prenom", "email"), "Colonne obligatoire absente : « nom »"),
        (("id", "email"), "« prenom », « nom »"),
        (("Jeanne", "Dupont", "06 12 34 56 78"), "La première ligne doit donner les noms des colonnes"),
    ],
)
def test_r34_a_wrong_header_is_refused_with_the_column(colonnes: tuple[str, ...], attendu: str) -> None:
    with pytest.raises(FichierRefuse, match=attendu) as refus:
        check_colonnes(colonnes)
    assert "Jeanne" not in str(refus.value)


def test_every_column_of_an_export_is_taken_in_any_order() -> None:
    check_colonnes(("id", *CHAMPS_CSV))
    check_colonnes((*reversed(CHAMPS_CSV), "id", "ligne", "motif"))


def test_r3_values_are_cleaned_like_those_of_a_form() -> None:
    ligne = _read(
        nom=" dupont  moreau ",
        date_naissance="14/03/1984",
        telephone="06 39 98 12 34",
        email=" Marie@Exemple.FR ",
        remarques="un\r\ndeux",
        notif_sms="non",
        notif_email="OUI",
        responsable_id="12",
        id="n’importe quoi",
    )
    assert isinstance(ligne, LigneBonne)
    assert ligne.saisie.valeurs == {
        "prenom": "Marie",
        "nom": "dupont moreau",
        "date_naissance": "1984-03-14",
        "telephone": "+33639981234",
        "email": "marie@exemple.fr",
        "remarques": "un\ndeux",
    }
    assert (ligne.saisie.notif_email, ligne.saisie.notif_sms, ligne.responsable_id) == (True, False, 12)


@pytest.mark.parametrize(
    ("cellules", "champ"),
    [
        ({"prenom": "  "}, "Prénom"),
        ({"nom": ""}, "Nom"),
        ({"nom": "x" * 201}, "Nom"),
        ({"nom": "???"}, "Nom"),
        ({"prenom": "Ma\x00rie"}, "Prénom"),
        ({"prenom": "Ma\x07rie"}, "Prénom"),
        ({"date_naissance": "31/02/1984"}, "Date de naissance"),
        ({"date_naissance": "01/01/1801"}, "Date de naissance"),
        ({"date_naissance": "01/01/2030"}, "Date de naissance"),
        ({"telephone": "06 12 34"}, "Téléphone"),
        ({"email": "pas d’adresse"}, "E-mail"),
        ({"nombre_enfants": "-1"}, "Nombre d’enfants"),
        ({"nombre_enfants": "beaucoup"}, "Nombre d’enfants"),
        ({"nombre_enfants": "1_0"}, "Nombre d’enfants"),
        ({"code_postal": "inconnu ?"}, "Code postal"),
        ({"logement": "château"}, "Logement"),
        ({"notif_email": "peut-être"}, "notif_email"),
        ({"responsable_id": "-1"}, "responsable_id"),
        ({"responsable_id": "9" * 5000}, "responsable_id"),
        ({"responsable_id": "٣"}, "responsable_id"),
    ],
)
def test_r3_an_impossible_value_rejects_the_line_by_the_field_and_without_the_value(
    cellules: dict[str, str], champ: str
) -> None:
    ligne = _read(**cellules)
    assert isinstance(ligne, LigneRejetee)
    assert f"{champ} : " in ligne.motif
    [valeur] = cellules.values()
    assert len(valeur.strip()) < 3 or valeur not in ligne.motif


def test_every_field_at_fault_is_told_at_once() -> None:
    ligne = _read(email="x", telephone="1")
    assert isinstance(ligne, LigneRejetee)
    assert "E-mail : " in ligne.motif
    assert "Téléphone : " in ligne.motif


def test_what_is_no_text_in_the_encoding_rejects_the_line_even_in_an_ignored_column() -> None:
    assert isinstance(_read(prenom="Ren\udce9"), LigneRejetee)
    assert isinstance(_read(id="\udce9"), LigneRejetee)


def test_r1_a_newborn_and_a_single_name_come_back_by_their_flags() -> None:
    assert isinstance(_read(prenom="", prenom_pas_encore_donne="oui"), LigneBonne)
    assert isinstance(_read(nom="", nom_unique="oui"), LigneBonne)
    assert isinstance(_read(prenom="", prenom_pas_encore_donne="non"), LigneRejetee)


def test_numeros_de_dossier_are_compared_as_written_case_and_spaces_aside() -> None:
    assert key_dossier("VA-12 ") == key_dossier("va-12")
    assert key_dossier("1-23") != key_dossier("12-3")
    assert key_dossier(None) == ""


def test_a_refusal_names_few_columns_however_many_there_are() -> None:
    for noms in (("",) * 100_000, tuple(f"colonne{n}" for n in range(100_000))):
        with pytest.raises(FichierRefuse) as refus:
            check_colonnes(("prenom", "nom", *noms))
        assert len(str(refus.value)) < 1_000
        assert "et 99995 autres" in str(refus.value)
