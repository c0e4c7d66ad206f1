"""What every answer promises: headers, French errors, a live request's fragment, quiet logs."""

import json

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fiches.web.headers import CONTENT_SECURITY_POLICY
from tests.builders import an_agent, an_organisation
from tests.client import LIVE, Client


@pytest.fixture
def agent_client(app: Flask, session: Session) -> Client:
    an_agent(session, an_organisation(session), email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


def test_every_answer_carries_the_strict_headers(agent_client: Client) -> None:
    for address in ("/connexion", "/organisations/1/usagers", "/nulle-part", "/sante"):
        headers = agent_client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "no-store" in headers["Cache-Control"]
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_sante_is_ready_once_migrated(client: Client, session: Session) -> None:
    assert client.get("/sante").status_code == 200
    session.connection().exec_driver_sql("delete from alembic_version")
    session.commit()
    assert client.get("/sante").status_code == 503


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 422, 429, 500])
def test_each_error_has_a_french_page_and_a_fragment(app: Flask, code: int) -> None:
    from flask import abort

    from fiches.web.guards import droit

    app.add_url_rule("/faute", "faute", droit("public")(lambda: abort(code) if code != 500 else 1 / 0))
    page = app.test_client().get("/faute")
    assert page.status_code == code
    assert "<h1>" in page.get_data(as_text=True)
    assert 'lang="fr"' in page.get_data(as_text=True)
    fragment = app.test_client().get("/faute", headers=LIVE)
    assert fragment.status_code == code
    assert "<html" not in fragment.get_data(as_text=True)
    assert 'role="alert"' in fragment.get_data(as_text=True)


def test_ten_megabytes_of_text_get_the_413_page(agent_client: Client) -> None:
    response = agent_client.post("/organisations/1/usagers/nouveau", data={"prenom": "a" * 10_000_000})
    assert response.status_code == 413
    assert "1 Mo" in response.get_data(as_text=True)


def test_logs_hold_the_route_and_neither_the_search_nor_the_form(
    agent_client: Client, capsys: pytest.CaptureFixture[str], app: Flask
) -> None:
    import structlog

    structlog.reset_defaults()
    from fiches.web.logs import configure_logs

    configure_logs("INFO")
    agent_client.get("/organisations/1/usagers?q=Zwyrtek")
    agent_client.post("/organisations/1/usagers/doublons", data={"nom": "Zwyrtek"})
    out = capsys.readouterr().out
    configure_logs("CRITICAL")
    assert "Zwyrtek" not in out
    line = json.loads(out.splitlines()[0])
    assert line["route"] == "/organisations/<int:org>/usagers"


def test_a_body_that_does_not_say_its_size_is_refused_and_not_cut(agent_client: Client) -> None:
    from io import BytesIO

    response = agent_client.post(
        "/organisations/1/usagers/nouveau",
        input_stream=BytesIO(b"prenom=Coupe&nom=Tronquee"),
        headers={"Transfer-Encoding": "chunked", "X-CSRFToken": agent_client.jeton},
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 411
    assert "taille" in response.text


@pytest.mark.sqlite
def test_a_writer_who_waits_too_long_is_told_so(agent_client: Client, app: Flask, session: Session) -> None:
    from fiches.web.db import db

    with app.app_context():
        engine = db.engine
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def impatient(connection: object, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined]

    engine.dispose()
    session.connection(execution_options={"fiches_writing": True})  # holds the one write lock
    response = agent_client.post("/organisations/1/usagers/nouveau", data={"prenom": "A", "nom": "B"})
    session.rollback()
    assert response.status_code == 503
    assert "réessayez" in response.text


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (psycopg.errors.DeadlockDetected(), 503),
        (psycopg.errors.SerializationFailure(), 503),
        (psycopg.errors.DiskFull(), 500),
    ],
)
def test_whom_the_base_gives_up_for_another_is_asked_to_try_again(app: Flask, cause: Exception, code: int) -> None:
    with app.test_request_context("/"):
        response = app.make_response(app.handle_user_exception(OperationalError("update", {}, cause)))
    assert response.status_code == code
