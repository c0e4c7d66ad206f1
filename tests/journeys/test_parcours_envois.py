"""A message that could not leave: seen on the fiche, sent again, read in the local outbox (R20, R21)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import Serveur, _page, sign_in
from tests.journeys.messages import announce_rdv, mark_failed
from tests.notifications.serveurs import smtp_server


def test_a_refused_address_is_seen_on_the_fiche_and_the_message_sent_again_R20(
    page: Page, serve: Callable[..., Serveur], demo_instance: Path
) -> None:
    with smtp_server() as boite:
        serveur = serve(
            demo_instance, SMTP_HOTE="127.0.0.1", SMTP_PORT=str(boite.port), SMTP_SECURITE="aucune",
            COURRIEL_EXPEDITEUR="rdv@service.test",
        )  # fmt: skip
        usager, email = announce_rdv(serveur.instance)
        boite.rcpt[email] = "550 5.1.1 no such user"
        assert "1 en échec" in serveur.flask("notifications", "envoyer").stdout
        sign_in(page, serveur)
        page.goto(f"{serveur.url}/organisations/1/usagers/{usager}")
        expect(page.locator("[data-echecs]")).to_contain_text("adresse refusée")
        boite.rcpt.clear()
        page.get_by_role("button", name="Renvoyer").click()
        expect(page.get_by_role("status").filter(has_text="va repartir")).to_be_visible()
        assert page.url.endswith(f"/usagers/{usager}")
        serveur.flask("notifications", "envoyer")
        page.reload()
        expect(page.locator("[data-echecs]")).to_have_count(0)
    assert [a for a, _ in boite.recus] == [email]


def test_without_settings_the_local_outbox_holds_the_words_and_the_links_R21(page: Page, demo: Serveur) -> None:
    announce_rdv(demo.instance)
    demo.flask("notifications", "envoyer")
    sign_in(page, demo)
    page.get_by_role("link", name="Rendez-vous").click()
    page.get_by_role("link", name="Messages").click()
    page.get_by_role("navigation", name="État des messages").get_by_role("link", name="Envoyés").click()
    message = page.locator('[data-etat="envoye"]').filter(has_text="par e-mail").first
    message.get_by_text("Lire le message").click()
    expect(message).to_contain_text("Un rendez-vous est prévu")
    message.get_by_role("link", name="Annuler ce RDV").click()
    expect(page.get_by_role("button", name="Oui, annuler ce rendez-vous")).to_be_visible()


@pytest.mark.parametrize("largeur", [1280, 360])
def test_the_pages_of_messages_have_no_axe_violation(browser: Browser, demo: Serveur, largeur: int) -> None:
    usager, _ = announce_rdv(demo.instance)
    demo.flask("notifications", "envoyer")
    mark_failed(demo.instance, usager)
    for page in _page(browser, True, largeur, 800):
        sign_in(page, demo, "admin@demo.test")
        for suite in ("messages", "messages?etat=abandon", f"usagers/{usager}", "reglages/messages?pour=proche"):
            page.goto(f"{demo.url}/organisations/1/{suite}")
            if suite == "messages":
                page.locator("details summary").first.click()
            assert violations(page) == [], suite
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{suite}: something sticks out"
