"""R34: whatever the bytes, the file is refused with a sentence or its bad lines are told apart."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.echanges.lecture import FichierRefuse, read_table

ENTETE = "prenom;nom;ville\n"


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separateur", [",", ";"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_r34_encodings_separators_and_line_ends_are_recognised(encodage: str, separateur: str, fin: str) -> None:
    lignes = ("prenom;nom;ville", "Zoé;L’Hôte;Mâcon", "", '"Anne; Marie";Œuf;"Cluny"')
    texte = fin.join(lignes).replace(";", separateur) + fin
    table = read_table(texte.encode(encodage))
    assert table.colonnes == ("prenom", "nom", "ville")
    assert [(ligne.numero, ligne.cellules, ligne.motif) for ligne in table.lignes] == [
        (2, ("Zoé", "L’Hôte", "Mâcon"), None),
        (4, (f"Anne{separateur} Marie", "Œuf", "Cluny"), None),
    ]


@pytest.mark.parametrize(
    ("octets", "mot"),
    [
        (b"", "vide"),
        (b"\n  \r\n\n", "vide"),
        (b"\xef\xbb\xbf", "vide"),
        (ENTETE.encode("utf-16"), "UTF-16"),
        (ENTETE.encode("utf-16-le"), "UTF-16"),
        (ENTETE.encode("utf-32-be"), "UTF-16"),
        (b"\x00" * 400, "UTF-16"),
        (b"PK\x03\x04" + bytes(range(1, 200)), "classeur"),
        (b'"prenom;nom\nA;B\n', "premi\u00e8re ligne"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_in_words(octets: bytes, mot: str) -> None:
    with pytest.raises(FichierRefuse, match=mot):
        read_table(octets)


def test_one_spoiled_byte_does_not_spoil_the_accents_of_the_rest() -> None:
    table = read_table(ENTETE.encode() + "Zoé;Dupré;Mâcon\n".encode() + b"Ren\xe9;Dupont;Dole\n")
    assert table.lignes[0].cellules == ("Zoé", "Dupré", "Mâcon")
    assert table.lignes[1].cellules[0] == "Ren\udce9"


@pytest.mark.parametrize(
    "ligne",
    ['"Jean;Dupont;Dole', 'Jean;"Dup" ont;Dole', '"' * 7, '"Jean;Dupont;' + "x" * 150_000, "x" * 1_000_000],
)
def test_an_unreadable_line_is_told_and_reading_goes_on_behind_it(ligne: str) -> None:
    table = read_table(f"{ENTETE}A;B;C\n{ligne}\nMarie;Curie;Dole\n".encode())
    numeros = {brute.numero: brute for brute in table.lignes}
    assert numeros[2].motif is None
    assert numeros[3].motif
    assert len(numeros[3].cellules) == 3
    assert max(map(len, numeros[3].cellules)) <= 1_001
    assert (numeros[4].motif, numeros[4].cellules) == (None, ("Marie", "Curie", "Dole"))


def test_a_quoted_cell_may_run_over_lines_and_the_number_is_that_of_its_first_line() -> None:
    table = read_table(f'{ENTETE}A;B;"un\ndeux ""trois"" ; quatre"\nC;D;E\n'.encode())
    assert [(brute.numero, brute.cellules[2]) for brute in table.lignes] == [
        (2, 'un\ndeux "trois" ; quatre'),
        (4, "E"),
    ]


@pytest.mark.parametrize(("ligne", "combien"), [("A;B", 2), ("A;B;C;D;E", 5), ("A", 1)])
def test_a_wrong_number_of_cells_is_told_and_no_cell_is_lost(ligne: str, combien: int) -> None:
    [brute] = read_table(f"{ENTETE}{ligne}\n".encode()).lignes
    assert brute.motif == f"Cette ligne a {combien} cellules, il en faut 3."
    assert ";".join(brute.cellules).rstrip(";") == ligne


def test_lines_without_any_content_are_left_out() -> None:
    assert read_table(f"{ENTETE};;\n  ; ;\n".encode()).lignes == ()


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_refusal(octets: bytes) -> None:
    for contenu in (octets, ENTETE.encode() + octets):
        try:
            table = read_table(contenu)
        except FichierRefuse as refus:
            assert str(refus).endswith(".")  # noqa: PT017
        else:
            assert all(len(brute.cellules) == len(table.colonnes) for brute in table.lignes)


def test_quotes_left_open_on_every_line_are_read_in_reasonable_time() -> None:
    table = read_table((ENTETE + '"Jean;Dupont;Dole\n' * 2_001).encode())
    assert len(table.lignes) >= 1


def test_a_long_file_is_read_in_time_that_grows_with_its_lines_and_no_faster() -> None:
    def cost(lignes: int) -> float:
        contenu = (ENTETE + "Jean;Dupont;Dole\n" * lignes).encode()
        debut = process_time()
        assert len(read_table(contenu).lignes) == lignes
        return process_time() - debut

    assert cost(80_000) < 24 * cost(10_000)  # eight times the lines; a quadratic reading costs 64 times
