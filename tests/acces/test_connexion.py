"""Signing in."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.acces import actions, mots_de_passe
from fiches.acces.queries import ECHECS_PAR_EMAIL
from fiches.organisations.models import Agent, TentativeConnexion
from tests.builders import an_agent, an_organisation
from tests.client import Client


def test_an_agent_signs_in_and_lands_on_the_usagers_of_their_first_organisation(
    client: Client, session: Session
) -> None:
    first, second = an_organisation(session, "MDS Chalon"), an_organisation(session)
    an_agent(session, first, second, email="a@exemple.test")
    page = client.sign_in("A@Exemple.test ")
    assert page.request.path == f"/organisations/{first}/usagers"
    assert "MDS Chalon" in page.get_data(as_text=True)


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(client: Client, session: Session) -> None:
    an_agent(session, an_organisation(session), email="a@exemple.test")
    client.get("/connexion")
    answers = [
        client.post("/connexion", data={"email": email, "mot_de_passe": "faux"})
        for email in ("a@exemple.test", "inconnu@exemple.test")
    ]
    assert [a.status_code for a in answers] == [422, 422]
    assert all("incorrect" in a.get_data(as_text=True) for a in answers)
    assert 'value="a@exemple.test"' in answers[0].get_data(as_text=True)  # what was typed is still there


def test_after_ten_failures_even_the_right_password_must_wait(client: Client, session: Session) -> None:
    an_agent(session, an_organisation(session), email="a@exemple.test")
    client.get("/connexion")
    for _ in range(ECHECS_PAR_EMAIL):
        client.post("/connexion", data={"email": "a@exemple.test", "mot_de_passe": "faux"})
    response = client.post("/connexion", data={"email": "a@exemple.test", "mot_de_passe": "demonstration"})
    assert response.status_code == 429
    assert "quart d’heure" in response.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(TentativeConnexion)) == 2 * ECHECS_PAR_EMAIL


def test_the_page_one_wanted_is_opened_after_signing_in_but_never_another_site(
    client: Client, session: Session
) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    wanted = client.get(f"/organisations/{org}/usagers/nouveau")
    assert wanted.headers["Location"].startswith("/connexion?suite=")
    client.get(wanted.headers["Location"])
    data = {"email": "a@exemple.test", "mot_de_passe": "demonstration"}
    ours = client.post("/connexion", data=data | {"suite": f"/organisations/{org}/usagers/nouveau"})
    assert ours.headers["Location"] == f"/organisations/{org}/usagers/nouveau"
    for evil in ("https://mal.example/", "//mal.example/", "/\\mal.example", "/nulle-part", "javascript:x"):
        client.get("/connexion")
        client.jeton = client.jeton
        away = client.get(f"/connexion?suite={evil}")
        assert away.headers["Location"] == "/"


def test_signing_out_ends_the_session(client: Client, session: Session) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    client.sign_in("a@exemple.test")
    assert client.post("/deconnexion").status_code == 303
    assert client.get(f"/organisations/{org}/usagers").status_code == 303


def test_a_new_password_ends_every_older_session(client: Client, app: Flask, session: Session) -> None:
    org = an_organisation(session)
    agent = an_agent(session, org, email="a@exemple.test")
    client.sign_in("a@exemple.test")
    stored = session.get(Agent, agent).mot_de_passe  # type: ignore[union-attr]
    session.rollback()
    jeton = mots_de_passe.make_lien_jeton("test", agent, stored)
    actions.set_password(session, mots_de_passe.read_lien_jeton("test", jeton), "une phrase facile à retenir")
    assert client.get(f"/organisations/{org}/usagers").status_code == 303


def test_the_link_of_the_command_sets_a_password_once(client: Client, session: Session) -> None:
    org = an_organisation(session)
    agent = an_agent(session, org, email="a@exemple.test")
    jeton = mots_de_passe.make_lien_jeton("test", agent, session.get(Agent, agent).mot_de_passe)  # type: ignore[union-attr]
    session.rollback()
    address = f"/mot-de-passe/{jeton}"
    assert "a@exemple.test" in client.get(address).get_data(as_text=True)
    court = client.post(address, data={"mot_de_passe": "court", "confirmation": "court"})
    assert court.status_code == 422
    assert "trop court" in court.get_data(as_text=True)
    phrase = {"mot_de_passe": "le chat dort au soleil", "confirmation": "le chat dort au soleil"}
    assert client.post(address, data=phrase).status_code == 303
    client.post("/deconnexion")
    assert client.get(address).status_code == 404
    client.get("/connexion")
    assert client.sign_in("a@exemple.test", "le chat dort au soleil").status_code == 200


def test_invented_tokens_open_nothing(client: Client) -> None:
    for jeton in ("x", "é", "a" * 500, "WyJ4Il0.x.y"):
        assert client.get(f"/mot-de-passe/{jeton}").status_code == 404


def test_old_failures_are_forgotten(session: Session) -> None:
    an_agent(session, an_organisation(session), email="a@exemple.test")
    long_ago, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    session.add_all(TentativeConnexion(cle="x", le=long_ago) for _ in range(50))
    session.commit()
    assert actions.sign_in(session, "a@exemple.test", "demonstration", "127.0.0.1", now)
    assert session.scalar(select(func.count()).select_from(TentativeConnexion)) == 0


def test_a_copied_cookie_opens_nothing_after_signing_out(client: Client, app: Flask, session: Session) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    client.sign_in("a@exemple.test")
    cookie = client.get_cookie("fiches")
    assert cookie is not None
    client.post("/deconnexion")
    thief = app.test_client()
    thief.set_cookie("fiches", cookie.value)
    assert thief.get(f"/organisations/{org}/usagers").status_code == 303


def test_signing_out_here_leaves_the_other_screen_open(app: Flask, session: Session) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        assert isinstance(client, Client)
        client.sign_in("a@exemple.test")
    here.post("/deconnexion")
    assert there.get(f"/organisations/{org}/usagers").status_code == 200


def test_a_head_request_counts_as_no_attempt(client: Client, session: Session) -> None:
    for _ in range(3):
        assert client.head("/connexion").status_code == 200
    assert session.scalar(select(func.count()).select_from(TentativeConnexion)) == 0
