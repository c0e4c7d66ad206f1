"""Référents ticked on the fiche (R11, R13)."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.journal.models import EntreeJournal
from fiches.usagers.models import Referent
from tests.builders import a_referent, a_usager, an_agent, an_organisation
from tests.client import Client


class Equipe:
    """Two agents of a service, one of whom is signed in, a third of another, and one fiche."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session, "MDS Chalon")
        self.moi = an_agent(session, self.org, email="a@exemple.test")
        self.collegue = an_agent(session, self.org)
        self.voisin = an_organisation(session, "PMI")
        self.autre = an_agent(session, self.voisin)
        self.usager = a_usager(session, self.org)
        client = app.test_client()
        assert isinstance(client, Client)
        client.sign_in("a@exemple.test")
        self.client = client

    def post(self, *agents: object, usager: int | None = None) -> tuple[int, str]:
        adresse = f"/organisations/{self.org}/usagers/{usager or self.usager}/referents"
        reponse = self.client.post(adresse, data={"agents": ["", *map(str, agents)]})
        return reponse.status_code, reponse.get_data(as_text=True)

    def referents(self) -> set[tuple[int, int]]:
        self.session.rollback()
        return {(r.agent_id, r.organisation_id) for r in self.session.scalars(select(Referent))}

    def acts(self) -> list[dict[str, int]]:
        self.session.rollback()
        lignes = select(EntreeJournal.details).where(EntreeJournal.acte == "referents")
        return list(self.session.scalars(lignes.order_by(EntreeJournal.id)))


@pytest.fixture
def equipe(app: Flask, session: Session) -> Equipe:
    return Equipe(app, session)


def test_ticking_names_and_unticking_removes_each_change_journalled_R13(equipe: Equipe) -> None:
    assert equipe.post(equipe.moi, equipe.collegue)[0] == 303
    assert equipe.referents() == {(equipe.moi, equipe.org), (equipe.collegue, equipe.org)}
    assert equipe.post(equipe.collegue)[0] == 303
    assert equipe.post(equipe.collegue)[0] == 303  # nothing changed: no line
    assert equipe.post()[0] == 303
    assert equipe.referents() == set()
    assert equipe.acts() == [
        {"ajoutes": 2, "retires": 0},
        {"ajoutes": 0, "retires": 1},
        {"ajoutes": 0, "retires": 1},
    ]
    page = equipe.client.get(f"/organisations/{equipe.org}/usagers/{equipe.usager}").get_data(as_text=True)
    assert "Référents changés" in page


def test_without_the_field_nothing_changes(equipe: Equipe) -> None:
    equipe.post(equipe.moi)
    adresse = f"/organisations/{equipe.org}/usagers/{equipe.usager}/referents"
    assert equipe.client.post(adresse).status_code == 303
    assert equipe.referents() == {(equipe.moi, equipe.org)}


@pytest.mark.parametrize("qui", ["voisin", "-1", "abc", "2147483646", "99999999999999", "\x00"])
def test_somebody_of_elsewhere_is_refused_in_words(equipe: Equipe, qui: str) -> None:
    code, page = equipe.post(equipe.moi, equipe.autre if qui == "voisin" else qui)
    assert code == 422
    assert "ne travaille pas dans votre organisation" in page
    assert f'value="{equipe.moi}" checked' in page  # what was ticked is kept
    assert equipe.referents() == set()


def test_those_of_another_organisation_are_left_alone(equipe: Equipe) -> None:
    a_referent(equipe.session, equipe.usager, equipe.autre, equipe.voisin)
    equipe.post(equipe.moi)
    equipe.post()
    assert equipe.referents() == {(equipe.autre, equipe.voisin)}


def test_a_protected_fiche_keeps_at_least_one_and_only_a_referent_changes_them_R11(equipe: Equipe) -> None:
    protegee = a_usager(equipe.session, equipe.org, protegee=True)
    assert equipe.post(equipe.moi, usager=protegee)[0] == 403
    a_referent(equipe.session, protegee, equipe.moi, equipe.org)
    code, page = equipe.post(usager=protegee)
    assert (code, "garde au moins un référent" in page) == (422, True)
    assert equipe.post(equipe.collegue, usager=protegee)[0] == 303  # handing it over
    assert equipe.post(equipe.moi, usager=protegee)[0] == 403
    assert equipe.referents() == {(equipe.collegue, equipe.org)}


def test_a_fiche_that_is_not_attached_here_has_no_referents_here(equipe: Equipe, session: Session) -> None:
    assert equipe.post(equipe.moi, usager=a_usager(session, equipe.voisin))[0] == 404
    assert equipe.referents() == set()
