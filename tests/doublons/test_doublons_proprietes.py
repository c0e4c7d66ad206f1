"""What holds whatever is typed: no text breaks the matching, and the order of a pair changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fiches.doublons import keys
from fiches.doublons.score import Niveau, Personne, judge

TEXTES = st.text(max_size=200) | st.sampled_from(
    ["Jean-Marc", "Manu", "El Amrani", "O", "X", "محمد", "Ελένη", "Иванова", "Nguyễn Thị", "😀", "a" * 200, "D’Artois"]
)
PROCHES = st.sampled_from(["Jean", "Jena", "Jean-Manu", "Manu", "Emmanuel", "Emanuel", "Martin", "Marin", "El Martin"])
NOMS = st.none() | PROCHES | TEXTES
DATES = st.none() | st.dates().map(str) | st.sampled_from(["1984", "1984-03", "1984-01-01", "1984-03-12", "1984-12-03"])
EMAILS = st.lists(st.sampled_from(["a@b.fr", "jean.dupont@c.fr", "jean.dupond@c.fr", "@", ""]), max_size=2).map(tuple)
TELEPHONES = st.lists(st.sampled_from(["+33611223344", "+33611223345", "+1", ""]), max_size=2).map(tuple)
PERSONNES = st.builds(
    Personne,
    prenom=NOMS,
    nom=NOMS,
    nom_naissance=NOMS,
    naissance=DATES,
    emails=EMAILS,
    telephones=TELEPHONES,
    adresse=NOMS,
    code_postal=NOMS,
    anciens_noms=st.lists(st.tuples(NOMS, NOMS), max_size=2).map(tuple),
    nom_unique=st.booleans(),
)


@given(TEXTES)
def test_every_text_has_keys_that_fit_their_columns(texte: str) -> None:
    for mot in (*keys.surname_words(texte), *keys.first_name_words(texte)):
        assert 0 < len(mot) <= keys.MOT_MAXIMUM
        assert mot.isascii()
        assert len(keys.phonetic(mot)) <= keys.SIGNES_PHONETIQUES
    assert keys.pairs([texte], [texte])


@given(TEXTES)
def test_words_are_their_own_words(texte: str) -> None:
    for mot in keys.surname_words(texte):
        assert mot in keys.surname_words(mot) or mot in keys.ABSENTS


@settings(max_examples=200)
@given(PERSONNES, PERSONNES)
def test_the_judgement_of_a_pair_is_the_same_both_ways(a: Personne, b: Personne) -> None:
    aller, retour = judge(a, b), judge(b, a)
    assert abs(aller.score - retour.score) < 1e-9
    assert aller.niveau is retour.niveau
    assert {(m.code, m.sens) for m in aller.motifs} == {(m.code, m.sens) for m in retour.motifs}


@given(PERSONNES, PERSONNES)
def test_certain_always_means_nothing_against_R7(a: Personne, b: Personne) -> None:
    verdict = judge(a, b)
    assert 0 <= verdict.score <= 1
    if verdict.niveau is Niveau.CERTAIN:
        assert a.naissance == b.naissance
        assert not any(m.sens == "contre" for m in verdict.motifs)
