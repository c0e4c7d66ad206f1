"""Links without loops, their end, and the question whether they hold (R26), on values alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.identite import SaisieRefusee
from fiches.proches.rules import LienImpossible, Maillon, check_link, link_holds, must_ask, read_fin

JOUR = date(2026, 11, 25)
PERSONNES = st.integers(1, 8)


@given(st.lists(st.tuples(PERSONNES, PERSONNES), max_size=40))
def test_whatever_links_are_made_nobody_is_above_themselves_and_each_has_one_responsable_R26(
    demandes: list[tuple[int, int]],
) -> None:
    liens: dict[int, Maillon] = {}
    for proche, responsable in demandes:
        essai = {p: r for p, r in liens.items() if p != proche}  # what the proche had is replaced
        try:
            check_link(Maillon(proche, str(proche)), Maillon(responsable, str(responsable)), essai)
        except LienImpossible:
            assert reaches(liens, responsable, proche), "refused though no loop would close"
            continue
        liens[proche] = Maillon(responsable, str(responsable))
        assert not any(reaches(liens, r.id, p) for p, r in liens.items())


def reaches(liens: dict[int, Maillon], depart: int, but: int) -> bool:
    """Whether going up from `depart` meets `but`; written apart from the rule on purpose."""
    ici, pas = depart, 0
    while ici != but and ici in liens and pas < 10:
        ici, pas = liens[ici].id, pas + 1
    return ici == but


def test_the_refusal_names_the_chain_in_its_order_R26() -> None:
    lea, anne, eve = Maillon(1, "Léa"), Maillon(2, "Anne"), Maillon(3, "une personne suivie par un autre service")
    with pytest.raises(LienImpossible) as refus:
        check_link(eve, lea, {1: anne, 2: eve})
    assert refus.value.texte.endswith(
        "une personne suivie par un autre service → Léa → Anne → une personne suivie par un autre service."
    )


def test_nobody_is_their_own_responsable_R26() -> None:
    with pytest.raises(LienImpossible, match="propre responsable"):
        check_link(Maillon(1, "Léa"), Maillon(1, "Léa"), {})


def test_a_link_holds_on_its_last_day_and_no_longer() -> None:
    assert link_holds(JOUR, JOUR)
    assert not link_holds(date(2026, 11, 24), JOUR)


@pytest.mark.parametrize(
    ("fin", "naissance", "confirme", "demande"),
    [
        (None, "2015-01-01", None, False),
        (None, "2008-11-25", None, True),  # 18 today
        (None, "2008-11-26", None, False),
        (None, "2008-11-25", date(2026, 11, 25), False),
        (None, "2008-11-25", date(2026, 11, 24), True),  # said while still a minor
        (None, None, None, False),
        (None, "2008", None, False),  # known in part: nobody knows
        (date(2026, 11, 24), "2015-01-01", date(2026, 11, 20), True),
        (date(2026, 11, 25), "2015-01-01", None, False),
    ],
)
def test_the_fiche_asks_past_the_end_and_at_18_until_somebody_answered_R26(
    fin: date | None, naissance: str | None, confirme: date | None, demande: bool
) -> None:
    assert must_ask(fin, naissance, confirme, JOUR) is demande


@pytest.mark.parametrize("brut", ["31/08/2027", "2027-08-31", " 31.08.2027 ", "31-8-2027"])
def test_an_end_is_typed_in_french_or_iso(brut: str) -> None:
    assert read_fin(brut, JOUR) == date(2027, 8, 31)


@pytest.mark.parametrize("brut", [None, "", "  "])
def test_an_end_may_be_left_out(brut: str | None) -> None:
    assert read_fin(brut, JOUR) is None


@pytest.mark.parametrize(
    ("brut", "mot"),
    [
        ("31/02/2027", "n’existe pas"),
        ("24/11/2026", "passée"),
        ("demain", "illisible"),
        ("08/2027", "illisible"),
        ("01/01/9999", "lointaine"),
        ("01/01/0000", "n’existe pas"),
        ("3" * 60, "trop long"),
        ("31/08/2027\x00", "contrôle"),
    ],
)
def test_an_end_that_cannot_be_is_refused_in_words(brut: str, mot: str) -> None:
    with pytest.raises(SaisieRefusee, match=mot):
        read_fin(brut, JOUR)
