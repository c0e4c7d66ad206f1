"""The screens of links, as an agent's browser and as a script meet them (R22, R26)."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from fiches import clock
from fiches.usagers.models import Rattachement, Usager
from tests.builders import MAINTENANT, a_lien, a_referent, a_usager, an_agent, an_organisation
from tests.client import Client
from tests.proches.scene import Scene, address


def avis_of(page: str) -> str:
    trouve = re.search(r'name="avis" value="(\w+)"', page)
    assert trouve, page
    return trouve.group(1)


def test_the_dead_are_found_but_cannot_be_chosen_R15(agent: Client, scene: Scene) -> None:
    scene.session.execute(update(Usager).where(Usager.id == scene.pere).values(decede_le=MAINTENANT))
    scene.session.commit()
    page = agent.live(address(scene, scene.enfant, "?lien=responsable&q=martin+paul")).get_data(as_text=True)
    ligne = page.split(f'data-usager="{scene.pere}"')[1].split("</li>")[0]
    assert "disabled" in ligne
    assert "décès enregistré le" in ligne


# --- linking ---------------------------------------------------------------------------------


def test_a_script_links_with_the_id_alone_R26(agent: Client, scene: Scene) -> None:
    reponse = agent.post(address(scene, scene.enfant), data={"responsable_id": scene.mere})
    assert reponse.status_code == 303
    assert reponse.headers["Location"].endswith(f"/usagers/{scene.enfant}")
    autre = scene.person("Zoé")
    assert agent.post(address(scene, scene.mere), data={"proche_id": autre}).status_code == 303
    assert scene.links() == {scene.enfant: (scene.mere, "familial"), autre: (scene.mere, "familial")}
    page = agent.get(f"/organisations/{scene.org}/usagers/{scene.mere}").get_data(as_text=True)
    assert "Reliée à une autre fiche" in page


def test_nature_and_end_are_kept_and_shown_R26(agent: Client, scene: Scene) -> None:
    data = {"responsable_id": scene.mere, "nature": "professionnel", "fin": "31/08/2099"}
    agent.post(address(scene, scene.enfant), data=data)
    page = agent.get(f"/organisations/{scene.org}/usagers/{scene.enfant}").get_data(as_text=True)
    assert "professionnel, jusqu’au 31 août 2099" in page


@pytest.mark.parametrize(
    ("data", "champ", "mot"),
    [
        ({"fin": "31/02/2099"}, "fin", "n’existe pas"),
        ({"fin": "01/01/2020"}, "fin", "passée"),
        ({"fin": "bientôt"}, "fin", "illisible"),
        ({"nature": "amical"}, "nature", "familial ou professionnel"),
    ],
)
def test_a_bad_end_or_nature_comes_back_beside_its_field_R3(
    agent: Client, scene: Scene, data: dict[str, str], champ: str, mot: str
) -> None:
    typed = {"responsable_id": str(scene.mere), "fin": "31/08/2099", **data}
    reponse = agent.post(address(scene, scene.enfant), data=typed)
    page = reponse.get_data(as_text=True)
    assert reponse.status_code == 422
    assert mot in page.split(f'id="{champ}-erreur"')[1][:200]
    assert f'value="{typed["fin"]}"' in page
    assert scene.links() == {}


def test_nobody_chosen_or_one_in_each_door_is_said_in_words(agent: Client, scene: Scene) -> None:
    for data in ({}, {"responsable_id": ""}, {"responsable_id": scene.mere, "proche_id": scene.pere}):
        reponse = agent.post(address(scene, scene.enfant), data=data)
        assert reponse.status_code == 422
        assert "Choisissez" in reponse.get_data(as_text=True)
    assert scene.links() == {}


@pytest.mark.parametrize("autre", ["0", "-1", "2147483646", "99999999999999", "abc", "<b>", "1 or 1=1"])
def test_a_fiche_that_does_not_exist_is_not_found_in_words(agent: Client, scene: Scene, autre: str) -> None:
    for envoi in (agent.get(address(scene, scene.enfant, f"?responsable_id={autre}")),
                  agent.post(address(scene, scene.enfant), data={"responsable_id": autre})):  # fmt: skip
        assert envoi.status_code == 404
        assert "ou aucune de vos organisations ne la suit" in envoi.get_data(as_text=True)
    assert scene.links() == {}


def test_a_fiche_of_another_territoire_or_service_is_not_found(agent: Client, scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    for loin in (a_usager(scene.session, voisin), a_usager(scene.session, an_organisation(scene.session))):
        for nom in ("responsable_id", "proche_id"):
            assert agent.post(address(scene, scene.enfant), data={nom: loin}).status_code == 404
        assert agent.get(address(scene, loin)).status_code == 404
        assert agent.post(address(scene, loin), data={"proche_id": scene.enfant}).status_code == 404
    assert scene.links() == {}


def test_oneself_and_a_loop_are_refused_with_a_sentence_R26(agent: Client, scene: Scene) -> None:
    reponse = agent.post(address(scene, scene.enfant), data={"responsable_id": scene.enfant})
    assert (reponse.status_code, "propre responsable" in reponse.get_data(as_text=True)) == (422, True)
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    reponse = agent.post(address(scene, scene.mere), data={"responsable_id": scene.enfant})
    assert reponse.status_code == 422
    assert "Anne Martin → Léo Martin → Anne Martin" in reponse.get_data(as_text=True)
    vu = agent.get(address(scene, scene.mere, f"?responsable_id={scene.enfant}"))
    assert vu.status_code == 422
    assert scene.links() == {scene.enfant: (scene.mere, "familial")}


def test_a_protected_fiche_is_refused_to_who_is_no_referent_R11(agent: Client, scene: Scene) -> None:
    protegee = scene.person("Inès", protegee=True)
    assert agent.post(address(scene, scene.enfant), data={"responsable_id": protegee}).status_code == 403
    assert agent.post(address(scene, protegee), data={"proche_id": scene.enfant}).status_code == 403
    assert agent.get(address(scene, protegee)).status_code == 403
    a_referent(scene.session, protegee, scene.agent, scene.org)
    assert agent.post(address(scene, scene.enfant), data={"responsable_id": protegee}).status_code == 303


def test_a_protected_responsable_is_not_taken_away_and_the_refusal_does_not_say_why_R11(
    agent: Client, scene: Scene
) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    cachee = a_usager(scene.session, voisin, prenom="Inès", protegee=True)
    a_lien(scene.session, proche=scene.enfant, responsable=cachee)
    for envoi in (
        agent.post(address(scene, scene.enfant), data={"responsable_id": scene.pere}),
        agent.post(address(scene, scene.enfant, f"/{cachee}/detacher")),
        agent.get(address(scene, scene.enfant, f"/{cachee}/detacher")),
    ):
        assert envoi.status_code == 403
        assert "protégée" not in envoi.get_data(as_text=True)
    assert scene.links() == {scene.enfant: (cachee, "familial")}


def test_a_merged_fiche_leads_to_the_kept_one_F25(agent: Client, scene: Scene) -> None:
    double = scene.person("Léo")
    scene.session.execute(update(Usager).where(Usager.id == double).values(fusionne_vers_id=scene.enfant))
    scene.session.commit()
    assert agent.post(address(scene, scene.mere), data={"proche_id": double}).status_code == 303
    assert scene.links() == {scene.enfant: (scene.mere, "familial")}
    reponse = agent.get(address(scene, double))
    assert (reponse.status_code, reponse.headers["Location"].endswith(f"/{scene.enfant}")) == (303, True)


# --- the preview -----------------------------------------------------------------------------


def test_choosing_shows_who_will_be_told_and_confirming_does_it_R22(agent: Client, scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.rdv(scene.enfant)
    page = agent.get(address(scene, scene.enfant, f"?responsable_id={scene.pere}")).get_data(as_text=True)
    assert "Qui sera prévenu" in page
    assert re.search(rf'data-destinataire="{scene.pere}" data-canal="email" data-prevenu="oui"', page)
    assert "À la place de" in page
    data = {"responsable_id": scene.pere, "nature": "familial", "fin": "", "avis": avis_of(page)}
    assert agent.post(address(scene, scene.enfant), data=data).status_code == 303
    assert {u for u, _ in scene.waiting()} == {scene.pere}


def test_a_stale_preview_is_drawn_again_and_nothing_is_written_R22(agent: Client, scene: Scene) -> None:
    page = agent.get(address(scene, scene.enfant, f"?responsable_id={scene.mere}")).get_data(as_text=True)
    assert "ne change de destinataire" in page
    scene.rdv(scene.enfant)
    data = {"responsable_id": scene.mere, "fin": "31/08/2099", "avis": avis_of(page)}
    reponse = agent.post(address(scene, scene.enfant), data=data)
    nouvelle = reponse.get_data(as_text=True)
    assert reponse.status_code == 409
    assert "Qui sera prévenu" in nouvelle
    assert 'value="31/08/2099"' in nouvelle  # what was typed is still there
    assert scene.links() == {}
    data["avis"] = avis_of(nouvelle)
    assert agent.post(address(scene, scene.enfant), data=data).status_code == 303


@pytest.mark.parametrize("avis", ["", "faux", "é\x00"])
def test_an_invented_token_is_a_stale_one(agent: Client, scene: Scene, avis: str) -> None:
    data = {"responsable_id": scene.mere, "avis": avis}
    assert agent.post(address(scene, scene.enfant), data=data).status_code == 409
    assert scene.links() == {}


# --- searching -------------------------------------------------------------------------------


def undated(page: str) -> str:
    """The page without its CSRF tokens, which hold the second they were made in."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", " ".join(page.split()))


def test_each_door_finds_with_radio_buttons_masked_contact_and_role(agent: Client, scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    bebe = scene.person("Zoé")
    page = agent.live(address(scene, bebe, "?lien=responsable&q=martin+anne")).get_data(as_text=True)
    assert "<html" not in page
    assert f'data-usager="{scene.mere}"' in page
    assert 'name="responsable_id"' in page
    assert "06 •• •• •• 78" in page
    assert "anne@exemple.test" not in page
    assert "responsable de 1 proche" in page
    page = agent.live(address(scene, bebe, "?lien=proche&q=martin+leo")).get_data(as_text=True)
    assert 'name="proche_id"' in page
    assert "a déjà un responsable" in page
    entiere = agent.get(address(scene, bebe, "?lien=proche&q=martin+leo")).get_data(as_text=True)
    assert undated(page) in undated(entiere)


def test_one_letter_or_nothing_searches_nothing(agent: Client, scene: Scene) -> None:
    for q in ("", "m", " "):
        assert "data-usager" not in agent.live(address(scene, scene.mere, f"?lien=proche&q={q}")).get_data(as_text=True)


def test_a_fiche_of_another_service_is_attached_first_and_leads_to_the_preview_R10(agent: Client, scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    loin = a_usager(scene.session, voisin, prenom="Ninon", nom="Garrigue", date_naissance="2019-05-04")
    page = agent.live(address(scene, scene.mere, "?lien=proche&q=Ninon+Garrigue+04/05/2019")).get_data(as_text=True)
    assert "à rattacher à votre organisation" in page
    assert 'name="proche_id"' not in page
    data = {"raison": "orientation", "relier": scene.mere, "lien": "proche"}
    reponse = agent.post(f"/organisations/{scene.org}/usagers/{loin}/rattacher", data=data)
    assert reponse.status_code == 303
    assert reponse.headers["Location"].endswith(f"/usagers/{scene.mere}/proches?proche_id={loin}")
    assert scene.links() == {}


# --- detaching and confirming ----------------------------------------------------------------


def test_detaching_shows_what_changes_then_does_it_R22(agent: Client, scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.rdv(scene.enfant)
    adresse = address(scene, scene.mere, f"/{scene.enfant}/detacher")
    page = agent.get(adresse).get_data(as_text=True)
    assert "Personne ne sera prévenu" in page
    assert scene.enfant in scene.links()  # a GET shows
    agent.post(f"/organisations/{scene.org}/usagers/{scene.mere}/preferences", data={"notif_sms": "non"})
    assert agent.post(adresse, data={"avis": avis_of(page)}).status_code == 409
    assert scene.enfant in scene.links()
    page = agent.get(adresse).get_data(as_text=True)
    assert agent.post(adresse, data={"avis": avis_of(page)}).status_code == 303
    assert scene.links() == {}
    assert agent.post(adresse).status_code == 404
    assert agent.get(adresse).status_code == 404


def test_a_proche_that_one_may_not_read_is_not_detached(agent: Client, scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    loin = a_usager(scene.session, voisin, prenom="Ninon")
    a_lien(scene.session, proche=loin, responsable=scene.mere)
    assert agent.post(address(scene, scene.mere, f"/{loin}/detacher")).status_code == 404
    page = agent.get(f"/organisations/{scene.org}/usagers/{scene.mere}").get_data(as_text=True)
    assert "une personne suivie par un autre service" in page
    assert "detacher" not in page
    assert loin in scene.links()


def test_a_responsable_of_another_service_is_detached_from_the_proche_s_side(agent: Client, scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    loin = a_usager(scene.session, voisin, prenom="Ninon")
    a_lien(scene.session, proche=scene.enfant, responsable=loin)
    assert agent.post(address(scene, scene.enfant, f"/{loin}/detacher")).status_code == 303
    assert scene.links() == {}


def test_past_its_end_the_fiche_asks_and_a_yes_is_previewed_R26(agent: Client, scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere, fin=clock.today() - timedelta(days=2))
    scene.rdv(scene.enfant)
    fiche = agent.get(f"/organisations/{scene.org}/usagers/{scene.enfant}").get_data(as_text=True)
    assert "Ce lien a pris fin le" in fiche
    adresse = address(scene, scene.enfant, f"/{scene.mere}/confirmer")
    page = agent.get(adresse).get_data(as_text=True)
    assert re.search(rf'data-destinataire="{scene.mere}" data-canal="email" data-prevenu="oui"', page)
    refuse = agent.post(adresse, data={"fin": "hier", "avis": avis_of(page)})
    assert refuse.status_code == 422
    assert 'value="hier"' in refuse.get_data(as_text=True)
    assert agent.post(adresse, data={"fin": "31/08/2099", "avis": avis_of(page)}).status_code == 303
    assert {u for u, _ in scene.waiting()} == {scene.mere}
    fiche = agent.get(f"/organisations/{scene.org}/usagers/{scene.enfant}").get_data(as_text=True)
    assert "tient-il toujours" not in fiche


def test_at_18_the_fiche_asks_until_somebody_says_yes_R26(agent: Client, scene: Scene) -> None:
    jour = clock.today()
    majeur = scene.person("Tom", date_naissance=date(jour.year - 18, 1, 1).isoformat())
    a_lien(scene.session, proche=majeur, responsable=scene.mere)
    for fiche in (majeur, scene.mere):
        assert "a 18 ans" in agent.get(f"/organisations/{scene.org}/usagers/{fiche}").get_data(as_text=True)
    assert agent.post(address(scene, scene.mere, f"/{majeur}/confirmer")).status_code == 303
    assert "tient-il" not in agent.get(f"/organisations/{scene.org}/usagers/{majeur}").get_data(as_text=True)


# --- the card ----------------------------------------------------------------------------------


def test_a_proche_without_compte_shows_whose_preferences_count_R19(agent: Client, scene: Scene) -> None:
    scene.session.execute(update(Usager).where(Usager.id == scene.mere).values(notif_sms=False))
    scene.session.commit()
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    page = agent.get(f"/organisations/{scene.org}/usagers/{scene.enfant}").get_data(as_text=True)
    carte = page.split('id="t-notifications"')[1].split("</section>")[0]
    assert "Les messages vont à son responsable" in carte
    assert "par e-mail." in carte
    assert 'name="notif_email"' not in carte
    for suite, de_la_mere in (("", scene.mere), ("/modifier", scene.mere)):
        page = agent.get(f"/organisations/{scene.org}/usagers/{de_la_mere}{suite}").get_data(as_text=True)
        assert 'name="notif_email"' in page
    formulaire = agent.get(f"/organisations/{scene.org}/usagers/{scene.enfant}/modifier").get_data(as_text=True)
    assert "Les messages vont à son responsable" in formulaire
    assert 'name="notif_email"' not in formulaire


def test_an_agent_of_another_service_of_the_same_fiche_reads_the_link(app: Flask, scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    an_agent(scene.session, voisin, email="b@exemple.test")
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.session.add(
        Rattachement(usager_id=scene.enfant, organisation_id=voisin, raison="orientation", cree_le=MAINTENANT)
    )
    scene.session.commit()
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("b@exemple.test")
    page = client.get(f"/organisations/{voisin}/usagers/{scene.enfant}").get_data(as_text=True)
    assert "Anne" in page  # a proche's responsable is named to whoever reads the proche (R10)
    assert f"/usagers/{scene.mere}" not in page.split('id="t-proches"')[1].split("detacher")[0]
