"""axe-core on every page and state, wide and narrow, and the house rules of a page."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from fiches import clock
from tests.journeys.axe import violations
from tests.journeys.conftest import Serveur, _page, sign_in
from tests.journeys.personnes import find_connu, find_paire, find_proche_attendu


@pytest.fixture(params=[1280, 360], ids=["wide", "phone"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page at desktop and at phone width."""
    yield from _page(browser, True, request.param, 800)


def _type_connu(page: Page, demo: Serveur) -> None:
    connu = find_connu(demo.instance)
    page.locator("#prenom").press_sequentially(connu.prenom)
    page.locator("#nom").press_sequentially(connu.nom)
    page.locator("#date_naissance").press_sequentially(connu.naissance_tapee)
    page.locator('[data-niveau="certain"]').wait_for()


def _refused(page: Page, demo: Serveur) -> None:
    page.locator("#date_naissance").fill("31/02/1990")
    page.locator(".bouton-enregistrer").click()
    page.locator("[data-resume-erreurs]").wait_for()


def _asked(page: Page, demo: Serveur) -> None:
    _type_connu(page, demo)
    page.locator(".bouton-enregistrer").click()
    page.locator("[data-resume-erreurs]").wait_for()


def _used(page: Page, demo: Serveur) -> None:
    _type_connu(page, demo)
    page.get_by_role("button", name="Utiliser cette fiche").first.click()
    page.wait_for_load_state()


def _searched(page: Page, demo: Serveur) -> None:
    page.locator("#q").press_sequentially(find_connu(demo.instance).nom_faute)
    page.get_by_text("Orthographes proches").wait_for()


def _nothing_found(page: Page, demo: Serveur) -> None:
    page.locator("#q").press_sequentially("zzzzzyx")
    page.get_by_text("Aucune fiche pour").wait_for()


def _fiche(condition: str) -> Callable[[Serveur], str]:
    def address(demo: Serveur) -> str:
        with sqlite3.connect(demo.instance / "fiches.db") as base:
            row = base.execute(
                "select u.id from usager u join rattachement r on r.usager_id = u.id "
                f"where r.organisation_id = 1 and u.fusionne_vers_id is null and {condition} limit 1"
            ).fetchone()
        assert row, condition
        return f"usagers/{row[0]}"

    return address


def _link_searched(page: Page, demo: Serveur) -> None:
    page.locator("#q-proche").press_sequentially(find_connu(demo.instance).nom)
    page.locator("#resultats-proche [data-usager]").first.wait_for()


def _link_refused(page: Page, demo: Serveur) -> None:
    page.locator("#fin").fill("31/02/2099")
    page.locator(".lien-confirmation .bouton-principal").click()
    page.locator("[data-resume-erreurs]").wait_for()


def _change(demo: Serveur) -> str:
    proche, _ = find_proche_attendu(demo.instance)
    return f"usagers/{proche}/proches?responsable_id={find_connu(demo.instance).id}"


def _detach(demo: Serveur) -> str:
    proche, responsable = find_proche_attendu(demo.instance)
    return f"usagers/{proche}/proches/{responsable}/detacher"


def _fusion(demo: Serveur) -> str:
    a, b = find_paire(demo.instance)
    return f"fusion?a={a}&b={b}"


def _press_main(page: Page, demo: Serveur) -> None:
    page.locator("main .bouton-principal").first.click()
    page.wait_for_load_state()


def _press_main_last(page: Page, demo: Serveur) -> None:
    page.locator("main .bouton-principal").last.click()
    page.locator("[data-resume-erreurs]").wait_for()


def _refused_setting(page: Page, demo: Serveur) -> None:
    page.locator("#rappel_jours").fill("bientôt")
    _press_main_last(page, demo)


_COMING = (
    "(select p.usager_id from participation p join rdv on rdv.id = p.rdv_id "
    "where rdv.debut > datetime('now') and rdv.annule_le is null and p.issue is null and rdv.organisation_id = 1)"
)
_ATTENDU = f"not u.protegee and u.id in {_COMING}"
_RESPONSABLE_LIBRE = f"not u.protegee and u.id in (select responsable_id from lien_proche) and u.id not in {_COMING}"


def _rdv(condition: str) -> Callable[[Serveur], str]:
    def address(demo: Serveur) -> str:
        with sqlite3.connect(demo.instance / "fiches.db") as base:
            row = base.execute(f"select id from rdv where organisation_id = 1 and {condition} limit 1").fetchone()
        assert row, condition
        return f"rdvs/{row[0]}"

    return address


def _new_rdv(demo: Serveur) -> str:
    return f"rdvs/nouveau?usager={find_connu(demo.instance).id}"


def _on_creneau(demo: Serveur) -> str:
    with sqlite3.connect(demo.instance / "fiches.db") as base:
        (libre,) = base.execute("select min(id) from creneau where organisation_id = 1 and rdv_id is null").fetchone()
    return f"{_new_rdv(demo)}&creneau={libre}"


def _previewed(page: Page, demo: Serveur) -> None:
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_label("Date").fill((clock.today() - timedelta(days=7)).isoformat())
    page.get_by_label("Heure").fill("9:30")
    page.locator('[data-avertissement="passe"]').wait_for()
    page.get_by_label("Ajouter une personne").press_sequentially("montagny")
    page.get_by_text("cochez qui participe").wait_for()


def _rdv_asked(page: Page, demo: Serveur) -> None:
    _previewed(page, demo)
    page.get_by_role("button", name="Enregistrer le RDV").click()
    page.locator("[data-resume-erreurs]").wait_for()


def _opened(page: Page, demo: Serveur) -> None:
    page.get_by_text("Déplacer ou modifier").click()


def _serie_refused(page: Page, demo: Serveur) -> None:
    page.get_by_role("button", name="Ouvrir les créneaux").click()
    page.locator("[data-resume-erreurs]").wait_for()


STATES: dict[str, tuple[str | Callable[[Serveur], str], Callable[[Page, Serveur], None] | None]] = {
    "list": ("usagers", None),
    "list_last_page": ("usagers?page=999&tri=recent", None),
    "search": ("usagers", _searched),
    "search_empty": ("usagers", _nothing_found),
    "create": ("usagers/nouveau", None),
    "create_refused": ("usagers/nouveau", _refused),
    "create_warned": ("usagers/nouveau", _type_connu),
    "create_asked": ("usagers/nouveau", _asked),
    "create_used": ("usagers/nouveau", _used),
    "fiche": (_fiche("u.id in (select usager_id from participation)"), None),
    "fiche_responsable": (_fiche("u.id in (select responsable_id from lien_proche)"), None),
    "fiche_locked": (_fiche("u.notif_sms_auteur = 'usager'"), None),
    "fiche_protected": (_fiche("u.protegee"), None),
    "modify": (lambda demo: _fiche("not u.protegee")(demo) + "/modifier", None),
    "fusion_empty": ("fusion", None),
    "fusion": (_fusion, None),
    "fusion_unknown": ("fusion?a=999999&b=1", None),
    "proches": (lambda demo: _fiche("not u.protegee")(demo) + "/proches", _link_searched),
    "proches_unknown": (lambda demo: _fiche("not u.protegee")(demo) + "/proches?proche_id=999999", None),
    "proches_change": (_change, None),
    "proches_refused": (_change, _link_refused),
    "proches_detach": (_detach, None),
    "proches_confirm": (lambda demo: _detach(demo).replace("detacher", "confirmer"), None),
    "proches_new": (lambda demo: _fiche("not u.protegee")(demo) + "/proches/nouveau", _type_connu),
    "diary_week": ("rdvs?agent=", None),
    "diary_day": ("rdvs?vue=jour&agent=", None),
    "rdv_new": (_new_rdv, None),
    "rdv_new_on_creneau": (_on_creneau, None),
    "rdv_new_previewed": (_new_rdv, _previewed),
    "rdv_new_asked": (_new_rdv, _rdv_asked),
    "rdv": (_rdv("annule_le is null and debut > current_timestamp"), _opened),
    "rdv_past": (_rdv("annule_le is null and debut < current_timestamp"), None),
    "rdv_cancelled": (_rdv("annule_le is not null"), None),
    "rdv_cancel": (lambda demo: _rdv("annule_le is null and debut > current_timestamp")(demo) + "/annuler", None),
    "creneaux": ("creneaux", None),
    "creneaux_refused": ("creneaux", _serie_refused),
    "not_found": ("usagers/999999", None),
    "remove": (lambda demo: _fiche(_RESPONSABLE_LIBRE)(demo) + "/retirer", None),
    "remove_refused": (lambda demo: _fiche(_ATTENDU)(demo) + "/retirer", None),
    "removed": (lambda demo: _fiche(_RESPONSABLE_LIBRE)(demo) + "/retirer", _press_main),
    "removed_none": ("usagers/retires", None),
    "death": (lambda demo: _fiche(_ATTENDU)(demo) + "/deces", None),
    "death_recorded": (lambda demo: _fiche(_ATTENDU)(demo) + "/deces", _press_main),
    "reglages": ("reglages", None),
    "reglages_refused": ("reglages", _refused_setting),
    "reglages_motifs": ("reglages/motifs", None),
    "reglages_motifs_refused": ("reglages/motifs", _press_main_last),
    "reglages_motif": ("reglages/motifs/1", None),
    "reglages_lieux": ("reglages/lieux", None),
    "reglages_lieu": ("reglages/lieux/1", None),
}

ECRIVENT = ("removed", "death_recorded")  # states that one reaches by writing: a base of their own


@pytest.mark.parametrize("state", STATES)
def test_no_page_or_state_has_an_axe_violation(screen: Page, request: pytest.FixtureRequest, state: str) -> None:
    demo: Serveur = request.getfixturevalue("demo" if state in ECRIVENT else "demo_lue")
    where, prepare = STATES[state]
    sign_in(screen, demo, "admin@demo.test" if state.startswith("reglages") else "agent@demo.test")
    screen.goto(f"{demo.url}/organisations/1/{where(demo) if callable(where) else where}")
    if prepare:
        prepare(screen, demo)
    assert violations(screen) == []
    assert screen.locator("h1").count() == 1
    h1 = " ".join(screen.locator("h1").inner_text().split())
    title = " ".join(screen.title().split())
    assert title.lower().startswith(h1.lower()), (title, h1)
    ids = screen.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth"), "something sticks out"


def test_sign_in_has_no_axe_violation(screen: Page, demo_lue: Serveur) -> None:
    screen.goto(f"{demo_lue.url}/connexion")
    assert violations(screen) == []
    screen.get_by_role("button", name="Se connecter").click()
    screen.locator("[data-resume-erreurs]").wait_for()
    assert violations(screen) == []


def test_the_whole_walk_is_done_with_the_keyboard_alone(page_js: Page, demo: Serveur) -> None:
    page = page_js
    page.goto(f"{demo.url}/connexion")
    page.keyboard.type("agent@demo.test")  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type("demonstration")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Vos usagers").wait_for()
    assert page.evaluate("document.activeElement.id") == "q"
    page.goto(f"{page.url}/nouveau")
    assert page.evaluate("document.activeElement.id") == "prenom"
    page.keyboard.type("Xanthippe")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("Wozniakowski")
    assert page.locator("#nom").input_value() == "Wozniakowski"
    page.keyboard.press("Enter")
    page.get_by_text("La fiche est créée.").wait_for()


def test_the_skip_link_comes_first_and_leads_to_the_contents(page_js: Page, demo: Serveur) -> None:
    sign_in(page_js, demo)
    page_js.goto(f"{demo.url}/organisations/1/usagers/{find_connu(demo.instance).id}")
    page_js.keyboard.press("Tab")
    assert page_js.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page_js.keyboard.press("Enter")
    assert page_js.evaluate("document.activeElement.id") == "contenu"
