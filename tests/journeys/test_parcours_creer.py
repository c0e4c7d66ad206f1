"""The walk of creation: a name with a typo is warned of, the existing fiche used, a new one made."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Serveur, _page, sign_in
from tests.journeys.personnes import find_connu

FRAPPE = 18  # ms between two keys: faster than anybody types


def open_creation(page: Page) -> None:
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Créer un usager").click()
    page.get_by_role("heading", level=1, name="Créer un usager").wait_for()


def type_fast(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).press_sequentially(text, delay=FRAPPE)


def submit(page: Page) -> None:
    page.locator(".bouton-enregistrer").click()


def test_a_typo_is_warned_of_explained_and_the_existing_fiche_is_used_R5_R8(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    connu = find_connu(demo.instance)
    sign_in(page, demo)
    open_creation(page)
    type_fast(page, "Prénom (obligatoire)", connu.prenom)
    type_fast(page, "Nom (obligatoire)", connu.nom_faute)
    type_fast(page, "Date de naissance", connu.naissance_tapee)
    type_fast(page, "Téléphone", "06 99 98 97 96")
    if not javascript:
        submit(page)  # R8: without JavaScript the same warning comes at submission
        expect(page.get_by_role("alert").first).to_contain_text("semble déjà exister")
    card = page.locator(f'[data-usager="{connu.id}"][data-niveau]')
    expect(card).to_be_visible()
    expect(card).to_contain_text("même date de naissance")
    expect(card).to_contain_text("nom proche")
    assert card.get_attribute("data-niveau") == "probable"
    if javascript:
        expect(page.locator("#annonce")).to_contain_text("ressemblante")
        assert page.evaluate("document.activeElement.name") == "telephone"  # the focus was not taken
    card.get_by_role("button", name="Utiliser cette fiche").click()
    page.get_by_role("heading", level=1, name=re.compile("Modifier", re.I)).wait_for()
    assert page.locator("#nom").input_value().lower() == connu.nom.lower()  # not replaced without a tick
    expect(page.locator("#formulaire-usager")).to_contain_text(connu.nom_faute)  # proposed beside it
    submit(page)
    expect(page).to_have_url(re.compile(rf"/usagers/{connu.id}$"))


def test_a_new_person_is_created_and_the_agent_lands_on_the_fiche_R2(page: Page, demo: Serveur) -> None:
    sign_in(page, demo)
    open_creation(page)
    type_fast(page, "Prénom (obligatoire)", "Xanthippe")
    type_fast(page, "Nom (obligatoire)", "Wozniakowski")
    type_fast(page, "Date de naissance", "29/02/1988")
    submit(page)
    page.get_by_role("heading", level=1, name=re.compile("Xanthippe Wozniakowski", re.I)).wait_for()
    expect(page.get_by_text("La fiche est créée.")).to_be_visible()
    page.go_back()
    page.go_back()


def test_another_person_of_the_same_name_needs_the_tick_R9(page: Page, demo: Serveur, javascript: bool) -> None:
    connu = find_connu(demo.instance)
    sign_in(page, demo)
    open_creation(page)
    type_fast(page, "Prénom (obligatoire)", connu.prenom)
    type_fast(page, "Nom (obligatoire)", connu.nom)
    type_fast(page, "Date de naissance", connu.naissance_tapee)
    if javascript:
        expect(page.locator(f'[data-usager="{connu.id}"][data-niveau="certain"]')).to_be_visible()
    submit(page)
    expect(page.get_by_role("alert").first).to_contain_text("Une fiche semble déjà exister")
    assert page.get_by_label("Prénom (obligatoire)").input_value() == connu.prenom
    page.get_by_label("C’est une autre personne").check()
    submit(page)
    expect(page.get_by_text("La fiche est créée.")).to_be_visible()


def test_the_last_keystroke_is_never_lost(page_js: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    sign_in(page_js, demo)
    open_creation(page_js)
    sent: list[dict[str, list[str]]] = []
    page_js.on("request", lambda r: sent.append(parse_qs(r.post_data or "")) if r.url.endswith("/doublons") else None)
    for label, text in (("Prénom (obligatoire)", connu.prenom), ("Nom (obligatoire)", connu.nom)):
        page_js.get_by_label(label, exact=True).press_sequentially(text, delay=5)
    expect(page_js.locator(f'[data-usager="{connu.id}"][data-niveau]')).to_be_visible()
    page_js.wait_for_timeout(400)
    assert (sent[-1]["prenom"][0], sent[-1]["nom"][0]) == (connu.prenom, connu.nom)


def test_enter_in_a_field_saves_and_never_presses_a_card_s_button(page_js: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    sign_in(page_js, demo)
    open_creation(page_js)
    type_fast(page_js, "Prénom (obligatoire)", connu.prenom)
    type_fast(page_js, "Nom (obligatoire)", connu.nom)
    expect(page_js.locator(f'[data-usager="{connu.id}"][data-niveau]')).to_be_visible()
    page_js.get_by_label("Nom (obligatoire)", exact=True).press("Enter")
    page_js.wait_for_load_state()
    assert "/modifier" not in page_js.url


def test_a_lost_session_says_so_in_place_and_nothing_typed_is_lost(page_js: Page, demo: Serveur) -> None:
    sign_in(page_js, demo)
    open_creation(page_js)
    page_js.context.clear_cookies()
    type_fast(page_js, "Prénom (obligatoire)", "Camille")
    expect(page_js.get_by_role("alert")).to_contain_text("session est terminée")
    assert page_js.get_by_label("Prénom (obligatoire)").input_value() == "Camille"


def test_a_form_sent_after_the_session_ended_is_given_back_after_signing_in(page_js: Page, demo: Serveur) -> None:
    sign_in(page_js, demo)
    open_creation(page_js)
    type_fast(page_js, "Prénom (obligatoire)", "Xanthippe")
    type_fast(page_js, "Nom (obligatoire)", "Wozniakowski")
    page_js.wait_for_timeout(400)
    page_js.context.clear_cookies()
    submit(page_js)
    expect(page_js.get_by_role("status").first).to_contain_text("vous sera rendu")
    page_js.get_by_label("Adresse e-mail").fill("agent@demo.test")
    page_js.get_by_label("Mot de passe").fill("demonstration")
    page_js.get_by_role("button", name="Se connecter").click()
    expect(page_js.get_by_label("Nom (obligatoire)", exact=True)).to_have_value("Wozniakowski")
    submit(page_js)
    expect(page_js.get_by_text("La fiche est créée.")).to_be_visible()
    open_creation(page_js)
    expect(page_js.get_by_label("Nom (obligatoire)", exact=True)).to_have_value("")


def test_a_tick_outlives_a_new_order_of_the_cards_R9(page_js: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    sign_in(page_js, demo)
    open_creation(page_js)
    type_fast(page_js, "Prénom (obligatoire)", connu.prenom)
    type_fast(page_js, "Nom (obligatoire)", connu.nom)
    type_fast(page_js, "Date de naissance", connu.naissance_tapee)
    page_js.locator(f'[data-usager="{connu.id}"][data-niveau="certain"]').wait_for()
    page_js.get_by_label("C’est une autre personne").check()
    with page_js.expect_response("**/doublons"):
        type_fast(page_js, "Téléphone", "0699989796")
    page_js.wait_for_timeout(500)
    expect(page_js.get_by_label("C’est une autre personne")).to_be_checked()


def test_a_server_that_does_not_answer_is_said_and_nothing_typed_is_lost(page_js: Page, demo: Serveur) -> None:
    sign_in(page_js, demo)
    open_creation(page_js)
    page_js.route("**/doublons", lambda route: route.abort())
    type_fast(page_js, "Prénom (obligatoire)", "Camille")
    expect(page_js.get_by_text("Connexion perdue")).to_be_visible()
    assert page_js.get_by_label("Prénom (obligatoire)").input_value() == "Camille"


def test_back_from_a_fiche_finds_the_search_as_it_was_and_not_in_the_address_R12(page_js: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    sign_in(page_js, demo)
    page_js.get_by_label("Rechercher une fiche").press_sequentially(connu.nom_faute, delay=FRAPPE)
    hit = page_js.locator(f'[data-usager="{connu.id}"]')
    expect(hit).to_be_visible()
    assert connu.nom_faute not in page_js.url
    hit.get_by_role("link").click()
    page_js.get_by_role("heading", level=1, name=re.compile(connu.nom, re.I)).wait_for()
    page_js.go_back()
    expect(page_js.get_by_label("Rechercher une fiche")).to_have_value(connu.nom_faute)
    expect(page_js.locator(f'[data-usager="{connu.id}"]')).to_be_visible()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page as wide as a phone."""
    yield from _page(browser, True, 360, 740)


def test_on_a_phone_the_warning_comes_directly_under_the_names(phone: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    sign_in(phone, demo)
    open_creation(phone)
    type_fast(phone, "Prénom (obligatoire)", connu.prenom)
    type_fast(phone, "Nom (obligatoire)", connu.nom)
    card = phone.locator(f'[data-usager="{connu.id}"][data-niveau]')
    expect(card).to_be_visible()
    tops = [phone.locator(s).bounding_box()["y"] for s in ("#nom", "#doublons", "#telephone")]  # type: ignore[index]
    assert tops == sorted(tops)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360  # nothing sticks out
