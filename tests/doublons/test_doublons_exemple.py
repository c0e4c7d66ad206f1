"""The sample of 5,000 fiches stays within reach; `make bench` prints the whole table."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from benchmarks.base import a_base
from benchmarks.exemple import REACH, measure, read_sample, read_truth
from fiches.acces.rules import Contexte

Echantillon = tuple[Session, Contexte, dict[int, set[int]]]


@pytest.fixture(scope="module")
def echantillon() -> Iterator[Echantillon]:
    fiches, dossiers, rejets = read_sample()
    assert (len(fiches), rejets) == (4_955, 45)
    with a_base(fiches) as (session, contexte):
        yield session, contexte, read_truth(dossiers)


@pytest.mark.parametrize("stage", REACH)
def test_the_known_duplicates_are_shown_at_each_stage_of_typing(echantillon: Echantillon, stage: str) -> None:
    session, contexte, verite = echantillon
    resultat = measure(session, contexte, stage, sorted(verite), verite)
    assert resultat["rappel"] >= REACH[stage]
    assert resultat["forts_faux_de_toutes"] <= 0.05
    if stage == "tout":
        assert resultat["vrais_forts"] >= 0.85
