"""No keystroke scans a table: the live fragment and both searches, over HTTP, asked of SQLite."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.builders import a_usager, an_agent, an_organisation
from tests.client import Client
from tests.plans import scans


@pytest.fixture
def client_in(app: Flask, session: Session) -> Client:
    org = an_organisation(session)
    an_organisation(session, territoire_id=1)
    an_agent(session, org, email="a@exemple.test")
    for i in range(60):
        a_usager(
            session, 1 + i % 2, prenom=f"Emmanuel{'le' * (i % 2)}", nom=f"Lécuyer{'-Delatour' * (i % 3 == 0)}",
            date_naissance=f"1984-03-{i % 28 + 1:02d}", telephone="+33611223344", email=f"e{i}@exemple.fr",
        )  # fmt: skip
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "typed",
    [
        {"prenom": "Emanuelle"},
        {"prenom": "Emanuelle", "nom": "Lecuyer"},
        {"prenom": "Emanuelle", "nom": "Lecuyer", "date_naissance": "14/03/1984"},
        {"nom": "Lecuyer", "telephone": "0611223344", "email": "e4@exemple.fr", "sauf": "3"},
    ],
)
def test_the_live_fragment_scans_no_table_R5(client_in: Client, session: Session, typed: dict[str, str]) -> None:
    with scans(session) as found:
        assert client_in.live("/organisations/1/usagers/doublons", typed).status_code == 200
    assert not found, found


@pytest.mark.sqlite
@pytest.mark.parametrize("q", ["l", "lecu", "lecuyer emm", "emanuelle lecuyer", "14/03/1984", "0611", "e4@ex", "zzz"])
@pytest.mark.parametrize("where", ["usagers?q=", "fusion/recherche?colonne=a&q="])
def test_neither_search_scans_a_table_R12_F1(client_in: Client, session: Session, where: str, q: str) -> None:
    with scans(session) as found:
        assert client_in.live(f"/organisations/1/{where}{q}").status_code == 200
    assert not found, found
