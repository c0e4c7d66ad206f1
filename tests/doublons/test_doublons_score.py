"""The judgement of a pair: what R6 tolerates, what R7 does not cry wolf about, and the reasons in words."""

from dataclasses import replace

import pytest

from fiches.doublons.score import Frequences, Niveau, Personne, judge, question_to_ask

EMMANUELLE = Personne(
    "Emmanuelle",
    "Lécuyer-Delatour",
    naissance="1984-03-12",
    emails=("e.lecuyer@exemple.fr",),
    telephones=("+33611223344",),
)
MAISON = {"adresse": "3 rue des Lilas", "code_postal": "71100", "telephones": ("+33611223344",)}


def texts(saisie: Personne, fiche: Personne, sens: str | None = None) -> list[str]:
    motifs = judge(saisie, fiche).motifs
    return [m.texte.replace("\u00a0", " ") for m in motifs if sens in (None, m.sens)]


# --- R6: what people really type --------------------------------------------------------

TYPED = {
    "accents and case": {"prenom": "EMMANUELLE", "nom": "lecuyer delatour"},
    "part of a compound name": {"nom": "Delatour"},
    "nickname": {"prenom": "Manu"},
    "sound-alike": {"prenom": "Aimanuelle"},
    "typo in the first name": {"prenom": "Emmanuellr"},
    "typo in the surname": {"nom": "Lecuyer-Delatuor"},
    "nom and prénom swapped": {"prenom": "Lécuyer-Delatour", "nom": "Emmanuelle"},
    "day and month swapped": {"naissance": "1984-12-03"},
    "a digit off in the date": {"naissance": "1984-03-22"},
    "a digit off in the phone": {"telephones": ("+33611223345",)},
}


@pytest.mark.parametrize("champs", TYPED.values(), ids=TYPED)
def test_R6_one_error_in_a_full_description_is_at_least_probable(champs: dict[str, str]) -> None:
    verdict = judge(replace(EMMANUELLE, **champs), EMMANUELLE)
    assert verdict.niveau in (Niveau.CERTAIN, Niveau.PROBABLE), verdict


@pytest.mark.parametrize(
    ("saisie", "fiche"),
    [
        (Personne("Anne", "Durieux"), Personne("Anne", "Caratini", nom_naissance="Durieux")),
        (Personne("Anne", "Durieux"), Personne("Anne", "Caratini", anciens_noms=(("Anne", "Durieux"),))),
        (Personne("Anne", "Durieux", nom_naissance="Caratini"), Personne("Anne", "Caratini")),
    ],
    ids=["birth name", "former name", "birth name typed"],
)
def test_R6_a_birth_or_former_name_with_the_birth_date_is_probable(saisie: Personne, fiche: Personne) -> None:
    avec = judge(replace(saisie, naissance="1984-03-14"), replace(fiche, naissance="1984-03-14"))
    assert avec.niveau is Niveau.PROBABLE
    assert judge(saisie, fiche).niveau is Niveau.POSSIBLE


def test_R5_reasons_are_words_that_show_both_writings() -> None:
    fiche = Personne("Camille", "Durieux", naissance="1984-03-14")
    assert texts(replace(fiche, prenom="Camile"), fiche) == [
        "même nom",
        "même date de naissance",
        "prénom proche : Camile / Camille",
    ]
    assert texts(replace(fiche, prenom="Durieux", nom="Camille"), fiche) == [
        "même date de naissance",
        "nom et prénom inversés",
    ]


def test_R7_what_speaks_against_is_shown_too() -> None:
    fiche = Personne("Camille", "Durieux", naissance="1984-03-14", emails=("camille@exemple.fr",))
    autre = replace(fiche, naissance="1961-09-30", emails=("durieux.c@exemple.org",))
    assert texts(autre, fiche, "contre") == ["dates de naissance différentes", "adresses e-mail différentes"]


# --- R7: certain ------------------------------------------------------------------------


def test_R7_equal_names_and_an_equal_full_birth_date_suffice_for_certain() -> None:
    for prenom, nom in (("Marie", "Martin"), ("Zénobie", "Wojcik-Le Goff")):
        fiche = Personne(prenom, nom, naissance="1984-03-14")
        saisie = Personne(prenom.upper(), nom.replace("-", " ").lower(), naissance="1984-03-14")
        assert judge(saisie, fiche).niveau is Niveau.CERTAIN


@pytest.mark.parametrize(
    "champs",
    [{"naissance": "1984-03"}, {"prenom": "Mari"}, {"nom_naissance": "Durand"}, {"emails": ("autre@exemple.org",)}],
    ids=["date in part", "close first name", "other birth name", "other e-mail"],
)
def test_R7_certain_is_lost_by_less_than_equal_or_by_anything_against(champs: dict[str, str]) -> None:
    fiche = Personne("Marie", "Vasseur", "Petit", "1984-03-14", emails=("marie.vasseur@exemple.fr",))
    saisie = replace(Personne("Marie", "Vasseur", naissance="1984-03-14"), **champs)
    assert judge(saisie, fiche).niveau is not Niveau.CERTAIN


def test_R7_a_proche_and_responsable_are_never_certain() -> None:
    fiche = Personne("Marie", "Vasseur", naissance="1984-03-14")
    verdict = judge(fiche, fiche, lies=True)
    assert verdict.niveau is not Niveau.CERTAIN
    assert "liés comme proche et responsable" in [m.texte for m in verdict.motifs]


def test_R5_only_a_compound_first_name_is_in_part_the_same() -> None:
    jean = Personne("Jean", "Durieux", naissance="1984-03-14")
    assert "prénom en partie le même : Jean-Marc / Jean" in texts(replace(jean, prenom="Jean-Marc"), jean)
    assert "deux prénoms qui se ressemblent : Jeanne / Jean" in texts(replace(jean, prenom="Jeanne"), jean, "contre")
    assert "prénom proche : J. / Jean" in texts(replace(jean, prenom="J."), jean)


# --- R7: not crying wolf ----------------------------------------------------------------

FAMILIES = {
    "twins": (
        Personne("Paul", "Durieux", naissance="2019-03-14", **MAISON),
        Personne("Luc", "Durieux", naissance="2019-03-14", **MAISON),
    ),
    "twins of like first names": (
        Personne("Lina", "Durieux", naissance="2019-03-14", **MAISON),
        Personne("Léna", "Durieux", naissance="2019-03-14", **MAISON),
    ),
    "twins, boy and girl": (
        Personne("Joël", "Durieux", naissance="2019-03-14", **MAISON),
        Personne("Joëlle", "Durieux", naissance="2019-03-14", **MAISON),
    ),
    "unnamed twins": (
        Personne(None, "Durieux", naissance="2026-11-01", **MAISON),
        Personne(None, "Durieux", naissance="2026-11-01", **MAISON),
    ),
    "siblings": (
        Personne("Paul", "Durieux", naissance="2019-03-14", **MAISON),
        Personne("Luc", "Durieux", naissance="2016-07-02", **MAISON),
    ),
    "spouses who share everything": (
        Personne("Paul", "Durieux", naissance="1980-01-20", emails=("foyer@exemple.fr",), **MAISON),
        Personne("Anne", "Durieux", naissance="1982-08-05", emails=("foyer@exemple.fr",), **MAISON),
    ),
    "spouses of whom no date is known": (
        Personne("Paul", "Durieux", emails=("foyer@exemple.fr",), **MAISON),
        Personne("Anne", "Durieux", emails=("foyer@exemple.fr",), **MAISON),
    ),
    "mother and child": (
        Personne("Anne", "Durieux", naissance="1990-08-05", **MAISON),
        Personne("Luc", "Durieux", naissance="2016-07-02", **MAISON),
    ),
    "father and son of one name": (
        Personne("Paul", "Durieux", naissance="1960-08-05", **MAISON),
        Personne("Paul", "Durieux", naissance="1988-02-17", **MAISON),
    ),
}


@pytest.mark.parametrize(("a", "b"), FAMILIES.values(), ids=FAMILIES)
def test_R7_a_family_is_never_probable_on_what_it_shares(a: Personne, b: Personne) -> None:
    assert judge(a, b).niveau in (None, Niveau.POSSIBLE)


@pytest.mark.parametrize(
    ("prenom", "nom"), [("Marie", "Martin"), ("Jean", "Dupont"), ("Mohamed", "Ali"), ("Jeanne", "Dupont")]
)
def test_R7_a_common_name_alone_is_at_most_possible(prenom: str, nom: str) -> None:
    assert judge(Personne(prenom, nom), Personne(prenom, nom)).niveau is Niveau.POSSIBLE
    fiche = Personne(prenom, nom, naissance="1984-03-14", telephones=("+33611223344",))
    assert judge(Personne(prenom, nom), fiche).niveau is Niveau.POSSIBLE


def test_R7_the_frequency_of_a_name_counts() -> None:
    rare = Personne("Zénobie", "Caratini")
    assert judge(rare, rare).niveau is Niveau.PROBABLE
    partout = Frequences(5_000, {"caratini": 60, "zenobie": 80})
    assert judge(rare, rare, partout).niveau is Niveau.POSSIBLE
    assert judge(rare, rare, partout).score < judge(rare, rare).score


def test_R7_a_phone_on_many_fiches_is_weak_and_says_so() -> None:
    fiche = Personne("Marie", "Martin", telephones=("+33385000000",))
    mots = {"marie": 60, "martin": 20}
    seul = judge(fiche, fiche, Frequences(5_000, mots))
    partage = judge(fiche, fiche, Frequences(5_000, mots, {("telephone", "85000000"): 14}))
    assert seul.niveau is Niveau.PROBABLE
    assert partage.niveau is Niveau.POSSIBLE
    assert "même téléphone, mais sur les fiches de 14 personnes" in [m.texte for m in partage.motifs]


def test_R7_a_birth_date_on_1_January_is_weaker() -> None:
    def score(naissance: str) -> float:
        return judge(
            Personne("Moussa", "Kone", naissance=naissance), Personne("Mousa", "Koné", naissance=naissance)
        ).score

    assert score("1990-01-01") < score("1990-01-02")


def test_a_birth_date_or_a_name_that_is_alone_in_agreeing_says_nothing() -> None:
    assert judge(Personne(naissance="1984-03-14"), Personne("Luc", "Petit", naissance="1984-03-14")).niveau is None
    assert judge(Personne("Paul", "Durieux"), Personne("Luc", "Durieux")).niveau is None
    assert judge(Personne("X", "INCONNU"), Personne("X", "INCONNU")).niveau is None
    assert judge(Personne(), Personne()).niveau is None


def test_somebody_of_one_name_only_is_recognised_whichever_field_holds_it_R1() -> None:
    fiche = Personne(nom="Sukarnoputri", naissance="1984-03-14", nom_unique=True)
    assert judge(Personne(nom="Sukarnoputri", naissance="1984-03-14"), fiche).niveau is Niveau.CERTAIN
    assert judge(Personne(prenom="Sukarnoputri", naissance="1984-03-14"), fiche).niveau is Niveau.CERTAIN


def test_a_newborn_named_since_is_recognised_through_the_family_contact_R1() -> None:
    sans_prenom = Personne(None, "Durieux", naissance="2026-11-01", **MAISON)
    assert judge(replace(sans_prenom, prenom="Léo"), sans_prenom).niveau is Niveau.PROBABLE


# --- the question (R5) ------------------------------------------------------------------


def ask(saisie: Personne, *fiches: Personne) -> str | None:
    return question_to_ask(saisie, [(fiche, judge(saisie, fiche)) for fiche in fiches])


def test_R5_the_datum_that_would_settle_it_is_asked_for_and_not_revealed() -> None:
    fiche = Personne("Jeanne", "Dupont", naissance="1984-03-14", telephones=("+33611223344",))
    assert ask(Personne("Jeanne", "Dupont"), fiche) == "Demandez la date de naissance"
    assert ask(Personne("Jeanne", "Dupont"), replace(fiche, naissance=None)) == "Demandez le numéro de téléphone"
    assert ask(Personne("Jeanne", "Dupont", naissance="1984"), fiche) == "Demandez la date de naissance"


def test_R5_what_the_best_candidate_holds_is_asked_for_first() -> None:
    meilleure = Personne("Jeanne", "Dupont", telephones=("+33611223344",))
    suivante = Personne("Jeanne", "Dupond", naissance="1984-03-14")
    assert ask(Personne("Jeanne", "Dupont"), meilleure, suivante) == "Demandez le numéro de téléphone"


def test_R5_nothing_is_asked_when_it_is_settled_or_would_not_help() -> None:
    fiche = Personne("Jeanne", "Dupont", naissance="1984-03-14")
    assert ask(fiche, fiche) is None
    assert ask(Personne("Jeanne", "Dupont"), Personne("Jeanne", "Dupont")) is None
    assert ask(Personne("Jeanne", "Dupont")) is None
