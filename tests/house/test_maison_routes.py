"""House checks of addresses: each has a right, typed ids, refuses without CSRF and outside one's rights."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from fiches.acces.rules import DROITS
from tests.builders import a_usager, an_agent, an_organisation
from tests.client import Client

LOIN = 2**31 - 2  # an id that nobody has


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_address_declares_a_right_of_the_table(app: Flask) -> None:
    without = [
        rule.rule for rule in routes(app) if getattr(app.view_functions[rule.endpoint], "droit", None) not in DROITS
    ]
    assert not without, f"put @droit(...) under the route of {without}"


def test_a_view_without_a_right_refuses_everybody(app: Flask) -> None:
    app.add_url_rule("/oubliee", "oubliee", lambda: "secret")
    assert app.test_client().get("/oubliee").status_code == 403


def test_every_address_is_french_kebab_case_with_typed_ids(app: Flask) -> None:
    for rule in routes(app):
        for part in rule.rule.strip("/").split("/"):
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*|<int:\w+>|<jeton>|<int:rdv_id>\.ics|", part), (
                f"{rule.rule}: write « {part} » in kebab-case, or type the id with <int:…>"
            )


def test_every_write_refuses_without_the_csrf_token(app: Flask, session: Session) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    client.jeton = "invented"
    for rule in routes(app):
        if "POST" in (rule.methods or ()):
            response = client.post(_fill(rule, org, LOIN), data={"csrf_token": "invented"})
            assert response.status_code == 400, f"{rule.rule} accepts a POST without a token"


def test_nothing_but_public_pages_opens_without_signing_in(app: Flask) -> None:
    for rule in routes(app):
        view = app.view_functions[rule.endpoint]
        if getattr(view, "public", False) or "GET" not in (rule.methods or ()):
            continue
        client = app.test_client()
        page = client.get(_fill(rule, 1, 1))
        assert page.status_code == 303, rule.rule
        assert page.headers["Location"].startswith("/connexion"), rule.rule
        fragment = client.get(_fill(rule, 1, 1), headers={"HX-Request": "true"})
        assert fragment.status_code == 401, rule.rule
        assert "nouvel onglet" in fragment.get_data(as_text=True)


def test_another_territoire_s_agent_finds_nothing_at_any_address_with_an_id(app: Flask, session: Session) -> None:
    here, elsewhere = an_organisation(session), an_organisation(session)
    an_agent(session, elsewhere, email="ailleurs@exemple.test")
    usager = a_usager(session, here)
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("ailleurs@exemple.test")
    seen = 0
    for rule in routes(app):
        if "usager_id" not in rule.arguments:
            continue
        for org in (here, elsewhere):
            address = _fill(rule, org, usager)
            if "GET" in (rule.methods or ()):
                assert client.get(address).status_code == 404, address
                seen += 1
            if "POST" in (rule.methods or ()):
                data = {"nom": "X", "prenom": "Y", "raison": "orientation", "notif_email": "non"}
                assert client.post(address, data=data).status_code == 404, address
                seen += 1
    assert seen > 8  # the checker sees the addresses it is about


@pytest.mark.parametrize("org", [0, LOIN, 99999999999999999999])
def test_an_absurd_organisation_is_a_404_page(app: Flask, session: Session, org: int) -> None:
    an_agent(session, an_organisation(session), email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    response = client.get(f"/organisations/{org}/usagers")
    assert response.status_code == 404
    assert "Page introuvable" in response.get_data(as_text=True)


def _fill(rule: Rule, org: int, other: int) -> str:
    address = rule.rule.replace("<int:org>", str(org)).replace("<jeton>", "jeton")
    return re.sub(r"<int:\w+>", str(other), address)
