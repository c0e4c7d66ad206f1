"""R34: territoires, organisations and agents are added by commands; interface.md, Commands."""

import contextlib
import os
import re
import subprocess
import sys
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.mots_de_passe import verify_password
from fiches.organisations.models import Agent, Appartenance, Organisation, Territoire
from tests.builders import a_territoire, an_agent, an_organisation


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_r34_a_territoire_then_an_organisation_each_prints_its_id_alone(
    runner: FlaskCliRunner, session: Session
) -> None:
    premier = runner.invoke(args=["territoires", "creer", "  Saône-et-Loire  "])
    assert (premier.exit_code, premier.stderr) == (0, "")
    territoire = session.get(Territoire, int(premier.stdout))
    assert territoire is not None
    assert territoire.nom == "Saône-et-Loire"
    session.rollback()
    second = runner.invoke(args=["organisations", "creer", "MDS Chalon", "--territoire", premier.stdout.strip()])
    assert (second.exit_code, second.stderr) == (0, "")
    organisation = session.get(Organisation, int(second.stdout))
    assert organisation is not None
    assert (organisation.nom, organisation.territoire_id) == ("MDS Chalon", territoire.id)


@pytest.mark.parametrize("nom", ["", "   ", "!!", "x" * 201, "Saô\x00ne", "SAONE et loire"])
def test_a_territoire_without_a_usable_or_free_name_is_refused_with_a_sentence(
    runner: FlaskCliRunner, session: Session, nom: str
) -> None:
    a_territoire(session, "Saône-et-Loire")
    resultat = runner.invoke(args=["territoires", "creer", nom])
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert resultat.stderr.strip().endswith(".")
    assert "Traceback" not in resultat.stderr


def test_two_territoires_may_each_have_an_organisation_of_the_same_name_but_not_one_twice(
    runner: FlaskCliRunner, session: Session
) -> None:
    un, deux = a_territoire(session), a_territoire(session)
    for territoire, code in ((un, 0), (deux, 0), (un, 1)):
        resultat = runner.invoke(args=["organisations", "creer", "CCAS", "--territoire", str(territoire)])
        assert resultat.exit_code == code


def test_an_organisation_of_no_territoire_is_refused(runner: FlaskCliRunner) -> None:
    resultat = runner.invoke(args=["organisations", "creer", "CCAS", "--territoire", "999"])
    assert resultat.exit_code == 1
    assert "999" in resultat.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["territoires", "creer"],
        ["organisations", "creer", "CCAS"],
        ["organisations", "creer", "CCAS", "--territoire", "un"],
        ["agents", "creer", "a@b.fr"],
        ["agents", "creer", "a@b.fr", "--organisation", "0"],
    ],
)
def test_wrong_usage_exits_with_2(runner: FlaskCliRunner, args: list[str]) -> None:
    assert runner.invoke(args=args).exit_code == 2


def test_a_new_agent_chooses_the_password_with_the_link_once(
    runner: FlaskCliRunner, session: Session, client: FlaskClient
) -> None:
    org = an_organisation(session)
    resultat = runner.invoke(
        args=["agents", "creer", "Jeanne.Dupont@Exemple.fr", "--organisation", str(org), "--admin"]
    )
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    agent = session.scalars(select(Agent)).one()
    assert (agent.email, agent.nom, agent.mot_de_passe) == ("jeanne.dupont@exemple.fr", "Jeanne Dupont", None)
    assert session.scalars(select(Appartenance.role)).one() == "admin"
    session.rollback()
    trouve = re.search(r"http://\S+?(/mot-de-passe/\S+)", resultat.stdout)
    assert trouve
    lien = trouve.group(1)
    assert client.get(lien).status_code == 200
    mot = "un mot de passe assez long"
    assert client.post(lien, data={"mot_de_passe": mot, "confirmation": mot}).status_code == 303
    session.refresh(agent)
    assert verify_password(agent.mot_de_passe, mot)
    assert client.get(lien).status_code == 404


@pytest.mark.sqlite
def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(app: Flask, session: Session) -> None:
    org = an_organisation(session)
    mot = "un mot de passe assez long"
    dit = _type_in_terminal(
        ["agents", "creer", "z@exemple.test", "--organisation", str(org)],
        {"INSTANCE": str(app.extensions["settings"].instance)},
        ("court", "court", mot, mot),
    )
    assert "trop court" in dit
    assert mot not in dit
    session.rollback()
    assert verify_password(session.scalars(select(Agent.mot_de_passe)).one(), mot)


def _type_in_terminal(args: list[str], env: dict[str, str], reponses: tuple[str, ...]) -> str:
    """Run a command on a pseudo-terminal, typing each answer once its question is there."""
    import pty

    maitre, esclave = pty.openpty()
    commande = [sys.executable, "-m", "flask", *args]
    with subprocess.Popen(commande, stdin=esclave, stdout=esclave, stderr=esclave, env=os.environ | env):
        os.close(esclave)
        dit = b""
        for rang, reponse in enumerate(reponses):
            while dit.count(b"passe (vide") + dit.count(b"seconde fois:") <= rang:
                dit += os.read(maitre, 1024)
            time.sleep(0.2)  # the echo is switched off just after the question
            os.write(maitre, reponse.encode() + b"\n")
        with contextlib.suppress(OSError):  # what Linux answers once the other end is closed
            while morceau := os.read(maitre, 1024):
                dit += morceau
    os.close(maitre)
    return dit.decode()


def test_an_existing_agent_is_added_to_the_organisation_and_keeps_the_password(
    runner: FlaskCliRunner, session: Session
) -> None:
    un, deux = an_organisation(session), an_organisation(session)
    agent = an_agent(session, un, email="a@exemple.test")
    resultat = runner.invoke(args=["agents", "creer", "A@exemple.test", "--organisation", str(deux)])
    assert resultat.exit_code == 0
    assert "mot-de-passe" not in resultat.stdout
    places = session.execute(select(Appartenance.organisation_id, Appartenance.role).order_by(Appartenance.id)).all()
    assert [tuple(p) for p in places] == [(un, "agent"), (deux, "agent")]
    relu = session.get(Agent, agent)
    assert relu is not None
    assert verify_password(relu.mot_de_passe, "demonstration")


@pytest.mark.parametrize(
    ("email", "organisation"),
    [("pas une adresse", None), ("", None), ("a@exemple.test", None), ("b@exemple.test", 999)],
)
def test_an_agent_who_cannot_be_added_is_refused_and_nothing_is_written(
    runner: FlaskCliRunner, session: Session, email: str, organisation: int | None
) -> None:
    org = an_organisation(session)
    an_agent(session, org, email="a@exemple.test")
    resultat = runner.invoke(args=["agents", "creer", email, "--organisation", str(organisation or org)])
    assert (resultat.exit_code, resultat.stdout) == (1, "")
    assert resultat.stderr.strip().endswith(".")
    assert len(session.scalars(select(Agent)).all()) == 1
