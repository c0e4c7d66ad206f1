"""The walk of proches: a child made on the spot with its warning seen, a responsable changed (R22, R26)."""

import re
import sqlite3

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Serveur, sign_in
from tests.journeys.personnes import Connu, find_connu, find_proche_attendu

FRAPPE = 18  # ms between two keys: faster than anybody types
CLAIRE = "usager@demo.test"  # has an address and a mobile, both switches on


def claire(demo: Serveur) -> int:
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        return int(base.execute("select id from usager where email = ?", (CLAIRE,)).fetchone()[0])


def open_fiche(page: Page, demo: Serveur, usager: int) -> None:
    page.goto(f"{demo.url}/organisations/1/usagers/{usager}")


def search(page: Page, door: str, text: str, javascript: bool) -> None:
    """Look for somebody in one of the two doors."""
    section = page.locator("section.porte", has=page.get_by_role("heading", name=door))
    section.get_by_label("Rechercher", exact=True).press_sequentially(text, delay=FRAPPE)
    if not javascript:
        section.get_by_role("button", name="Rechercher").click()


def test_a_child_is_added_by_creation_on_the_spot_with_the_warning_seen_R5_R26(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    mere, ressemblant = claire(demo), find_connu(demo.instance)
    sign_in(page, demo)
    open_fiche(page, demo, mere)
    page.get_by_role("link", name="Ajouter un proche").click()
    search(page, "Ajouter un proche", "Garrigue Zéphirine", javascript)
    expect(page.locator("#resultats-proche").get_by_role("status")).to_contain_text("Aucune fiche")
    page.get_by_role("button", name="Créer sa fiche avec ce que vous avez tapé").click()
    expect(page.get_by_text("sera reliée à")).to_be_visible()
    expect(page.get_by_label("Nom (obligatoire)", exact=True)).to_have_value("Garrigue")
    _type_over(page, ressemblant)
    if not javascript:
        page.locator(".bouton-enregistrer").click()
    carte = page.locator(f'[data-usager="{ressemblant.id}"][data-niveau]')
    expect(carte.get_by_role("link", name="Relier cette fiche")).to_be_visible()
    expect(page.get_by_role("button", name="Utiliser cette fiche")).to_have_count(0)
    page.get_by_label("C’est une autre personne").check()
    page.locator(".bouton-enregistrer").click()
    expect(page.get_by_text("La fiche est créée et reliée à celle-ci.")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/usagers/{mere}$"))
    expect(page.locator("#proches .lien", has_text=ressemblant.prenom)).to_be_visible()


def _type_over(page: Page, connu: Connu) -> None:
    for label, text in (
        ("Prénom (obligatoire)", connu.prenom),
        ("Nom (obligatoire)", connu.nom),
        ("Date de naissance", connu.naissance_tapee),
    ):
        page.get_by_label(label, exact=True).fill("")
        page.get_by_label(label, exact=True).press_sequentially(text, delay=FRAPPE)


def test_a_card_of_the_warning_leads_to_linking_the_fiche_that_exists_R26(page_js: Page, demo: Serveur) -> None:
    mere, existant = claire(demo), find_connu(demo.instance)
    sign_in(page_js, demo)
    page_js.goto(f"{demo.url}/organisations/1/usagers/{mere}/proches/nouveau")
    _type_over(page_js, existant)
    page_js.locator(f'[data-usager="{existant.id}"]').get_by_role("link", name="Relier cette fiche").click()
    page_js.get_by_role("button", name="Relier", exact=True).click()
    expect(page_js.get_by_text("Les deux fiches sont reliées.")).to_be_visible()
    expect(page_js.locator("#proches .lien", has_text=existant.prenom)).to_be_visible()


def test_the_responsable_is_changed_and_who_will_be_told_is_seen_before_R22(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    enfant, ancien = find_proche_attendu(demo.instance)
    nouveau = claire(demo)
    sign_in(page, demo)
    open_fiche(page, demo, enfant)
    page.locator("#proches").get_by_role("link", name="Changer de responsable", exact=True).click()
    search(page, "Changer son responsable", "montagny claire", javascript)
    page.locator(f'#resultats-responsable [data-usager="{nouveau}"]').get_by_role("radio").check()
    page.get_by_role("button", name="Continuer avec la fiche choisie").click()
    prevus = page.locator(f'[data-destinataire="{nouveau}"][data-prevenu="oui"]')
    expect(prevus.first).to_be_visible()
    expect(page.locator(f'[data-destinataire="{ancien}"]')).to_have_count(0)
    expect(page.get_by_text("Jusque-là").first).to_be_visible()
    canaux = {prevus.nth(i).get_attribute("data-canal") for i in range(prevus.count())}
    page.get_by_role("button", name="Changer de responsable").click()
    expect(page.get_by_text("Les deux fiches sont reliées.")).to_be_visible()
    expect(page.locator("#proches")).to_contain_text("Montagny")
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        attente = base.execute(
            "select distinct m.usager_id, m.canal from message m join participation p on p.rdv_id = m.rdv_id "
            "where p.usager_id = ? and m.etat = 'attente'",
            (enfant,),
        ).fetchall()
    assert attente == [(nouveau, canal) for canal in sorted(canaux)]  # what arrives is what was shown


def test_a_link_is_made_and_ended_with_the_keyboard_alone_R26(page_js: Page, demo: Serveur) -> None:
    page, mere, adulte = page_js, claire(demo), find_connu(demo.instance)
    sign_in(page, demo)
    page.goto(f"{demo.url}/organisations/1/usagers/{mere}/proches?lien=proche")
    assert page.evaluate("document.activeElement.id") == "q-proche"
    page.keyboard.type(f"{adulte.nom} {adulte.prenom}")
    page.locator(f'#resultats-proche [data-usager="{adulte.id}"]').wait_for()
    _tab_to(page, "radio")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Relier ces deux fiches").wait_for()
    _tab_to(page, "text")  # the end of the link
    page.keyboard.type("31/08/2099")
    page.keyboard.press("Enter")
    page.get_by_text("Les deux fiches sont reliées.").wait_for()
    expect(page.locator("#proches")).to_contain_text("jusqu’au 31 août 2099")
    lien = page.locator("#proches .lien", has_text=adulte.prenom).get_by_role("link", name="Détacher")
    lien.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Détacher deux fiches").wait_for()
    page.get_by_role("button", name="Détacher").focus()
    page.keyboard.press("Enter")
    page.get_by_text("ne sont plus reliées").wait_for()


def _tab_to(page: Page, type_: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == type_:
            return
    raise AssertionError(f"no field of type {type_} is reached by Tab")


def test_referents_are_ticked_on_the_fiche_R13(page: Page, demo: Serveur) -> None:
    sign_in(page, demo)
    open_fiche(page, demo, find_connu(demo.instance).id)
    carte = page.locator("#referents")
    carte.get_by_text("Changer les référents").click()
    for agent in carte.get_by_role("checkbox").all():
        agent.check()
    carte.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Les référents sont enregistrés.")).to_be_visible()
    expect(page.locator("#referents .badge")).to_have_count(2)
