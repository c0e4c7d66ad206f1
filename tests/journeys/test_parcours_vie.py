"""The life of a fiche and an organisation's motifs, walked with JavaScript and without (R15, R17)."""

import re
import sqlite3

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Serveur, sign_in


def find_usager(demo: Serveur, condition: str) -> tuple[int, str]:
    """The id and the prénom of a fiche of MDS Chalon alone that meets this condition."""
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        row = base.execute(
            "select u.id, u.prenom from usager u join rattachement r on r.usager_id = u.id "
            "where r.organisation_id = 1 and u.fusionne_vers_id is null and not u.protegee and u.prenom is not null "
            "and (select count(*) from rattachement x where x.usager_id = u.id) = 1 "
            f"and {condition} order by u.id limit 1"
        ).fetchone()
    assert row, condition
    return int(row[0]), str(row[1])


A_VENIR = (
    "u.id {} in (select p.usager_id from participation p join rdv on rdv.id = p.rdv_id "
    "where rdv.debut > datetime('now') and rdv.annule_le is null and p.issue is null)"
)


def test_a_fiche_is_removed_and_taken_back_R15(page: Page, demo: Serveur) -> None:
    usager, prenom = find_usager(demo, A_VENIR.format("not"))
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")
    page.get_by_role("link", name="Retirer de MDS Chalon").click()
    expect(page.get_by_text("elle sera effacée le")).to_be_visible()
    page.get_by_role("button", name="Retirer de MDS Chalon").click()
    page.get_by_role("heading", level=1, name="Fiches retirées ou à effacer").wait_for()
    ligne = page.locator(f'[data-retiree="{usager}"]')
    expect(ligne).to_contain_text(prenom)
    expect(ligne).to_contain_text("sera effacée le")
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")
    page.get_by_role("heading", level=1, name="Page introuvable").wait_for()
    page.goto(f"{demo.url}/organisations/1/usagers")
    page.get_by_role("link", name="Fiches retirées ou à effacer").click()
    page.locator(f'[data-retiree="{usager}"]').get_by_role("button", name="Reprendre").click()
    expect(page).to_have_url(re.compile(rf"/usagers/{usager}$"))
    expect(page.get_by_role("status").filter(has_text="La fiche est reprise")).to_be_visible()


def test_a_death_is_recorded_and_taken_back_R15(page: Page, demo: Serveur) -> None:
    usager, prenom = find_usager(demo, A_VENIR.format("") + " and length(u.date_naissance) = 10")
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")
    expect(page.locator(".fiche-tete")).to_contain_text("ans)")
    a_venir = page.locator('section[aria-labelledby="t-rdvs"]').inner_text()
    page.get_by_role("link", name="Enregistrer un décès").click()
    expect(page.get_by_role("heading", name="Rendez-vous à venir")).to_be_visible()
    page.get_by_role("button", name="Enregistrer le décès").click()
    tete = page.locator(".fiche-tete")
    expect(tete).to_contain_text("décès enregistré le")
    expect(tete).not_to_contain_text("ans)")
    expect(page.get_by_role("link", name="Nouveau RDV")).to_have_count(0)
    page.goto(f"{demo.url}/organisations/1/usagers?q=%23{usager}")
    expect(page.locator(f'[data-usager="{usager}"]')).to_contain_text("décès enregistré le")
    page.locator(f'[data-usager="{usager}"]').get_by_role("link").click()
    page.get_by_role("link", name="Revenir sur le décès").click()
    page.get_by_role("button", name="Annuler ce décès").click()
    expect(page.get_by_text("Le décès est annulé.")).to_be_visible()
    expect(page.locator(".fiche-tete")).to_contain_text("ans)")
    assert page.locator('section[aria-labelledby="t-rdvs"]').inner_text() == a_venir
    assert prenom


def test_an_admin_adds_a_motif_archives_it_and_takes_it_back_R17(page: Page, demo: Serveur) -> None:
    sign_in(page, demo, "admin@demo.test")
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Réglages").click()
    page.get_by_role("navigation", name="Réglages de l’organisation").get_by_role("link", name="Motifs").click()
    page.get_by_label("Nom (obligatoire)").fill("Permanence du jeudi")
    page.get_by_label("Rien ne sort du service").check()
    page.get_by_role("button", name="Ajouter le motif").click()
    ligne = page.locator("[data-reglage]").filter(has_text="Permanence du jeudi")
    expect(ligne).to_contain_text("invisible")
    page.get_by_label("Nom (obligatoire)").fill("permanence du JEUDI")
    page.get_by_role("button", name="Ajouter le motif").click()
    expect(page.get_by_role("alert")).to_contain_text("porte déjà ce nom")
    page.locator("[data-reglage]").filter(has_text="Permanence du jeudi").get_by_role("button").click()
    archives = page.locator('section[aria-labelledby="t-archives"]')
    expect(archives).to_contain_text("Permanence du jeudi")
    page.goto(f"{demo.url}/organisations/1/rdvs/nouveau")
    expect(page.get_by_label("Motif").get_by_text("Permanence du jeudi")).to_have_count(0)
    page.goto(f"{demo.url}/organisations/1/reglages/motifs")
    archives.get_by_role("button", name="Proposer de nouveau").click()
    expect(page.locator('section[aria-labelledby="t-offerts"]')).to_contain_text("Permanence du jeudi")
