"""The walk of a merge: find two duplicates, tick from both columns, check each line, merge."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Serveur, sign_in
from tests.journeys.personnes import find_paire


def choose(page: Page, colonne: str, numero: int, javascript: bool) -> None:
    """Search a fiche by its number in a column and choose it."""
    column = page.get_by_role("region", name=f"Fiche {colonne}")
    box = column.get_by_label("Rechercher", exact=True)
    box.press_sequentially(f"#{numero}", delay=15)
    if not javascript:
        column.get_by_role("button", name="Rechercher").click()
    column.locator(f'li[data-usager="{numero}"]').get_by_role("link").first.click()
    expect(page.locator(f'[data-choisie="{numero}"]')).to_be_visible()


def redraw(page: Page, javascript: bool) -> None:
    """Let the preview follow: by itself with JavaScript, with a button without."""
    if javascript:
        page.wait_for_load_state("networkidle")
    else:
        page.get_by_role("button", name="Voir le résultat").click()


def preview(page: Page) -> dict[str, str]:
    """What the preview shows, by field."""
    return {
        str(e.get_attribute("data-champ")): " ".join(e.inner_text().split()) for e in page.locator("[data-champ]").all()
    }


def test_two_duplicates_become_one_fiche_as_the_preview_said_R27_R28(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    a, b = find_paire(demo.instance)
    sign_in(page, demo)
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Fusionner").click()
    choose(page, "A", a, javascript)
    choose(page, "B", b, javascript)
    # one tick from each column
    lines = page.locator(".ligne:has(input[data-ligne])").all()
    names = [str(line.get_attribute("id")).removeprefix("ligne-") for line in lines]
    ticked = {}
    for i, nom in enumerate(names):
        cote = "ab"[i % 2]
        box = page.locator(f"#garder_{nom}_{cote}")
        if not box.is_checked():
            box.check()
            if javascript:
                expect(page.locator(f"#garder_{nom}_{'ba'[i % 2]}")).not_to_be_checked() if nom not in (
                    "remarques",
                    "telephone",
                ) else None
            else:
                page.locator(f"#garder_{nom}_{'ba'[i % 2]}").uncheck()
        ticked[nom] = cote
    redraw(page, javascript)
    for nom, cote in ticked.items():
        if page.locator(f'[data-champ="{nom}"]').count() and nom not in ("remarques", "telephone"):
            text = page.locator(f".ligne-cote:has(#garder_{nom}_{cote}) .ligne-valeur").inner_text()
            value = text.split(":")[-1].strip()
            shown = page.locator(f'[data-champ="{nom}"]').first.inner_text().strip()
            assert shown.lower() == value.lower() or value == "vide", (nom, shown, value)
    if page.get_by_label("Oui, c’est la même personne").count():
        page.get_by_label("Oui, c’est la même personne").check()
    said = preview(page)
    assert not page.locator("[data-refus]").count()
    page.get_by_role("button", name="Fusionner", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/usagers/({a}|{b})$"))
    kept = int(page.url.rsplit("/", 1)[1])
    text = " ".join(page.locator("main").inner_text().split()).lower()
    for champ in ("prenom", "nom", "email", "telephone", "ville", "numero_allocataire"):
        if said.get(champ, "—") not in ("—", "", "vide", "non gardé"):
            assert said[champ].lower() in text, champ
    gone = a if kept == b else b
    page.goto(page.url.replace(f"/{kept}", f"/{gone}"))
    assert page.url.endswith(f"/{kept}")  # F25: the merged address leads to the kept one


def test_choices_survive_reload_and_can_be_swapped_F2(page: Page, demo: Serveur) -> None:
    a, b = find_paire(demo.instance)
    sign_in(page, demo)
    page.goto(f"{page.url.rsplit('/', 1)[0]}/fusion?a={a}&b={b}")
    page.get_by_role("link", name="Échanger").click()
    expect(page.get_by_role("region", name="Fiche A").locator(f'[data-choisie="{b}"]')).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Fiche B").locator(f'[data-choisie="{a}"]')).to_be_visible()
    page.go_back()
    expect(page.get_by_role("region", name="Fiche A").locator(f'[data-choisie="{a}"]')).to_be_visible()


def test_a_tick_replaces_the_other_and_the_preview_says_so_F5(page_js: Page, demo: Serveur) -> None:
    a, b = find_paire(demo.instance)
    sign_in(page_js, demo)
    page_js.goto(f"{page_js.url.rsplit('/', 1)[0]}/fusion?a={a}&b={b}")
    line = page_js.locator(".ligne-different:has(input[data-ligne])").first
    nom = str(line.get_attribute("id")).removeprefix("ligne-")
    free = "a" if page_js.locator(f"#garder_{nom}_b").is_checked() else "b"
    page_js.locator(f"#garder_{nom}_{free}").check()
    expect(page_js.locator(f"#garder_{nom}_{'a' if free == 'b' else 'b'}")).not_to_be_checked()
    expect(page_js.locator("#annonce")).not_to_be_empty()
