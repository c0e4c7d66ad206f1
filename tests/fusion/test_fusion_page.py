"""The merge's page as it is read: what comes first, whose value is whose, who is not named (R10, R27–R29)."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from fiches.fusion.models import Fusion
from fiches.journal.models import EntreeJournal
from fiches.organisations.models import Agent, Organisation
from fiches.usagers.models import Rattachement
from tests.builders import MAINTENANT, a_lien, a_referent, a_usager, an_agent, an_organisation
from tests.fusion.scene import Scene, a_compte, a_scene, write


@pytest.fixture
def agent(client: FlaskClient, scene: Scene, session: Session) -> FlaskClient:
    """A browser in which the agent of the scene is signed in."""
    email = session.get(Agent, scene.agent).email
    session.rollback()
    client.sign_in(email)
    return client


def page(agent: FlaskClient, scene: Scene, **ids: int) -> str:
    return agent.get(f"/organisations/{scene.org}/fusion", query_string=ids).get_data(as_text=True)


def test_F8_what_stops_the_merge_the_confirmation_and_the_button_come_before_the_fields(agent, scene):
    a = a_usager(scene.session, scene.org, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, date_naissance="1990-01-01")
    for proche in (a, b):
        a_lien(scene.session, proche=proche, responsable=a_usager(scene.session, scene.org, prenom="Rose"))
    html = page(agent, scene, a=a, b=b)
    places = [html.index(x) for x in ('id="fusion-refus"', 'id="confirmer"', ">Fusionner<", 'data-champ="prenom"')]
    assert places == sorted(places)


def test_R29_a_refused_merge_links_to_each_point(agent, scene):
    a = a_usager(scene.session, scene.org, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, date_naissance="1990-01-01")
    a_compte(scene, a, "un@exemple.test")
    a_compte(scene, b, "deux@exemple.test")
    etat = re.search(r'name="etat" value="([^"]+)"', page(agent, scene, a=a, b=b)).group(1)
    response = agent.post(f"/organisations/{scene.org}/fusion", data={"a": a, "b": b, "etat": etat})
    message = response.get_data(as_text=True).split("data-resume-erreurs")[1].split("</div>")[0]
    assert response.status_code == 422
    assert 'href="#ligne-compte"' in message
    assert 'href="#confirmer"' in message


def test_F20_no_fiche_is_said_to_stay_before_the_compte_is_chosen(agent, scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    a_compte(scene, a, "un@exemple.test")
    a_compte(scene, b, "deux@exemple.test")
    html = page(agent, scene, a=a, b=b)
    assert "y mènera" not in html
    assert "dépend du compte à choisir" in html


def test_R27_the_two_sides_are_named_above_the_values(agent, scene):
    a, b = a_usager(scene.session, scene.org, prenom="Ana"), a_usager(scene.session, scene.org, prenom="Anna")
    html = page(agent, scene, a=a, b=b)
    assert "<strong>Fiche A</strong> — Ana Dupont" in html
    assert "<strong>Fiche B</strong> — Anna Dupont" in html


def focused(html: str) -> list[str]:
    return [re.search(r'id="([^"]+)"', x).group(1) for x in re.findall(r"<input[^>]*\bautofocus\b[^>]*>", html)]


def test_F1_the_search_that_comes_next_has_the_focus(agent, scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    assert focused(page(agent, scene)) == ["q-a"]
    assert focused(page(agent, scene, a=a)) == ["q-b"]
    assert focused(page(agent, scene, b=b)) == ["q-a"]
    assert focused(page(agent, scene, a=a, b=b)) == []


# --- discreet services (R10) ----------------------------------------------------------------------


@pytest.fixture
def discrete(scene: Scene) -> Scene:
    """A discreet service of the same territoire, and its agent."""
    scene_2 = a_scene(scene.session, nom="Femmes en danger", territoire_id=scene.contexte.territoire_id)
    scene.session.get(Organisation, scene_2.org).discrete = True
    scene.session.get(Agent, scene_2.agent).nom = "Nadia Secret"
    scene.session.commit()
    return scene_2


def test_R10_what_a_discreet_service_merged_does_not_tell_who_did_it(agent, scene, discrete):
    a = a_usager(scene.session, discrete.org, scene.org)
    b = a_usager(scene.session, discrete.org)
    discrete.merge(a, b)
    [fusion] = scene.rows(Fusion)
    scene.session.rollback()
    html = agent.get(f"/organisations/{scene.org}/fusions/{fusion.id}").get_data(as_text=True)
    assert "par un autre service" in html
    assert "Femmes en danger" not in html
    assert "Nadia" not in html


def test_R10_the_screen_names_neither_a_discreet_service_nor_its_référent(agent, scene, discrete):
    a = a_usager(scene.session, scene.org, discrete.org)
    b = a_usager(scene.session, scene.org, email="j@exemple.test")
    a_referent(scene.session, a, discrete.agent, discrete.org)
    html = page(agent, scene, a=a, b=b)
    assert "Un autre service verra désormais" in html
    assert "(1 d’un autre service)" in html
    assert "Femmes en danger" not in html
    assert "Nadia" not in html


def test_R10_référents_of_any_other_service_are_counted_not_named(agent, scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    voisin = an_agent(scene.session, autre)
    nom = scene.session.get(Agent, voisin).nom = "Paule Voisin"
    scene.session.commit()
    a_referent(scene.session, b, voisin, autre)
    html = page(agent, scene, a=a, b=b)
    assert "(1 d’un autre service)" in html
    assert nom not in html


def test_R10_a_field_that_the_rattachement_does_not_open_moves_unread(agent, scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a = a_usager(scene.session, scene.org)
    b = a_usager(scene.session, autre, logement="hébergé chez un tiers", numero_allocataire="7654321")
    write(scene, Rattachement(usager_id=b, organisation_id=scene.org, raison="orientation", cree_le=MAINTENANT))
    html = page(agent, scene, a=a, b=b)
    assert "renseigné par un autre service" in html
    assert "hébergé" not in html
    assert "7654321" not in html
    scene.merge(a, b, confirmer=True)
    assert scene.usager(a).numero_allocataire == "7654321"


def test_F26_the_journal_of_both_leads_to_the_merge(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    fait = scene.merge(a, b)
    lignes = scene.rows(EntreeJournal, acte="fusion")
    assert [x.details["fusion_id"] for x in lignes] == [fait.fusion_id] * 2


def test_F1_a_near_hit_of_a_column_says_what_differs_and_one_letter_says_nothing_is_missing(agent, scene):
    a_usager(scene.session, scene.org, prenom="Odilon", nom="Vuillermoz", date_naissance="1984-03-14")
    search = f"/organisations/{scene.org}/fusion/recherche?colonne=a&q="
    assert "autre date de naissance" in agent.live(search + "vuillermoz+02/05/1990").text
    assert "Aucune fiche" not in agent.live(search + "z").text
