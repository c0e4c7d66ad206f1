"""What an organisation's admin sets: phone, reminder, motifs, lieux (R17, R19, R21)."""

import re
import sqlite3
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.organisations.models import Organisation
from fiches.rdvs.models import Lieu, Motif, Rdv
from tests.builders import a_rdv, a_usager, an_agent, an_organisation
from tests.client import Client

PAGES = ("", "/motifs", "/lieux")


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


@pytest.fixture
def admin(app: Flask, session: Session, org: int) -> Client:
    an_agent(session, org, email="admin@exemple.test", role="admin")
    return signed_in(app, "admin@exemple.test")


@pytest.fixture
def ici(org: int) -> str:
    return f"/organisations/{org}/reglages"


def signed_in(app: Flask, email: str) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in(email)
    return client


def error_of(page: str, champ: str) -> str:
    return re.sub(r"\s+", " ", page.split(f'id="{champ}-erreur"')[1][:300])


def a_waiting_rdv(session: Session, org: int, **values: object) -> int:
    """An RDV to come, announced, of somebody with an e-mail."""
    usager = a_usager(session, org, email="mere@exemple.test")
    rdv = a_rdv(session, org, an_agent(session, org), usager, **({"debut": clock.now() + timedelta(days=10)} | values))
    with transaction(session):
        outbox.announce(session, rdv, Genre.NOUVEAU, clock.now())
    return rdv


def waiting(session: Session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Message.genre).where(Message.etat == "attente")))


@pytest.mark.sqlite
def test_more_rdvs_than_a_statement_takes_variables_follow_a_setting_R19(
    admin: Client, app: Flask, session: Session, org: int, ici: str
) -> None:
    from fiches.web.db import db

    a_waiting_rdv(session, org)
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "connect")
    def strict(connection: sqlite3.Connection, _record: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 600)  # instead of 32,766

    colonnes = ("organisation_id", "agent_id", "motif_id", "debut", "duree", "cree_le")
    rdv = session.scalars(select(Rdv)).one()
    copie = {nom: getattr(rdv, nom) for nom in colonnes}
    session.execute(insert(Rdv), [copie] * 700)
    session.commit()
    session.close()
    engine.dispose()
    done = admin.post(ici, data={"telephone": "", "rappel_jours": "4", "rappel_heure": "8"}, follow_redirects=True)
    assert done.status_code == 200
    assert "701" in done.get_data(as_text=True)


# --- who may --------------------------------------------------------------------------------


def test_only_an_admin_of_the_organisation_sets_it(app: Flask, session: Session, org: int, ici: str) -> None:
    an_agent(session, org, email="agent@exemple.test")
    an_agent(session, an_organisation(session), email="ailleurs@exemple.test", role="admin")
    agent, ailleurs = signed_in(app, "agent@exemple.test"), signed_in(app, "ailleurs@exemple.test")
    for page in PAGES:
        assert agent.get(ici + page).status_code == 403
        assert agent.post(ici + page, data={"nom": "X"}).status_code == 403
        assert ailleurs.get(ici + page).status_code == 404
        assert ailleurs.post(ici + page, data={"nom": "X"}).status_code == 404
    assert "Réglages" not in agent.get(f"/organisations/{org}/usagers").get_data(as_text=True)


def test_an_admin_finds_it_in_the_menu(admin: Client, org: int, ici: str) -> None:
    assert f'href="{ici}"' in admin.get(f"/organisations/{org}/usagers").get_data(as_text=True)


def test_another_organisation_s_motif_and_lieu_are_not_found(admin: Client, session: Session, ici: str) -> None:
    a_waiting_rdv(session, an_organisation(session))
    motif, lieu = session.scalars(select(Motif.id)).one(), session.scalars(select(Lieu.id)).one()
    for page in (f"/motifs/{motif}", f"/lieux/{lieu}", "/motifs/999999", "/lieux/999999"):
        assert admin.get(ici + page).status_code == 404
        for data in ({"nom": "Volé"}, {"archiver": "oui"}):
            assert admin.post(ici + page, data=data).status_code == 404


# --- the phone and the reminder -----------------------------------------------------------------


def test_phone_and_reminder_are_saved_and_shown_again(admin: Client, session: Session, ici: str) -> None:
    done = admin.post(ici, data={"telephone": "03 85 11 22 33", "rappel_jours": "3", "rappel_heure": "18"})
    assert done.headers["Location"] == ici
    o = session.scalars(select(Organisation)).one()
    assert (o.telephone, o.rappel_jours, o.rappel_heure) == ("+33385112233", 3, 18)
    assert 'value="03 85 11 22 33"' in admin.get(ici).get_data(as_text=True).replace("\u00a0", " ")
    admin.post(ici, data={"telephone": ""})  # an empty field is cleared, an absent one left alone
    session.rollback()
    o = session.scalars(select(Organisation)).one()
    assert (o.telephone, o.rappel_jours) == (None, 3)


@pytest.mark.parametrize(
    ("champ", "brut", "mot"),
    [
        ("telephone", "abc", "illisible"),
        ("telephone", "06 12", "chiffres"),
        ("rappel_jours", "31", "de 0 à 30"),
        ("rappel_jours", "-1", "de 0 à 30"),
        ("rappel_jours", "", "de 0 à 30"),
        ("rappel_jours", "٣", "de 0 à 30"),
        ("rappel_heure", "24", "de 0 à 23"),
        ("rappel_heure", "9h30", "de 0 à 23"),
        ("rappel_heure", "9" * 500, "trop long"),
    ],
)
def test_what_cannot_be_kept_comes_back_beside_its_field(
    admin: Client, session: Session, ici: str, champ: str, brut: str, mot: str
) -> None:
    typed = {"telephone": "0385112233", "rappel_jours": "7", "rappel_heure": "8"} | {champ: brut}
    response = admin.post(ici, data=typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert mot in error_of(page, champ)
    assert f'value="{brut}"' in page
    assert session.scalars(select(Organisation.telephone)).one() is None


def test_waiting_reminders_follow_the_setting_at_once_R19(admin: Client, session: Session, org: int, ici: str) -> None:
    rdv = a_waiting_rdv(session, org)
    ailleurs = a_waiting_rdv(session, an_organisation(session))
    avant = dict(session.execute(select(Message.rdv_id, Message.du_le).where(Message.genre == "rappel")).all())
    admin.post(ici, data={"rappel_jours": "5", "rappel_heure": "9"})
    session.rollback()
    apres = dict(session.execute(select(Message.rdv_id, Message.du_le).where(Message.genre == "rappel")).all())
    assert avant[rdv] - apres[rdv] in {timedelta(days=3), timedelta(days=3, hours=1), timedelta(days=3, hours=-1)}
    assert apres[ailleurs] == avant[ailleurs]
    admin.post(ici, data={"rappel_jours": "0"})
    session.rollback()
    assert waiting(session) == {"nouveau", "rappel"}  # the other organisation's
    lignes = session.scalars(select(Message.etat).where(Message.rdv_id == rdv, Message.genre == "rappel"))
    assert set(lignes) == {"abandon"}
    assert "1 RDV à venir" in admin.get(ici).get_data(as_text=True)


# --- motifs ---------------------------------------------------------------------------------------

MOTIF = {"nom": "Premier accueil", "visibilite": "visible", "duree": "45", "dire_motif": "oui", "dire_service": "non"}


def test_an_organisation_without_motifs_is_told_what_to_do(admin: Client, ici: str) -> None:
    assert "sans motif, aucun rendez-vous" in admin.get(f"{ici}/motifs").get_data(as_text=True)
    assert "Aucun lieu pour l’instant" in admin.get(f"{ici}/lieux").get_data(as_text=True)


def test_a_motif_is_added_changed_archived_and_taken_back_R17(admin: Client, session: Session, ici: str) -> None:
    assert admin.post(f"{ici}/motifs", data=MOTIF).status_code == 303
    motif = session.scalars(select(Motif)).one()
    assert (motif.nom, motif.visibilite, motif.duree) == ("Premier accueil", "visible", 45)
    assert (motif.dire_motif, motif.dire_service) == (True, False)
    address = f"{ici}/motifs/{motif.id}"
    assert admin.post(address, data={"nom": "Accueil"}).status_code == 303  # the rest was not posted: left alone
    assert admin.post(address, data={"dire_motif": "non"}).status_code == 303
    session.rollback()
    assert (motif.nom, motif.visibilite, motif.duree, motif.dire_motif) == ("Accueil", "visible", 45, False)
    admin.post(address, data={"archiver": "oui"})
    session.rollback()
    assert motif.archive_le is not None
    page = admin.get(f"{ici}/motifs").get_data(as_text=True)
    assert page.index("Archivés") < page.index(f'data-reglage="{motif.id}"')
    admin.post(address, data={"archiver": "non"})
    session.rollback()
    assert motif.archive_le is None
    assert admin.post(address, data={"archiver": "peut-être"}).status_code == 422


@pytest.mark.parametrize(
    ("champ", "brut", "mot"),
    [
        ("nom", "", "Donnez un nom"),
        ("nom", "…", "aucune lettre"),
        ("nom", "N" * 201, "200"),
        ("nom", "a\x00b", "contrôle"),
        ("visibilite", "secret", "Choisissez"),
        ("duree", "0", "de 5 à 480"),
        ("duree", "une heure", "de 5 à 480"),
    ],
)
def test_a_motif_that_cannot_be_kept_comes_back_with_everything_typed(
    admin: Client, session: Session, ici: str, champ: str, brut: str, mot: str
) -> None:
    response = admin.post(f"{ici}/motifs", data=MOTIF | {champ: brut})
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert mot in error_of(page, champ)
    assert 'name="dire_motif" value="oui" checked' in page
    assert session.scalars(select(Motif)).all() == []


@pytest.mark.parametrize("nom", ["premier  ACCUEIL", "Prémier accueil"])
def test_the_same_name_twice_is_refused_beside_the_field(admin: Client, session: Session, ici: str, nom: str) -> None:
    admin.post(f"{ici}/motifs", data=MOTIF)
    admin.post(f"{ici}/motifs", data=MOTIF | {"nom": "Autre"})
    motifs = session.scalars(select(Motif.id).order_by(Motif.id)).all()
    for address in ("/motifs", f"/motifs/{motifs[1]}"):
        response = admin.post(ici + address, data=MOTIF | {"nom": nom})
        assert response.status_code == 422
        assert "porte déjà ce nom" in error_of(response.get_data(as_text=True), "nom")
    assert admin.post(f"{ici}/motifs/{motifs[0]}", data={"nom": nom}).status_code == 303  # its own name, respelt
    admin.post(f"{ici}/motifs/{motifs[0]}", data={"archiver": "oui"})
    response = admin.post(f"{ici}/motifs", data=MOTIF)
    assert "reprenez-le" in error_of(response.get_data(as_text=True), "nom")


def test_two_organisations_may_use_the_same_name(app: Flask, admin: Client, session: Session, ici: str) -> None:
    autre = an_organisation(session)
    an_agent(session, autre, email="autre@exemple.test", role="admin")
    other = signed_in(app, "autre@exemple.test")
    assert admin.post(f"{ici}/motifs", data=MOTIF).status_code == 303
    assert other.post(f"/organisations/{autre}/reglages/motifs", data=MOTIF).status_code == 303


def test_messages_that_wait_follow_a_new_visibility_at_once_R17(
    admin: Client, session: Session, org: int, ici: str
) -> None:
    rdv = a_waiting_rdv(session, org)
    motif = session.get_one(Rdv, rdv).motif_id
    assert waiting(session) == {"nouveau", "rappel"}
    for visibilite in ("invisible", "visible"):
        admin.post(f"{ici}/motifs/{motif}", data={"visibilite": visibilite})
        assert waiting(session) == set()
    admin.post(f"{ici}/motifs/{motif}", data={"visibilite": "visible_notifie"})
    assert waiting(session) == {"nouveau", "rappel"}  # what waited when it was silenced leaves after all


# --- lieux ----------------------------------------------------------------------------------------


def test_a_lieu_is_added_changed_archived_and_taken_back_R21(admin: Client, session: Session, ici: str) -> None:
    typed = {"nom": "Antenne", "adresse": "3 rue Haute, 71100 Chalon"}
    assert admin.post(f"{ici}/lieux", data=typed).status_code == 303
    lieu = session.scalars(select(Lieu)).one()
    address = f"{ici}/lieux/{lieu.id}"
    assert admin.post(address, data={"adresse": ""}).status_code == 303
    session.rollback()
    assert (lieu.nom, lieu.adresse) == ("Antenne", None)
    assert "c’est le nom qui est écrit dans les messages" in admin.get(f"{ici}/lieux").get_data(as_text=True)
    admin.post(address, data={"archiver": "oui"})
    session.rollback()
    assert lieu.archive_le is not None
    refused = admin.post(f"{ici}/lieux", data={"nom": "ANTENNE", "adresse": "4 rue Basse"})
    assert refused.status_code == 422
    assert 'value="4 rue Basse"' in refused.get_data(as_text=True)
    admin.post(address, data={"archiver": "non"})
    session.rollback()
    assert lieu.archive_le is None
    assert admin.post(address, data={"adresse": "x" * 401}).status_code == 422
