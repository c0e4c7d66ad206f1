"""The pure rules: statuts, moments as typed, series of créneaux, what is to be confirmed."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.dates import PARIS, instant_of
from fiches.identite import SaisieRefusee
from fiches.rdvs.avertissements import Avertissement, still_to_confirm
from fiches.rdvs.creneaux import Serie, debuts_of, show_bilan, sort_out
from fiches.rdvs.moments import end_of, make_debut, overlap, parse_duree, parse_heure, parse_jour
from fiches.rdvs.rules import Issue, Statut, refuse_issue, statut_of, takes_time

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
ISSUES = st.sampled_from([None, *Issue])


@given(ISSUES, st.booleans(), INSTANTS, INSTANTS)
def test_a_statut_follows_from_the_clock_and_the_outcome_R16(
    issue: str | None, annule: bool, debut: datetime, maintenant: datetime
) -> None:
    statut = statut_of(issue, annule, debut, maintenant)
    assert (statut is Statut.ANNULE) == annule
    if not annule and issue is None:
        assert statut is (Statut.A_VENIR if debut > maintenant else Statut.A_RENSEIGNER)
    if not annule and issue is not None:
        assert statut == issue


@given(ISSUES, INSTANTS, INSTANTS)
def test_vu_and_absent_wait_for_the_start(issue: str | None, debut: datetime, maintenant: datetime) -> None:
    assert (refuse_issue(issue, debut, maintenant) is not None) == (issue in ("vu", "absent") and debut > maintenant)


@given(st.lists(ISSUES, max_size=4), st.booleans())
def test_an_rdv_takes_time_while_somebody_may_come(issues: list[str | None], annule: bool) -> None:
    assert takes_time(annule, issues) == (not annule and any(i != "excuse" for i in issues))


@given(INSTANTS, st.integers(1, 720), INSTANTS, st.integers(1, 720))
def test_overlapping_is_mutual_and_means_a_minute_in_common(a: datetime, m: int, b: datetime, n: int) -> None:
    assert overlap(a, m, b, n) == overlap(b, n, a, m) == (max(a, b) < min(end_of(a, m), end_of(b, n)))


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_a_day_is_read_as_it_is_typed_or_picked_R3(jour: date) -> None:
    for texte in (f"{jour:%d/%m/%Y}", jour.isoformat(), f"{jour:%d%m%Y}", f" {jour.day}-{jour.month}-{jour.year} "):
        assert parse_jour(texte) == jour


@given(st.times())
def test_an_hour_is_read_as_it_is_typed(heure: time) -> None:
    lue = time(heure.hour, heure.minute)
    for texte in (f"{heure:%H:%M}", f"{heure.hour}h{heure.minute:02d}", f"{heure.hour} h {heure.minute:02d}"):
        assert parse_heure(texte) == lue
    assert parse_heure(f"{heure.hour}") == parse_heure(f"{heure.hour} H") == time(heure.hour)


@given(st.text(max_size=30))
def test_anything_typed_is_read_or_refused_in_words(texte: str) -> None:
    for lire in (parse_jour, parse_heure, parse_duree):
        with suppress(SaisieRefusee):
            assert lire(texte) is None or texte.strip()


def test_an_hour_that_the_clock_jumps_over_does_not_exist() -> None:
    with pytest.raises(SaisieRefusee):
        make_debut(date(2027, 3, 28), time(2, 30))
    assert make_debut(date(2027, 10, 31), time(2, 30)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # the first of two


@st.composite
def series(draw: st.DrawFn) -> Serie:
    du = draw(st.sampled_from([date(2027, 3, 22), date(2027, 10, 25), date(2027, 6, 1)]))  # the clocks change within
    de, a = sorted(draw(st.lists(st.times(), min_size=2, max_size=2, unique_by=lambda t: (t.hour, t.minute))))
    return Serie(
        1, 1, None, du, du + timedelta(days=draw(st.integers(0, 9))),
        draw(st.frozensets(st.integers(0, 6), min_size=1)),
        de.replace(second=0, microsecond=0), a.replace(second=0, microsecond=0), draw(st.integers(5, 240)),
    )  # fmt: skip


LONGTEMPS = datetime(2027, 1, 1, tzinfo=UTC)


@given(series())
def test_no_two_creneaux_of_a_series_overlap_and_each_keeps_to_its_hours_R16(serie: Serie) -> None:
    debuts = debuts_of(serie, LONGTEMPS)
    assert all(end_of(a, serie.duree) <= b for a, b in pairwise(debuts))
    for debut in debuts:
        local = debut.astimezone(PARIS)
        assert serie.du <= local.date() <= serie.au
        assert local.weekday() in serie.jours
        assert local.time() >= serie.de
        assert end_of(debut, serie.duree) <= instant_of(local.date(), serie.a)


@given(series(), INSTANTS)
def test_only_creneaux_to_come_are_opened(serie: Serie, maintenant: datetime) -> None:
    assert all(debut > maintenant for debut in debuts_of(serie, maintenant))


def test_an_ordinary_morning_is_cut_into_whole_creneaux() -> None:
    serie = Serie(1, 1, None, date(2027, 6, 1), date(2027, 6, 2), frozenset(range(7)), time(9), time(10, 45), 30)
    heures = [d.astimezone(PARIS).strftime("%d %H:%M") for d in debuts_of(serie, LONGTEMPS)]
    assert heures == ["01 09:00", "01 09:30", "01 10:00", "02 09:00", "02 09:30", "02 10:00"]


@given(series(), st.lists(st.tuples(INSTANTS, st.integers(1, 720)), max_size=5))
def test_what_is_opened_and_what_is_taken_add_up_and_nothing_opened_overlaps(
    serie: Serie, occupes: list[tuple[datetime, int]]
) -> None:
    debuts = debuts_of(serie, LONGTEMPS)
    tri = sort_out(debuts, serie.duree, occupes)
    assert len(tri.libres) + tri.pris == len(debuts)
    assert not any(overlap(d, serie.duree, o, m) for d in tri.libres for o, m in occupes)
    assert show_bilan(tri).endswith(".")


WARNINGS = st.builds(
    lambda genre, n: Avertissement(genre, "…", f"{genre}:{n}"),
    st.sampled_from(["passe", "agent", "usager"]),
    st.integers(1, 3),
)


@given(
    st.lists(WARNINGS, max_size=4),
    st.frozensets(st.sampled_from(["passe", "agent", "usager"])),
    st.none() | st.frozensets(st.sampled_from(["agent:1", "agent:2", "usager:1", "passe:1"])),
)
def test_a_tick_covers_its_kind_and_only_what_was_shown(
    tous: list[Avertissement], confirmes: frozenset[str], vus: frozenset[str] | None
) -> None:
    reste = still_to_confirm(tous, confirmes, vus)
    for a in tous:
        assert (a not in reste) == (a.genre in confirmes and (vus is None or a.cle in vus))
