"""Two admins at once: a stale form of settings is refused with both values shown (R14, R17)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.organisations.models import Organisation
from fiches.rdvs.models import Lieu, Motif
from tests.builders import a_lieu, a_motif, an_agent, an_organisation
from tests.client import Client
from tests.rdvs.bureau import champ, plain

Page = tuple[str, dict[str, Any], dict[str, Any], str]


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, telephone="+33385112233")


@pytest.fixture
def admin(app: Flask, session: Session, org: int) -> Client:
    an_agent(session, org, email="admin@exemple.test", role="admin")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("admin@exemple.test")
    return client


@pytest.fixture(params=["service", "motif", "lieu"])
def page(request: pytest.FixtureRequest, session: Session, org: int) -> Page:
    """An address, what one admin types, what another does meanwhile, and how that is shown."""
    ici = f"/organisations/{org}/reglages"
    match request.param:
        case "service":
            mien = {"telephone": "0385112233", "rappel_jours": "9", "rappel_heure": "8"}
            return ici, mien, {"telephone": "0385998877"}, "03 85 99 88 77"
        case "motif":
            motif = a_motif(session, org, "Écoute")
            mien = {"nom": "Écoute et appui", "visibilite": "visible_notifie", "duree": "30", "dire_motif": "non"}
            return f"{ici}/motifs/{motif}", mien, {"visibilite": "invisible", "dire_motif": "oui"}, "invisible"
    lieu = a_lieu(session, org, "Antenne")
    return f"{ici}/lieux/{lieu}", {"nom": "Antenne nord", "adresse": "1 rue A"}, {"adresse": "2 rue B"}, "2 rue B"


def stored(session: Session) -> list[dict[str, Any]]:
    session.rollback()
    lignes = [o for modele in (Organisation, Motif, Lieu) for o in session.scalars(select(modele))]
    return [{k: v for k, v in vars(session.get_one(type(o), o.id)).items() if k[0] != "_"} for o in lignes]


def test_the_second_of_two_admins_is_refused_with_both_values_R14(admin: Client, session: Session, page: Page) -> None:
    adresse, mien, autre, montre = page
    etat = champ(admin.get(adresse).text, "etat")
    assert etat
    assert admin.post(adresse, data=autre | {"etat": etat}).status_code == 303
    avant = stored(session)
    refuse = admin.post(adresse, data=mien | {"etat": etat})
    lue = plain(refuse.text)
    assert refuse.status_code == 409
    assert f"<strong>Enregistré entre-temps :</strong> {montre}" in lue
    for nom, tape in mien.items():
        if nom not in ("visibilite", "dire_motif"):
            assert f'name="{nom}" type="' in lue
            assert f'value="{tape}"' in lue
    assert stored(session) == avant
    assert admin.post(adresse, data=mien | {"etat": champ(refuse.text, "etat")}).status_code == 303
    assert stored(session) != avant


def test_a_motif_made_invisible_stays_so_and_its_tick_is_shown_R17(admin: Client, session: Session, org: int) -> None:
    motif = a_motif(session, org, "Écoute")
    adresse = f"/organisations/{org}/reglages/motifs/{motif}"
    etat = champ(admin.get(adresse).text, "etat")
    admin.post(adresse, data={"visibilite": "invisible", "dire_service": "oui"})  # a script: nothing is compared
    data = {"nom": "Écoute", "visibilite": "visible_notifie", "dire_service": ["non"], "etat": etat}
    lue = plain(admin.post(adresse, data=data).text)
    assert "Enregistré entre-temps :</strong> coché" in lue
    assert 'value="visible_notifie" checked' in lue
    session.rollback()
    assert session.get_one(Motif, motif).visibilite == "invisible"


def test_a_correction_asked_for_keeps_the_form_s_age(admin: Client, session: Session, org: int) -> None:
    motif = a_motif(session, org, "Écoute")
    a_motif(session, org, "Autre")
    adresse = f"/organisations/{org}/reglages/motifs/{motif}"
    etat = champ(admin.get(adresse).text, "etat")
    for faute in ({"duree": "0"}, {"nom": "Autre"}):
        corrige = admin.post(adresse, data={"nom": "Écoute", "etat": etat} | faute)
        assert corrige.status_code == 422
        assert champ(corrige.text, "etat") == etat
    admin.post(adresse, data={"duree": "45"})
    assert admin.post(adresse, data={"duree": "60", "etat": etat}).status_code == 409
    assert admin.post(adresse, data={"duree": "60", "etat": ""}).status_code == 409
    assert admin.post(adresse, data={"duree": "60"}).status_code == 303


def test_what_was_typed_being_stored_already_is_said_too(admin: Client, session: Session, org: int) -> None:
    lieu = a_lieu(session, org, "Antenne")
    adresse = f"/organisations/{org}/reglages/lieux/{lieu}"
    etat = champ(admin.get(adresse).text, "etat")
    admin.post(adresse, data={"nom": "Antenne nord"})
    refuse = admin.post(adresse, data={"nom": "Antenne nord", "etat": etat})
    assert refuse.status_code == 409
    assert "modifié ces réglages entre-temps" in refuse.text
