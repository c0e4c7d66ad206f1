"""The agent's pages: list, create, fiche, modify."""

import re
from datetime import date
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.journal.models import EntreeJournal
from fiches.usagers.models import AncienNom, Rattachement, Usager
from fiches.usagers.rules import show_age
from tests.builders import MAINTENANT, a_lien, a_rdv, a_referent, a_usager, an_agent, an_organisation
from tests.client import Client


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


@pytest.fixture
def agent(app: Flask, session: Session, org: int) -> Client:
    an_agent(session, org, email="a@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Usager)) or 0


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found.group(1)


# --- create -------------------------------------------------------------------------------


def test_only_the_two_names_are_needed_and_the_agent_lands_on_the_fiche_R1_R2(
    agent: Client, session: Session, org: int
) -> None:
    response = agent.post(f"/organisations/{org}/usagers/nouveau", data={"prenom": " Zoé ", "nom": "Le  Goff"})
    assert response.status_code == 303
    usager = session.scalars(select(Usager)).one()
    assert (usager.prenom, usager.nom) == ("Zoé", "Le Goff")
    assert (usager.notif_email, usager.notif_sms, usager.notif_email_auteur) == (True, True, "agent")  # R18
    assert session.scalars(select(Rattachement.organisation_id)).all() == [org]
    page = agent.get(response.headers["Location"]).get_data(as_text=True)
    assert "Le Goff" in page
    assert "La fiche est créée." in page


@pytest.mark.parametrize(
    ("data", "champ", "mot"),
    [
        ({"nom": "Dupont"}, "prenom", "Prénom pas encore donné"),
        ({"prenom": "Jean"}, "nom", "N’a qu’un seul nom"),
        ({"date_naissance": "31/02/1990"}, "date_naissance", "n’existe pas"),
        ({"date_naissance": "12/05/2190"}, "date_naissance", "futur"),
        ({"date_naissance": "01/01/1801"}, "date_naissance", "130"),
        ({"date_naissance": "hier"}, "date_naissance", "jj/mm/aaaa"),
        ({"telephone": "06 12 34"}, "telephone", "chiffres"),
        ({"telephone": "abc"}, "telephone", "illisible"),
        ({"email": "pas d’adresse"}, "email", "nom@exemple.fr"),
        ({"nom": "N" * 201}, "nom", "200"),
        ({"nombre_enfants": "-1"}, "nombre_enfants", "négatif"),
        ({"nombre_enfants": "9" * 30}, "nombre_enfants", "trop"),
        ({"nom": "Du\x00pont"}, "nom", "contrôle"),
        ({"nom": "…"}, "nom", "aucune lettre"),
        ({"logement": "château"}, "logement", "Choix inconnu"),
        ({"notif_email": "peut-être"}, "notif_email", "oui ou par non"),
    ],
)
def test_what_cannot_be_kept_comes_back_beside_its_field_and_nothing_is_lost_R3(
    agent: Client, session: Session, org: int, data: dict[str, str], champ: str, mot: str
) -> None:
    typed = data if "nom" in data or "prenom" in data else {"prenom": "Jean", "nom": "Dupont", **data}
    response = agent.post(f"/organisations/{org}/usagers/nouveau", data={"ville": "Mâcon", **typed})
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert mot in re.sub(r"\s+", " ", page.split(f'id="{champ}-erreur"')[1][:300])
    assert 'value="Mâcon"' in page  # what was typed is still there
    assert count(session) == 0


def test_quotes_and_tags_in_names_are_shown_as_typed_and_never_run(agent: Client, session: Session, org: int) -> None:
    nom = """<script>alert("x")</script>O'Brien"""
    response = agent.post(f"/organisations/{org}/usagers/nouveau", data={"prenom": "A", "nom": nom})
    page = agent.get(response.headers["Location"]).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)" in page
    assert session.scalars(select(Usager.nom)).one() == nom


def test_a_newborn_without_prenom_and_a_person_with_one_name_are_fiches_R1(
    agent: Client, session: Session, org: int
) -> None:
    adresse = f"/organisations/{org}/usagers/nouveau"
    assert agent.post(adresse, data={"nom": "Blin", "prenom_pas_encore_donne": ["non", "oui"]}).status_code == 303
    assert agent.post(adresse, data={"prenom": "Suharto", "nom_unique": ["non", "oui"]}).status_code == 303
    assert agent.post(adresse, data={"prenom_pas_encore_donne": "oui", "nom_unique": "oui"}).status_code == 422
    assert count(session) == 2


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [("1985", "1985", "1985"), ("03/1985", "1985-03", "03/1985"), ("00/00/1985", "1985", "1985")],
)
def test_a_birth_date_known_in_part_keeps_its_precision_R3(
    agent: Client, session: Session, org: int, typed: str, stored: str, shown: str
) -> None:
    data = {"prenom": "A", "nom": "B", "date_naissance": typed}
    response = agent.post(f"/organisations/{org}/usagers/nouveau", data=data)
    assert session.scalars(select(Usager.date_naissance)).one() == stored
    page = re.sub(r"<[^>]+>", "", agent.get(response.headers["Location"]).get_data(as_text=True))
    assert f"né(e) en {shown}" in page


def test_fields_the_organisation_does_not_use_are_neither_asked_nor_shown_R1(app: Flask, session: Session) -> None:
    org = an_organisation(session, champs_masques=["logement", "email"])
    an_agent(session, org, email="b@exemple.test")
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("b@exemple.test")
    page = client.get(f"/organisations/{org}/usagers/nouveau").get_data(as_text=True)
    assert 'name="logement"' not in page
    assert 'name="prenom"' in page
    usager = a_usager(session, org, logement="hébergé")
    assert "hébergé" not in client.get(f"/organisations/{org}/usagers/{usager}").get_data(as_text=True)


def test_what_was_searched_for_starts_the_new_fiche(agent: Client, session: Session, org: int) -> None:
    page = agent.post(
        f"/organisations/{org}/usagers/nouveau", data={"amorce": "oui", "nom": "Dupond", "prenom": "Jeanne"}
    )
    assert page.status_code == 200
    assert 'value="Dupond"' in page.get_data(as_text=True)
    assert count(session) == 0


# --- the fiche ----------------------------------------------------------------------------


def test_the_fiche_shows_rdvs_counts_and_relatives_R13(agent: Client, session: Session, org: int) -> None:
    other = an_organisation(session, "PMI", territoire_id=1)
    worker = an_agent(session, org, other)
    mere = a_usager(session, org, prenom="Anne", nom="Blin", email="anne@exemple.test", remarques="Interprète")
    enfant = a_usager(session, org, prenom="Léo", nom="Blin")
    a_lien(session, proche=enfant, responsable=mere)
    a_rdv(session, org, worker, mere)
    a_rdv(session, org, worker, mere, debut=MAINTENANT.replace(year=2025), issue="vu")
    a_rdv(session, other, worker, mere)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", agent.get(f"/organisations/{org}/usagers/{mere}").text))
    for expected in (
        "1 à venir",
        "1 vu",
        "Léo",
        "Interprète",
        "1 RDV dans une autre organisation",
        "responsable de 1 proche",
    ):
        assert expected in page
    assert "PMI" not in page  # another organisation's RDV is counted, not told


def test_locked_preferences_are_shown_with_their_date_and_refused_with_403_R18(
    agent: Client, session: Session, org: int
) -> None:
    usager = a_usager(
        session, org, notif_sms=False, notif_sms_auteur="usager", notif_sms_le=MAINTENANT.replace(month=5, day=12)
    )
    page = agent.get(f"/organisations/{org}/usagers/{usager}").text
    assert "Choisi par l’usager le 12 mai 2026" in page
    assert 'name="notif_sms"' not in page
    adresse = f"/organisations/{org}/usagers/{usager}"
    assert agent.post(f"{adresse}/preferences", data={"notif_sms": "oui"}).status_code == 403
    assert agent.post(f"{adresse}/preferences", data={"notif_email": "non"}).status_code == 403
    assert agent.post(f"{adresse}/modifier", data={"notif_sms": "oui"}).status_code == 403
    session.expire_all()
    assert session.get(Usager, usager).notif_sms is False  # type: ignore[union-attr]


def test_agents_set_preferences_until_the_usager_does_R18(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org)
    data = {"notif_email": ["non", "oui"], "notif_sms": "non"}
    assert agent.post(f"/organisations/{org}/usagers/{usager}/preferences", data=data).status_code == 303
    kept = session.get(Usager, usager)
    assert kept is not None
    assert (kept.notif_email, kept.notif_sms, kept.notif_sms_auteur) == (True, False, "agent")


def test_a_protected_fiche_shows_its_contact_to_referents_alone_and_each_reading_is_journalled_R11(
    agent: Client, session: Session, org: int
) -> None:
    usager = a_usager(session, org, protegee=True, telephone="+33611223344", ville="Cluny")
    page = agent.get(f"/organisations/{org}/usagers/{usager}").text
    assert "06 11 22 33 44" not in page
    assert "Cluny" not in page
    assert agent.get(f"/organisations/{org}/usagers/{usager}/modifier").status_code == 403
    assert agent.post(f"/organisations/{org}/usagers/{usager}/modifier", data={"nom": "X"}).status_code == 403
    assert session.scalar(select(func.count()).where(EntreeJournal.acte == "lecture")) == 1
    a_referent(session, usager, 1, org)
    assert "06 11 22 33 44" in agent.get(f"/organisations/{org}/usagers/{usager}").text


# --- modify -------------------------------------------------------------------------------


def test_a_field_that_is_absent_is_left_alone_and_an_empty_one_is_cleared(
    agent: Client, session: Session, org: int
) -> None:
    usager = a_usager(session, org, ville="Mâcon", telephone="+33611223344")
    assert agent.post(f"/organisations/{org}/usagers/{usager}/modifier", data={"telephone": ""}).status_code == 303
    kept = session.get(Usager, usager)
    assert kept is not None
    assert (kept.ville, kept.telephone, kept.version) == ("Mâcon", None, 2)


def test_the_second_of_two_tabs_is_refused_with_both_values_and_nothing_typed_is_lost_R14(
    agent: Client, session: Session, org: int
) -> None:
    usager = a_usager(session, org, ville="Mâcon")
    adresse = f"/organisations/{org}/usagers/{usager}/modifier"
    drawn = version(agent.get(adresse).text)
    assert agent.post(adresse, data={"version": drawn, "ville": "Cluny"}).status_code == 303
    second = agent.post(adresse, data={"version": drawn, "ville": "Tournus", "complement_adresse": "Bât. B"})
    assert second.status_code == 409
    assert 'value="Tournus"' in second.text
    assert 'value="Bât. B"' in second.text
    assert re.search(r"Enregistré entre-temps[^<]*</strong> Cluny", second.text)
    session.expire_all()
    assert session.get(Usager, usager).ville == "Cluny"  # type: ignore[union-attr]
    again = agent.post(adresse, data={"version": version(second.text), "ville": "Tournus"})
    assert again.status_code == 303


def test_a_nonsense_version_is_a_stale_form(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org)
    adresse = f"/organisations/{org}/usagers/{usager}/modifier"
    for absurd in ("x", "-1", "9" * 40, "²"):
        assert agent.post(adresse, data={"version": absurd, "ville": "Cluny"}).status_code == 409


@pytest.mark.parametrize(("changement", "kept"), [("correction", 0), ("nouveau_nom", 1), ("nouveau_nom_cache", 1)])
def test_a_new_name_keeps_the_former_one_a_correction_does_not_R14(
    agent: Client, session: Session, org: int, changement: str, kept: int
) -> None:
    usager = a_usager(session, org, prenom="Anne", nom="Ancelin")
    adresse = f"/organisations/{org}/usagers/{usager}"
    agent.post(f"{adresse}/modifier", data={"nom": "Bertin", "changement_nom": changement})
    assert session.scalar(select(func.count()).select_from(AncienNom)) == kept
    assert ("Ancelin" in agent.get(adresse).text) == (changement == "nouveau_nom")
    found = agent.live(f"/organisations/{org}/usagers?q={quote('ancelin anne')}").text
    assert (f'data-usager="{usager}"' in found) == (changement == "nouveau_nom")


def test_another_name_is_asked_about_a_mere_spelling_is_not_R14(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org, prenom="Helene", nom="Ancelin")
    adresse = f"/organisations/{org}/usagers/{usager}/modifier"
    asked = agent.post(adresse, data={"nom": "Bertin", "ville": "Cluny", "changement_nom": ""})
    assert asked.status_code == 422
    assert "a-t-elle changé de nom" in asked.text
    assert 'value="Bertin"' in asked.text
    assert 'value="Cluny"' in asked.text
    assert agent.post(adresse, data={"prenom": "Hélène", "changement_nom": ""}).status_code == 303
    assert agent.post(adresse, data={"nom": "Bertin", "changement_nom": ["", "nouveau_nom"]}).status_code == 303
    assert session.scalars(select(AncienNom.nom)).one() == "Ancelin"


def test_what_was_typed_on_a_fiche_merged_meanwhile_is_proposed_on_the_kept_one_F10(
    agent: Client, session: Session, org: int
) -> None:
    kept, gone = a_usager(session, org, nom="Morel"), a_usager(session, org, nom="Morelle")
    session.get(Usager, gone).fusionne_vers_id = kept  # type: ignore[union-attr]
    session.commit()
    page = agent.post(f"/organisations/{org}/usagers/{gone}/modifier", data={"version": "1", "ville": "Tournus"})
    assert page.status_code == 409
    assert "a été fusionnée avec celle-ci" in page.text
    assert 'value="Tournus"' in page.text
    for action, data in (("preferences", {"notif_email": "non"}), ("proteger", {"protegee": "oui"})):
        away = agent.post(f"/organisations/{org}/usagers/{gone}/{action}", data=data)
        assert (away.status_code, away.headers["Location"]) == (303, f"/organisations/{org}/usagers/{kept}")


def test_a_new_fiche_is_drawn_and_made_with_both_switches_on_R18(agent: Client, session: Session, org: int) -> None:
    page = agent.get(f"/organisations/{org}/usagers/nouveau").text
    for nom in ("notif_email", "notif_sms"):
        assert re.search(rf'id="{nom}" name="{nom}" value="oui" checked', page)


def test_a_lock_met_in_the_form_keeps_what_was_typed_R18(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org, notif_sms_auteur="usager", notif_sms_le=MAINTENANT)
    adresse = f"/organisations/{org}/usagers/{usager}"
    page = agent.post(f"{adresse}/modifier", data={"ville": "Tournus", "notif_sms": "non"})
    assert page.status_code == 403
    assert 'value="Tournus"' in page.text
    assert agent.post(f"{adresse}/preferences", data={"notif_sms": "oui"}).status_code == 403  # even unchanged


def test_protection_is_lifted_by_a_clear_answer_only_R11(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org, protegee=True)
    a_referent(session, usager, 1, org)
    adresse = f"/organisations/{org}/usagers/{usager}/proteger"
    for data in ({}, {"protegee": "OUI!"}):
        assert agent.post(adresse, data=data).status_code == 422
    assert agent.post(adresse, data={"protegee": "non"}).status_code == 303


def test_names_and_places_one_may_not_see_are_not_told_R10_R11(agent: Client, session: Session, org: int) -> None:
    other = an_organisation(session, territoire_id=1)
    worker = an_agent(session, org)
    mine = a_usager(session, org, prenom="Anne", nom="Blin", protegee=True)
    theirs = a_usager(session, other, prenom="Odilon", nom="Vuillermoz")
    a_lien(session, proche=theirs, responsable=mine)
    a_rdv(session, org, worker, mine)
    page = agent.get(f"/organisations/{org}/usagers/{mine}").text
    assert "Vuillermoz" not in page
    assert "une personne suivie par un autre service" in page
    assert "Accueil" not in page.split("Prochains rendez-vous")[1].split("Historique")[0]


@pytest.mark.parametrize(
    ("naissance", "age"),
    [("2026-11-20", "4 jours"), ("2026-03-01", "8 mois"), ("2025-01-02", "22 mois"), ("2024-11-24", "2 ans")],
)
def test_a_baby_s_age_is_told_in_days_and_months(naissance: str, age: str) -> None:
    assert show_age(naissance, date(2026, 11, 24)) == age


def test_saving_unchanged_changes_nothing(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org, prenom="Anne", nom="Ancelin")
    page = agent.post(f"/organisations/{org}/usagers/{usager}/modifier", data={"nom": "Ancelin"}, follow_redirects=True)
    assert "Rien n’a changé." in page.text
    assert session.get(Usager, usager).version == 1  # type: ignore[union-attr]


def test_the_journal_names_fields_and_holds_no_value_R36(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org)
    agent.post(f"/organisations/{org}/usagers/{usager}/modifier", data={"ville": "Tournus"})
    line = session.scalars(select(EntreeJournal).where(EntreeJournal.acte == "modification")).one()
    assert line.champs == ["ville"]
    assert "Tournus" not in str(line.empreintes)
    assert set(line.empreintes) == {"ville"}


def test_using_a_fiche_fills_what_is_empty_and_proposes_the_rest_beside_R5(
    agent: Client, session: Session, org: int
) -> None:
    usager = a_usager(session, org, prenom="Camille", nom="Morel", ville="Mâcon")
    adresse = f"/organisations/{org}/usagers/{usager}/modifier"
    typed = {"proposer": "oui", "prenom": "Camile", "nom": "Morel", "telephone": "0611223344", "ville": ""}
    page = agent.post(adresse, data=typed).text
    assert 'name="prenom" type="text" value="Camille"' in page  # not replaced
    assert 'name="propose_prenom" value="Camile"' in page  # but proposed
    assert 'value="06 11 22 33 44"' in page  # filled
    assert "propose_nom" not in page  # written alike: nothing to propose
    saved = {"version": version(page), "prenom": "Camille", "propose_prenom": "Camile", "remplacer": "prenom"}
    assert agent.post(adresse, data=saved).status_code == 303
    assert session.get(Usager, usager).prenom == "Camile"  # type: ignore[union-attr]


# --- the list -----------------------------------------------------------------------------


def test_the_list_holds_the_fiches_of_this_organisation_page_by_page_R12(
    agent: Client, session: Session, org: int
) -> None:
    other = an_organisation(session, territoire_id=1)
    a_usager(session, other, nom="Ailleurs")
    for i in range(30):
        a_usager(session, org, nom=f"Nom{i:02d}", index=False)
    page = agent.get(f"/organisations/{org}/usagers").text
    assert "30 fiches" in page
    assert page.count("data-usager=") == 25
    assert "Ailleurs" not in page
    for absurd in ("2", "zzz", "-4", "99999999999999999999999"):
        again = agent.get(f"/organisations/{org}/usagers?page={absurd}&tri=inconnu")
        assert again.status_code == 200
        assert again.text.count("data-usager=") in (5, 25)


def test_a_live_search_answers_with_its_fragment_alone(agent: Client, session: Session, org: int) -> None:
    usager = a_usager(session, org, prenom="Émile", nom="Lécuyer")
    fragment = agent.live(f"/organisations/{org}/usagers?q=lecuy").text
    assert "<html" not in fragment
    assert f'data-usager="{usager}"' in fragment
    assert "<mark>Lécuy</mark>er" in fragment
