"""The walk of an RDV: from the fiche to its preview, saved, moved, cancelled; and a créneau taken."""

import re
import sqlite3
from datetime import timedelta

from playwright.sync_api import Page, expect

from fiches import clock
from tests.journeys.conftest import Serveur, sign_in
from tests.rdvs.bureau import jour


def find_joignable(demo: Serveur) -> int:
    """A fiche of MDS Chalon that can be told by e-mail and has no RDV to come."""
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        row = base.execute(
            "select u.id from usager u join rattachement r on r.usager_id = u.id where r.organisation_id = 1 "
            "and u.email is not null and u.notif_email and not u.protegee and u.fusionne_vers_id is null "
            "and u.id not in (select usager_id from participation) "
            "and u.id not in (select proche_id from lien_proche) order by u.id"
        ).fetchone()
    assert row
    return int(row[0])


def see(page: Page, javascript: bool) -> None:
    """Let the preview follow: by itself with JavaScript, with a button without."""
    if not javascript:
        page.get_by_role("button", name="Voir qui sera prévenu").click()


def test_an_rdv_is_previewed_saved_moved_and_cancelled_R16_R22(page: Page, demo: Serveur, javascript: bool) -> None:
    usager, date = find_joignable(demo), jour(40).strftime("%d/%m/%Y")
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")
    page.get_by_role("link", name="Nouveau RDV").click()
    expect(page.locator(f"#usager-{usager}")).to_be_checked()
    page.get_by_label("Motif").select_option(label="Accompagnement social (45 min)")
    page.get_by_label("Date").fill(date)
    page.get_by_label("Heure").fill("7h15")
    see(page, javascript)
    told = page.locator(f'#apercu [data-destinataire="{usager}"][data-canal="email"][data-prevenu="oui"]')
    expect(told).to_contain_text("tout de suite")
    page.get_by_role("button", name="Enregistrer le RDV").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("à 7 h 15")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("RDV pris, par e-mail")

    # moved
    page.get_by_text("Déplacer ou modifier").click()
    page.get_by_label("Heure").fill("8:30")
    see(page, javascript)
    expect(page.locator("#apercu")).to_contain_text("à 8 h 30")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("à 8 h 30")

    # cancelled, without a word to anybody
    page.get_by_role("link", name="Annuler ce RDV").click()
    page.get_by_label("Ne pas prévenir de cette annulation").check()
    see(page, javascript)
    expect(page.locator("#apercu")).to_contain_text("est coché pour ce RDV")  # the preview has followed the tick
    page.get_by_role("button", name="Annuler ce RDV").click()
    expect(page.get_by_text("Le RDV est annulé.")).to_be_visible()
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")
    expect(page.get_by_role("region", name="Historique")).to_contain_text("annulé par le service")


def test_a_second_person_is_searched_and_ticked_and_nothing_typed_is_lost(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    usager = find_joignable(demo)
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/rdvs/nouveau?usager={usager}")
    page.get_by_label("Heure").fill("7:45")
    page.get_by_label("Ajouter une personne").press_sequentially("montagny claire", delay=15)
    if not javascript:
        page.get_by_role("button", name="Chercher").click()
    claire = page.locator("#participants").get_by_role("checkbox", name=re.compile("Claire Montagny", re.I))
    claire.check()
    page.get_by_label("Date").fill(jour(41).strftime("%d/%m/%Y"))
    page.get_by_label("Motif").select_option(label="Accompagnement social (45 min)")
    see(page, javascript)
    expect(page.locator("#apercu")).to_contain_text("Claire Montagny")
    expect(page.get_by_label("Heure")).to_have_value("7:45")
    page.get_by_role("button", name="Enregistrer le RDV").click()
    expect(page.get_by_role("region", name="Participants").locator("[data-participation]")).to_have_count(2)


def test_a_free_creneau_of_the_diary_becomes_an_rdv(page: Page, demo: Serveur, javascript: bool) -> None:
    usager = find_joignable(demo)
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/rdvs?jour={clock.today() + timedelta(days=8)}")
    libre = page.locator("[data-creneau]").first
    numero = libre.get_attribute("data-creneau")
    libre.get_by_role("link").click()
    expect(page.locator("input[name=creneau]")).to_have_value(str(numero))
    page.goto(f"{page.url}&usager={usager}")
    expect(page.locator("#apercu")).to_contain_text("Qui sera prévenu")
    page.get_by_role("button", name="Enregistrer le RDV").click()
    expect(page.get_by_text("Le RDV est enregistré.")).to_be_visible()
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        assert base.execute("select rdv_id from creneau where id = ?", (numero,)).fetchone()[0]
