"""What the demonstration promises (interface.md), judged on the plan that is written."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fiches.demo.erreurs import ERREURS
from fiches.demo.plan import FichePrevue, plan_fiches
from fiches.demo.rdvs import RdvPrevu, plan_rdvs
from fiches.demo.scenario import CHALON, DOLE, MACON, MOTIFS
from fiches.rdvs.rules import Statut, statut_of

MAINTENANT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def fiches() -> list[FichePrevue]:
    return plan_fiches(420, MAINTENANT)


@pytest.fixture(scope="module")
def rdvs(fiches: list[FichePrevue]) -> list[RdvPrevu]:
    return plan_rdvs(fiches, MAINTENANT, 71)


def test_at_least_300_fiches_in_chalon_and_macon_and_some_in_dole(fiches: list[FichePrevue]) -> None:
    services = Counter(f.organisations[0] for f in fiches)
    assert len(fiches) == 420
    assert services[CHALON] + services[MACON] >= 300
    assert min(services[CHALON], services[MACON], services[DOLE]) >= 40


def test_r6_some_40_duplicates_of_every_kind_each_within_its_territoire(fiches: list[FichePrevue]) -> None:
    par_rang = {f.e.rang: f for f in fiches}
    doubles = [f for f in fiches if f.e.original is not None]
    assert 40 <= len(doubles) <= 90
    assert {f.e.erreur for f in doubles} == set(ERREURS)
    for f in doubles:
        assert (DOLE in f.organisations) == (DOLE in par_rang[f.e.original or 0].organisations)


def test_r10_some_duplicates_are_across_two_organisations(fiches: list[FichePrevue]) -> None:
    par_rang = {f.e.rang: f for f in fiches}
    doubles = [f for f in fiches if f.e.original is not None]
    assert any(not {*f.organisations} & {*par_rang[f.e.original or 0].organisations} for f in doubles)


def test_usager_demo_has_a_mobile_two_proches_and_préférences_not_set_by_them(fiches: list[FichePrevue]) -> None:
    [claire] = [f for f in fiches if f.e.email == "usager@demo.test"]
    assert (claire.organisations, claire.compte, claire.preference) == ((CHALON,), "actif", None)
    assert claire.e.telephone
    assert sum(f.e.responsable == claire.e.rang for f in fiches) == 2


def test_r18_some_fiches_are_locked_by_their_usager_and_f20_some_pairs_have_two_active_comptes(
    fiches: list[FichePrevue],
) -> None:
    assert sum(f.preference is not None for f in fiches) >= 15
    comptes = {f.e.rang: f.compte for f in fiches}
    assert {"actif", "invite", None} == set(comptes.values())
    assert any(f.compte == "actif" == comptes.get(f.e.original or -1) for f in fiches)


def test_r4_the_email_of_a_compte_is_on_one_fiche_alone(fiches: list[FichePrevue]) -> None:
    emails = Counter(f.e.email for f in fiches)
    assert all(emails[f.e.email] == 1 for f in fiches if f.compte)


def test_r11_two_fiches_are_protected_each_with_a_référent(fiches: list[FichePrevue]) -> None:
    protegees = [f for f in fiches if f.protegee]
    assert len(protegees) == 2
    assert all(f.referents for f in protegees)


def test_r3_some_birth_dates_are_partial_or_unknown_and_r14_some_names_are_former(fiches: list[FichePrevue]) -> None:
    assert {len(f.e.date_naissance or "") for f in fiches} == {0, 4, 7, 10}
    assert any(f.e.ancien_nom for f in fiches)


def test_a_duplicate_is_younger_than_its_original_and_nothing_is_in_the_future(fiches: list[FichePrevue]) -> None:
    crees = {f.e.rang: f.cree_le for f in fiches}
    assert all(f.e.original is None or f.cree_le >= crees[f.e.original] for f in fiches)
    assert max(crees.values()) < MAINTENANT


def test_r16_rdvs_have_every_statut_and_r17_every_visibility(rdvs: list[RdvPrevu]) -> None:
    statuts = {statut_of(issue, r.annule, r.debut, MAINTENANT) for r in rdvs for _, issue in r.participants}
    assert statuts == set(Statut)
    visibilites = {(org, nom): v for org, motifs in MOTIFS.items() for nom, v in motifs}
    assert {visibilites[r.organisation, r.motif] for r in rdvs} == {"visible_notifie", "visible", "invisible"}


def test_rdvs_are_on_weekdays_at_office_hours_and_no_agent_is_in_two_at_once(rdvs: list[RdvPrevu]) -> None:
    assert len(rdvs) > 200
    for r in rdvs:
        debut = r.debut.astimezone(ZoneInfo("Europe/Paris"))
        assert debut.weekday() < 5
        assert 9 <= debut.hour < 17
    assert len({(r.agent, r.debut) for r in rdvs}) == len(rdvs)


def test_f16_some_rdvs_have_two_usagers_and_both_sides_of_a_duplicate(
    rdvs: list[RdvPrevu], fiches: list[FichePrevue]
) -> None:
    paires = [tuple(rang for rang, _ in r.participants) for r in rdvs if len(r.participants) == 2]
    originaux = {f.e.rang: f.e.original for f in fiches}
    assert len(paires) > 10
    assert any(originaux[a] == b for a, b in paires)
