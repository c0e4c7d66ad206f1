"""An agent at their desk: makes, moves and cancels RDVs by the pages, with the preview's token."""

import re
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from fiches import clock
from fiches.rdvs.models import Rdv
from tests.builders import a_lieu, a_motif, a_usager, an_agent, an_organisation
from tests.client import Client


def jour(n: int = 10) -> date:
    """A weekday about `n` days from today."""
    jour = clock.today() + timedelta(days=n)
    while jour.weekday() > 4:
        jour += timedelta(days=1)
    return jour


def spring() -> date:
    """The next Sunday on which the clocks go forward in France: the last one of March."""
    fins = [date(clock.today().year + n, 3, 31) for n in (0, 1)]
    dimanches = [fin - timedelta(days=(fin.weekday() + 1) % 7) for fin in fins]
    return next(d for d in dimanches if d > clock.today())


def champ(page: str, nom: str) -> str:
    """The value of a hidden field of a page, '' when it is not there."""
    trouve = re.search(rf'name="{nom}" value="([^"]*)"', page)
    return trouve.group(1) if trouve else ""


def plain(page: str) -> str:
    """A page's text with single plain spaces."""
    return re.sub(r"\s+", " ", page.replace("\u00a0", " "))


class Bureau:
    """A service with one agent signed in, one motif, one lieu."""

    def __init__(self, app: Flask, session: Session, **organisation: Any) -> None:
        self.app, self.session = app, session
        self.org = an_organisation(session, **organisation)
        self.agent = an_agent(session, self.org, email="a@exemple.test")
        self.motif = a_motif(session, self.org)
        self.lieu = a_lieu(session, self.org, adresse="1 rue de la Paix, 71000 Mâcon")
        self.client = self.sign_in("a@exemple.test")

    def sign_in(self, email: str) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        client.sign_in(email)
        return client

    def person(self, **values: Any) -> int:
        return a_usager(self.session, self.org, **{"email": "mere@exemple.test", "telephone": "+33612345678"} | values)

    def address(self, fin: str = "") -> str:
        return f"/organisations/{self.org}/rdvs{fin}"

    def typed(self, *usagers: int, **values: Any) -> dict[str, Any]:
        """A form filled in as the page asks."""
        data = {
            "agent": self.agent,
            "motif": self.motif,
            "lieu": self.lieu,
            "date": jour().strftime("%d/%m/%Y"),
            "heure": "9:30",
            "duree": "",
            "usagers": list(usagers),
            "ne_pas_prevenir": "non",
        }
        return {nom: v for nom, v in (data | values).items() if v is not None}

    def preview(self, data: dict[str, Any]) -> str:
        response = self.client.live(self.address("/apercu"), data)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_data(as_text=True)

    def save(self, data: dict[str, Any], client: Client | None = None) -> TestResponse:
        """Look at the preview, then save with its token."""
        data = {"avis": champ(self.preview(data), "avis")} | data
        return (client or self.client).post(self.address("/nouveau"), data=data)

    def made(self, *usagers: int, **values: Any) -> int:
        """The id of an RDV made by the pages."""
        response = self.save(self.typed(*usagers, **values))
        assert response.status_code == 303, plain(response.get_data(as_text=True))
        return int(response.headers["Location"].rsplit("/", 1)[1])

    def page(self, rdv: int) -> str:
        return str(self.client.get(self.address(f"/{rdv}")).get_data(as_text=True))

    def move(self, rdv: int, **values: Any) -> TestResponse:
        """Change some fields of an RDV, by its page and its preview."""
        page = self.page(rdv)
        data = self._drawn(page) | {"rdv": str(rdv), "version": champ(page, "version")} | values
        data = {"avis": champ(self.preview(data), "avis")} | data
        return self.client.post(self.address(f"/{rdv}"), data=data)

    def cancel(self, rdv: int, **values: Any) -> TestResponse:
        page = self.client.post(self.address(f"/{rdv}/annuler"), data={"voir": "oui"} | values)
        data = {"avis": champ(page.get_data(as_text=True), "avis")} | values
        return self.client.post(self.address(f"/{rdv}/annuler"), data=data)

    def give(self, rdv: int, *issues: str) -> TestResponse:
        """Give the participants these outcomes, in their order."""
        page = self.page(rdv)
        ids = re.findall(r'data-participation="(\d+)"', page)
        data = {f"issue_{i}": issue for i, issue in zip(ids, issues, strict=True)}
        return self.client.post(self.address(f"/{rdv}"), data=data | {"version": champ(page, "version")})

    def count(self) -> int:
        self.session.rollback()
        return self.session.scalar(select(func.count()).select_from(Rdv)) or 0

    def row(self, rdv: int) -> Rdv:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Rdv, rdv)

    @staticmethod
    def _drawn(page: str) -> dict[str, str]:
        """What the move form holds."""
        form = page.split('id="deplacer"')[1].split("</form>")[0]
        champs = dict(re.findall(r'<input id="(date|heure|duree)" name="\w+" type="text" value="([^"]*)"', form))
        for nom in ("agent", "motif", "lieu"):
            select_html = re.search(rf'<select id="{nom}".*?</select>', form, flags=re.S)
            choisi = re.search(r'value="(\d*)" selected', select_html.group(0)) if select_html else None
            champs[nom] = choisi.group(1) if choisi else ""
        return champs
