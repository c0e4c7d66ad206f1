"""Fifty clients race for one créneau, two agents for one hour, over HTTP against the real server (R16)."""

import re
import sqlite3
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from datetime import time
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from fiches.dates import instant_of
from tests.builders import a_creneau
from tests.journeys.conftest import Serveur
from tests.rdvs.bureau import Bureau, jour, plain

pytestmark = pytest.mark.sqlite  # the server of these tests runs on a copy of the SQLite file


@pytest.fixture
def bureau(app: Flask, session: Session) -> Bureau:
    """A service with an agent."""
    return Bureau(app, session)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


class Visiteur:
    """One browser's worth of HTTP: its own cookies, and the token of the page it last saw."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jeton = ""
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _NoRedirect)
        self.get("/connexion")
        assert self.post("/connexion", {"email": "a@exemple.test", "mot_de_passe": "demonstration"})[0] == 303

    def get(self, address: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + address))

    def post(self, address: str, data: dict[str, object]) -> tuple[int, str]:
        corps = urllib.parse.urlencode(data | {"csrf_token": self.jeton}, doseq=True).encode()
        return self._open(urllib.request.Request(self.url + address, data=corps))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refus:
            answer = refus
        page = answer.read().decode()
        if trouve := re.search(r'name="csrf-token" content="([^"]+)"', page):
            self.jeton = trouve.group(1)
        return answer.status, page


def race(courses: list[Callable[[], tuple[int, str]]]) -> list[tuple[int, str]]:
    """Run all at the same instant."""
    depart = threading.Barrier(len(courses))
    arrivees: list[tuple[int, str]] = []

    def run(course: Callable[[], tuple[int, str]]) -> None:
        depart.wait()
        arrivees.append(course())

    fils = [threading.Thread(target=run, args=(course,)) for course in courses]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return arrivees


def _avis(page: str) -> str:
    trouve = re.search(r'name="avis" value="([^"]+)"', page)
    assert trouve, plain(page)[:2000]
    return trouve.group(1)


def _rdvs(serveur: Serveur) -> list[tuple[int, int | None]]:
    """Each RDV with the créneau that it holds."""
    with sqlite3.connect(serveur.instance / "fiches.db") as base:
        return base.execute("select r.id, c.id from rdv r left join creneau c on c.rdv_id = r.id").fetchall()


def test_fifty_clients_race_for_one_creneau_and_one_wins_R16(
    bureau: Bureau, serve: Callable[[Path], Serveur], tmp_path: Path
) -> None:
    creneau = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(9)))
    autre = a_creneau(bureau.session, bureau.org, bureau.agent, bureau.motif, instant_of(jour(), time(15)))
    usagers = [bureau.person(email=f"u{i}@exemple.test") for i in range(50)]
    serveur = serve(tmp_path / "fiches.db")
    courses = []
    for usager in usagers:
        visiteur = Visiteur(serveur.url)
        _, page = visiteur.get(bureau.address(f"/nouveau?usager={usager}&creneau={creneau}"))
        data = {"usagers": usager, "creneau": creneau, "avis": _avis(page)}
        courses.append(lambda v=visiteur, d=data: v.post(bureau.address("/nouveau"), d))
    arrivees = race(courses)
    assert Counter(code for code, _ in arrivees) == {303: 1, 409: 49}
    for code, page in arrivees:
        if code == 409:
            assert "Ce créneau vient d’être pris" in page
            assert f'name="choisir" value="{autre}"' in page
    assert [c for _, c in _rdvs(serveur)] == [creneau]


def test_two_agents_who_fill_the_same_hour_of_an_agent_the_second_is_asked(
    bureau: Bureau, serve: Callable[[Path], Serveur], tmp_path: Path
) -> None:
    usagers = [bureau.person(email=f"u{i}@exemple.test") for i in range(2)]
    serveur = serve(tmp_path / "fiches.db")
    courses = []
    for usager in usagers:
        visiteur = Visiteur(serveur.url)
        visiteur.get(bureau.address("/nouveau"))
        data = bureau.typed(usager)
        _, page = visiteur.post(bureau.address("/apercu"), data)
        data |= {"avis": _avis(page), "vus": ""}
        courses.append(lambda v=visiteur, d=data: v.post(bureau.address("/nouveau"), d))
    arrivees = race(courses)
    assert Counter(code for code, _ in arrivees) == {303: 1, 422: 1}
    refus = next(page for code, page in arrivees if code == 422)
    assert "a déjà un RDV" in plain(refus)
    assert 'name="confirmer" value="agent"' in refus
    assert len(_rdvs(serveur)) == 1
