"""The story of messages: a child on the mother's fiche, an RDV for the child, who is told, what arrives."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Serveur, sign_in
from tests.journeys.personnes import find_paire
from tests.journeys.test_parcours_fusion_messages import add_rdvs, open_base
from tests.notifications.serveurs import BoiteAuxLettres, Passerelle, sms_gateway, smtp_server

MERE = "usager@demo.test"


@dataclass
class Service:
    """The demonstration, served, with a real SMTP server and a real SMS gateway behind its worker."""

    serveur: Serveur
    courrier: BoiteAuxLettres
    sms: Passerelle

    def send(self) -> str:
        """Let the worker send what is due; what it says of it."""
        fait = self.serveur.flask("notifications", "envoyer")
        assert fait.returncode == 0, fait.stderr
        return fait.stdout

    def ask(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.serveur.instance / "fiches.db") as base:
            return base.execute(sql, parameters).fetchall()

    def fiche_of(self, email: str) -> str:
        ((usager_id,),) = self.ask("select id from usager where email = ?", email)
        return f"{self.serveur.url}/organisations/1/usagers/{usager_id}"

    def mails(self) -> list[tuple[str, str, str]]:
        """(recipient, subject, plain text) of what arrived."""
        return [
            (adresse, str(c["Subject"]), str(c.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
            for adresse, c in self.courrier.recus
        ]


@pytest.fixture
def service(serve: Callable[..., Serveur], demo_instance: Path) -> Iterator[Service]:
    with smtp_server() as courrier, sms_gateway() as sms:
        reglages = {
            "SMTP_HOTE": "127.0.0.1", "SMTP_PORT": str(courrier.port), "SMTP_SECURITE": "aucune",
            "COURRIEL_EXPEDITEUR": "rdv@service.test",
            "SMS_PASSERELLE": sms.reglages.passerelle, "SMS_CLE": "clef", "SMS_EXPEDITEUR": "RDV",
        }  # fmt: skip
        yield Service(serve(demo_instance, **reglages), courrier, sms)


def type_rdv(page: Page, jour: date, heure: str, javascript: bool) -> None:
    """Fill in when, and look at who will be told."""
    page.locator("#date").fill(jour.strftime("%d/%m/%Y"))
    page.locator("#heure").fill(heure)
    if not javascript:
        page.get_by_role("button", name="Voir qui sera prévenu").last.click()
    heures, minutes = heure.split(":")
    expect(page.locator("#apercu .prevenus-rdv h3")).to_contain_text(re.compile(rf"à {int(heures)}\sh\s{minutes}"))


def told(page: Page) -> set[tuple[str, str]]:
    """(channel, whether told) that the preview shows."""
    return {
        (str(x.get_attribute("data-canal")), str(x.get_attribute("data-prevenu")))
        for x in page.locator("[data-destinataire]").all()
    }


def test_an_agent_makes_a_child_s_rdv_and_the_mother_alone_is_told_once_R16_R19_R22_R26(
    page: Page, service: Service, javascript: bool
) -> None:
    jour = date.today() + timedelta(days=14)
    sign_in(page, service.serveur)
    # a child on the mother's fiche, created on the spot
    page.goto(service.fiche_of(MERE))
    page.get_by_role("link", name="Ajouter un proche").click()
    page.get_by_role("link", name=re.compile("^Créer (sa|la) fiche")).or_(
        page.get_by_role("button", name=re.compile("^Créer (sa|la) fiche"))
    ).first.click()
    page.locator("#prenom").fill("Zoé-Lou")
    page.locator("#nom").fill("Montagny")
    page.get_by_role("button", name="Créer et relier").last.click()
    page.get_by_role("link", name="Zoé-Lou Montagny").first.click()
    # an RDV for the child
    page.get_by_role("link", name="Nouveau RDV").click()
    page.locator("#motif").select_option(
        page.locator("#motif option", has_text="Accompagnement social").get_attribute("value")
    )
    type_rdv(page, jour, "9:30", javascript)
    assert told(page) == {("email", "oui"), ("sms", "oui")}
    expect(page.locator("#apercu")).to_contain_text("Claire Montagny")
    page.get_by_role("button", name="Enregistrer le RDV").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("RDV du")
    # moved before anything left: the mother gets one message, with the new date
    jour += timedelta(days=1)
    page.get_by_text("Déplacer ou modifier").click()
    type_rdv(page, jour, "14:15", javascript)
    page.locator("#deplacer").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("14 h 15")
    rdv_page = page.url
    service.send()
    (courriel,) = [m for m in service.mails() if m[0] == MERE]
    (texto,) = [s for s in service.sms.recus if s["to"] == "+33639981234"]
    for texte in (courriel[2], str(texto["text"])):
        assert "14 h 15" in texte.replace("\u00a0", " ")
        assert re.search("Zoe?é?-Lou", texte)
        assert "Montagny" not in texte
        assert "Accompagnement" not in texte
    assert not service.ask("select 1 from message where etat = 'envoi'")
    # the mother cancels by the link, without a compte
    lien = re.search(r"Annuler ce RDV\s:\s(\S+)", courriel[2])
    assert lien
    page.context.clear_cookies()
    page.goto(lien[1])
    assert urlsplit(lien[1]).netloc == urlsplit(service.serveur.url).netloc
    expect(page.locator("main")).to_contain_text("Zoé-Lou")
    assert service.ask("select issue from participation order by id desc limit 1") == [(None,)]
    page.get_by_role("button", name="Oui, annuler ce rendez-vous").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rendez-vous annulé")
    sign_in(page, service.serveur)
    page.goto(rdv_page)
    expect(page.locator("[data-participation]")).to_contain_text("excusé")
    attente = "select 1 from message where rdv_id = ? and etat = 'attente'"
    assert not service.ask(attente, int(rdv_page.rsplit("/", 1)[1]))


def lines_of(texte: str) -> list[str]:
    """What a message says, its links left out: they are made when it leaves."""
    lignes = (ligne.strip().replace("\u00a0", " ") for ligne in texte.splitlines())
    return [ligne for ligne in lignes if ligne and not re.search("^(Annuler|Ne plus recevoir|Ce n)", ligne)]


def test_what_arrives_after_a_merge_is_what_the_preview_said_F24_R28(
    page: Page, service: Service, javascript: bool
) -> None:
    a, b = find_paire(service.serveur.instance)
    with open_base(service.serveur.instance) as session:
        rdvs = add_rdvs(session, a, b)
        session.get_bind().dispose()
    sign_in(page, service.serveur)
    page.goto(f"{service.serveur.url}/organisations/1/fusion?a={a}&b={b}")
    if page.get_by_label("Oui, c’est la même personne").count():
        page.get_by_label("Oui, c’est la même personne").check()
    attendus: dict[str, list[list[str]]] = {"email": [], "sms": []}
    for message in page.locator('[data-message="attente"][data-genre="nouveau"]').all():
        if int(str(message.get_attribute("data-rdv"))) in rdvs:
            message.locator("summary").click()
            texte = message.locator(".message-texte").inner_text()
            attendus[str(message.get_attribute("data-canal"))].append(lines_of(texte))
    assert all(attendus.values())  # by either channel: one fiche had the mobile, the other the e-mail
    page.get_by_role("button", name="Fusionner", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/usagers/({a}|{b})$"))
    assert service.courrier.recus == []  # merging itself sends nothing
    service.send()
    arrives = {
        "email": [lines_of(texte) for adresse, _, texte in service.mails() if adresse == "b@x.test"],
        "sms": [lines_of(str(s["text"])) for s in service.sms.recus if s["to"] == "+33611223344"],
    }
    assert {canal: sorted(textes) for canal, textes in arrives.items()} == {
        canal: sorted(textes) for canal, textes in attendus.items()
    }
    service.send()
    assert len(service.courrier.recus) == len(set(service.courrier.ids()))  # and nothing twice
