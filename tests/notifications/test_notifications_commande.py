"""`flask notifications envoyer`: what it prints, and how it ends (R20)."""

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from fiches import clock, create_app
from tests.notifications.poste import Poste
from tests.notifications.serveurs import free_port, smtp_server


def configured(base_url: str, tmp_path: Path, port: int) -> Flask:
    return create_app(
        {
            "INSTANCE": str(tmp_path), "DATABASE_URL": base_url, "SECRET_KEY": "test", "LOG_LEVEL": "CRITICAL",
            "SMTP_HOTE": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITE": "aucune",
            "COURRIEL_EXPEDITEUR": "rdv@service.test",
        }
    )  # fmt: skip


def waiting(session: Session) -> Poste:
    poste = Poste(session)
    poste.le = clock.now()
    poste.by_mail(2)
    return poste


def test_it_counts_what_it_did_and_finds_nothing_the_second_time(app: Flask, session: Session) -> None:
    waiting(session)
    session.rollback()
    fait = app.test_cli_runner().invoke(args=["notifications", "envoyer"])
    assert (fait.exit_code, fait.stdout) == (0, "2 envoyés, 0 reportés, 0 abandonnés, 0 en échec\n")
    encore = app.test_cli_runner().invoke(args=["notifications", "envoyer"])
    assert (encore.exit_code, encore.stdout) == (0, "0 envoyés, 0 reportés, 0 abandonnés, 0 en échec\n")


def test_the_settings_choose_the_server(session: Session, base_url: str, tmp_path: Path) -> None:
    waiting(session)
    session.rollback()
    with smtp_server() as boite:
        fait = configured(base_url, tmp_path, boite.port).test_cli_runner().invoke(args=["notifications", "envoyer"])
    assert fait.exit_code == 0
    assert {a for a, _ in boite.recus} == {"p0@exemple.test", "p1@exemple.test"}


def test_a_server_that_is_down_is_said_on_standard_error_and_loses_nothing(
    session: Session, base_url: str, tmp_path: Path
) -> None:
    poste = waiting(session)
    session.rollback()
    fait = configured(base_url, tmp_path, free_port()).test_cli_runner().invoke(args=["notifications", "envoyer"])
    assert (fait.exit_code, fait.stdout) == (1, "0 envoyés, 1 reportés, 0 abandonnés, 0 en échec\n")
    assert fait.stderr == "Envoi interrompu (e-mail)\u00a0: le serveur d’envoi ne répond pas.\n"
    assert [m.etat for m in poste.rows()] == ["attente", "attente"]
