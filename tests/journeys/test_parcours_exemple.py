"""The sample of an imaginary département, imported by the commands, then the same walk on it."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fiches.settings import ROOT
from tests.journeys.conftest import Serveur, run_flask

DONNEES = ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def exemple(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> tuple[Path, str]:
    """A base made with the commands alone; its folder, and the address of the agent's password page."""
    instance = tmp_path_factory.mktemp("exemple")
    shutil.copy(migrated, instance / "fiches.db")

    def flask(*arguments: str) -> str:
        done = run_flask(instance, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    territoire = flask("territoires", "creer", "Val-d’Arène (imaginaire)")
    organisation = flask("organisations", "creer", "MDS Arène", "--territoire", territoire)
    lien = flask("agents", "creer", "agent@arene.test", "--organisation", organisation)
    sortie = flask(
        "usagers", "importer", str(DONNEES / "usagers_exemple.csv"), "--organisation", organisation,
        "--rejets", str(instance / "rejets.csv"),
    )  # fmt: skip
    assert re.fullmatch(r"4955 importées, 45 rejetées, \d+ doublons probables", sortie.splitlines()[-1])
    found = re.search(r"/mot-de-passe/\S+", lien)
    assert found, lien
    return instance, found.group(0)


def test_the_sample_is_searched_warned_about_and_merged(
    page: Page, javascript: bool, serve: Callable[[Path], Serveur], exemple: tuple[Path, str]
) -> None:
    instance, lien = exemple
    serveur = serve(instance)
    page.goto(serveur.url + lien)
    page.get_by_label("Nouveau mot de passe").fill("le canal passe à Chalon")
    page.get_by_label("Le même, une seconde fois").fill("le canal passe à Chalon")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("heading", level=1, name="Vos usagers").wait_for()
    expect(page.get_by_text("4955 fiches")).to_be_visible()

    # somebody who is there twice
    with (DONNEES / "usagers_exemple.csv").open(encoding="cp1252") as file:
        par_dossier = {row["numero_dossier"]: row for row in csv.DictReader(file, delimiter=";")}
    with (DONNEES / "usagers_exemple_verite.csv").open() as file:
        paires = [(r["numero_dossier_a"], r["numero_dossier_b"]) for r in csv.DictReader(file)]
    seen = [d for paire in paires for d in paire]
    a, b = next(
        (a, b)
        for a, b in paires
        if seen.count(a) == seen.count(b) == 1
        and all(par_dossier[d]["date_naissance"] and par_dossier[d]["email"] for d in (a, b))
    )
    typed = par_dossier[a]

    # the search finds both by their numéro de dossier
    ids = []
    for dossier in (a, b):
        with page.expect_response(re.compile(r"usagers\?q=")):
            page.get_by_label("Rechercher une fiche").fill(dossier)
            if not javascript:
                page.get_by_role("button", name="Rechercher").click()
        row = page.locator("#resultats [data-usager]")
        expect(row).to_have_count(1)
        ids.append(str(row.get_attribute("data-usager")))

    # typing the person again warns of them
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Créer un usager").click()
    for champ in ("prenom", "nom", "date_naissance", "email"):
        page.locator(f"#{champ}").press_sequentially(typed[champ], delay=12)
    if not javascript:
        page.locator(".bouton-enregistrer").click()
    for numero in ids:
        expect(page.locator(f'[data-usager="{numero}"][data-niveau]')).to_be_visible()

    # and the two are merged, each line as the preview says
    organisation = page.url.split("/usagers")[0]
    page.goto(f"{organisation}/fusion?a={ids[0]}&b={ids[1]}")
    said = {
        str(e.get_attribute("data-champ")): " ".join(e.inner_text().split()) for e in page.locator("[data-champ]").all()
    }
    if page.get_by_label("Oui, c’est la même personne").count():
        page.get_by_label("Oui, c’est la même personne").check()
    page.get_by_role("button", name="Fusionner", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/usagers/({ids[0]}|{ids[1]})$"))
    text = " ".join(page.locator("main").inner_text().split()).lower()
    for champ in ("prenom", "nom", "date_naissance", "email"):
        assert said[champ].lower() in text, champ
