"""The screen of a merge through the application: what outside scripts and agents rely on (interface)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from fiches.fusion.models import Fusion
from fiches.organisations.models import Agent
from tests.builders import MAINTENANT, a_referent, a_usager, an_organisation
from tests.fusion.scene import Scene, a_doublon

UN, DEUX = "+33611111111", "+33622222222"


def sign_in(client: FlaskClient, session: Session, scene: Scene) -> None:
    email = session.get(Agent, scene.agent).email
    session.rollback()  # signing in writes: an older view of the base could not be written from
    client.sign_in(email)


@pytest.fixture
def agent(client: FlaskClient, scene: Scene, session: Session) -> FlaskClient:
    """A browser in which the agent of the scene is signed in."""
    sign_in(client, session, scene)
    return client


def address(scene: Scene, suite: str = "") -> str:
    return f"/organisations/{scene.org}/fusion{suite}"


def champ(html: str, nom: str) -> str | None:
    trouve = re.search(rf'data-champ="{nom}">([^<]*)<', html)
    return trouve.group(1) if trouve else None


def token(html: str) -> str:
    return re.search(r'name="etat" value="([^"]+)"', html).group(1)


def preview(agent: FlaskClient, scene: Scene, a: object, b: object, **tout: Any) -> Any:
    return agent.live(address(scene, "/apercu"), data={"a": a, "b": b, **tout})


@pytest.fixture
def paire(scene: Scene) -> tuple[int, int]:
    a = a_usager(scene.session, scene.org, nom="Dupont", telephone=UN, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, nom="Dupond", telephone=DEUX, date_naissance="1984-03-14")
    return a, b


def test_F2_the_screen_opens_filled_in_and_swaps(agent, scene, paire):
    a, b = paire
    html = agent.get(address(scene) + f"?a={a}&b={b}").get_data(as_text=True)
    assert 'id="garder_nom_a" name="garder_nom" value="a" data-ligne checked' in html
    assert "différent" in html
    assert "identique" in html
    assert f"?b={a}&amp;a={b}" in html or f"?a={b}&amp;b={a}" in html


def test_the_screen_without_fiches_asks_for_them(agent, scene):
    response = agent.get(address(scene))
    assert response.status_code == 200
    assert "Choisissez une fiche" in response.get_data(as_text=True)


@pytest.mark.parametrize("inconnu", ["999999", "abc", "99999999999999999999", "-1", "#", "1' or 1=1"])
def test_an_unknown_id_is_told_on_the_screen(agent, scene, paire, inconnu):
    for response in (
        agent.get(address(scene), query_string={"a": paire[0], "b": inconnu}),
        agent.post(address(scene), data={"a": paire[0], "b": inconnu}),
        preview(agent, scene, paire[0], inconnu),
    ):
        assert response.status_code in (200, 404, 422)
        assert "fiche" in response.get_data(as_text=True)


def test_F1_the_same_fiche_on_both_sides_is_refused_at_once(agent, scene, paire):
    a, _ = paire
    assert "même fiche" in agent.get(address(scene) + f"?a={a}&b={a}").get_data(as_text=True)
    assert "data-refus" in preview(agent, scene, a, a).get_data(as_text=True)
    assert agent.post(address(scene), data={"a": a, "b": a}).status_code == 422


def test_F7_another_service_s_fiche_is_not_found(agent, scene, paire):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    secret = a_usager(scene.session, autre, prenom="Secrète")
    response = agent.get(address(scene) + f"?a={paire[0]}&b={secret}")
    assert response.status_code == 404
    assert "Secrète" not in response.get_data(as_text=True)


def test_R11_a_fiche_protégée_shows_nothing_to_others_than_its_référents(agent, scene, paire):
    protegee = a_usager(scene.session, scene.org, protegee=True, telephone="+33699887766")
    page = address(scene) + f"?a={paire[0]}&b={protegee}"
    html = agent.get(page).get_data(as_text=True)
    assert "seuls ses référents" in html
    assert "77 66" not in html
    a_referent(scene.session, protegee, scene.agent, scene.org)
    assert "seuls ses référents" not in agent.get(page).get_data(as_text=True)


def test_F5_the_preview_follows_the_ticks(agent, scene, paire):
    html = preview(agent, scene, *paire, garder_nom="b", garder_telephone=["a", "b"]).get_data(as_text=True)
    assert (champ(html, "nom"), champ(html, "telephone_2")) == ("Dupond", "06 22 22 22 22")
    assert "<html" not in html
    assert champ(preview(agent, scene, *paire).get_data(as_text=True), "nom") == "Dupont"


def test_a_second_tick_on_an_either_or_line_replaces_the_first(agent, scene, paire):
    html = preview(agent, scene, *paire, garder_nom=["", "a", "b"], avant_nom="a").get_data(as_text=True)
    assert champ(html, "nom") == "Dupond"
    assert 'hx-target="#ligne-nom"' in html
    assert "Nom : Dupond." in html


def test_without_javascript_two_ticks_are_asked_about(agent, scene, paire):
    html = agent.post(
        address(scene),
        data={"a": paire[0], "b": paire[1], "garder_nom": ["", "a", "b"], "avant_nom": "a", "voir": "oui"},
    ).get_data(as_text=True)
    assert html.count('id="garder_nom_a"') == 1
    assert "data-refus" in html
    assert "un seul peut être gardé" in html


def test_a_line_sent_empty_was_not_ticked_and_one_not_sent_keeps_its_default(agent, scene, paire):
    html = preview(agent, scene, *paire, garder_telephone="").get_data(as_text=True)
    assert (champ(html, "telephone"), champ(html, "nom")) == ("", "Dupont")


def test_R27_merging_as_a_script_does(agent, scene, paire, session):
    a, b = paire
    etat = token(preview(agent, scene, a, b, garder_nom="b").get_data(as_text=True))
    response = agent.post(address(scene), data={"a": a, "b": b, "garder_nom": "b", "etat": etat})
    assert (response.status_code, response.location) == (303, f"/organisations/{scene.org}/usagers/{a}")
    assert scene.usager(a).nom == "Dupond"
    assert scene.usager(b).fusionne_vers_id == a
    page = agent.get(response.location).get_data(as_text=True)
    assert "Fiches fusionnées." in page
    assert f"/organisations/{scene.org}/fusions/" in page
    again = agent.post(address(scene), data={"a": a, "b": b, "garder_nom": "b", "etat": etat})
    assert again.status_code == 303
    [fusion] = scene.rows(Fusion)
    page = agent.get(f"/organisations/{scene.org}/fusions/{fusion.id}").get_data(as_text=True)
    assert "L’autre fiche" in page
    fiche = agent.get(f"/organisations/{scene.org}/usagers/{b}")
    assert (fiche.status_code, fiche.location) == (302, f"/organisations/{scene.org}/usagers/{a}")


def test_F9_without_a_token_or_with_other_ticks_nothing_is_merged(agent, scene, paire):
    a, b = paire
    etat = token(preview(agent, scene, a, b).get_data(as_text=True))
    for data in ({}, {"etat": "x"}, {"etat": etat, "garder_nom": "b"}):
        response = agent.post(address(scene), data={"a": a, "b": b, **data})
        assert response.status_code == 409
        assert token(response.get_data(as_text=True))
    assert 'value="b" data-ligne checked' in response.get_data(as_text=True)
    assert scene.rows(Fusion) == []


def test_F8_the_confirmation_is_asked_for_and_not_bound_to_the_token(agent, scene):
    a = a_usager(scene.session, scene.org, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, date_naissance="1990-01-01")
    etat = token(preview(agent, scene, a, b).get_data(as_text=True))
    data = {"a": a, "b": b, "etat": etat}
    refused = agent.post(address(scene), data=data)
    assert refused.status_code == 422
    assert "même personne" in refused.get_data(as_text=True)
    assert agent.post(address(scene), data={**data, "confirmer": ["non", "oui"]}).status_code == 303


def test_F10_a_merged_side_is_followed_and_told(agent, scene, paire):
    a, b = paire
    c = a_usager(scene.session, scene.org)
    scene.merge(a, b)
    html = agent.get(address(scene) + f"?a={b}&b={c}").get_data(as_text=True)
    assert f"La fiche n° {b} a été fusionnée avec celle-ci" in html
    assert f'name="a" value="{a}"' in html
    live = preview(agent, scene, b, c).get_data(as_text=True)
    assert "data-refus" in live
    assert "Reprendre la comparaison" in live


def test_F1_the_search_of_a_column_tells_homonyms_apart(agent, scene, paire):
    a, b = paire
    html = agent.live(address(scene, f"/recherche?colonne=b&q=dupond&a={a}")).get_data(as_text=True)
    assert f'data-usager="{b}"' in html
    assert "14/03/1984" in html
    assert "06 •• •• •• 22" in html
    assert "06 22 22 22 22" not in html
    assert f"?a={a}&amp;b={b}" in html


@pytest.mark.parametrize("forme", ["{}", "%23{}"])
def test_F1_a_fiche_is_found_by_its_number(agent, scene, paire, forme):
    html = agent.live(address(scene, f"/recherche?colonne=a&q={forme.format(paire[1])}")).get_data(as_text=True)
    assert f'data-usager="{paire[1]}"' in html


def test_R10_a_fiche_of_another_service_is_offered_for_attaching_first(agent, scene, paire):
    autre = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    loin = a_usager(scene.session, autre, prenom="Zoé", nom="Lécuyer", date_naissance="1984-03-14", telephone=UN)
    html = agent.live(address(scene, "/recherche?colonne=b&q=lécuyer zoé 14/03/1984")).get_data(as_text=True)
    assert f"/usagers/{loin}/rattacher" in html
    assert "suivi(e) par PMI" in html
    assert "06 •" not in html
    assert f"b={loin}" not in html


def test_with_one_side_chosen_the_other_offers_its_possible_duplicates(agent, scene, paire):
    a_doublon(scene, *paire)
    html = agent.get(address(scene) + f"?a={paire[0]}").get_data(as_text=True)
    assert "Doublons possibles de l’autre fiche" in html
    assert f'data-usager="{paire[1]}"' in html


def test_without_javascript_the_search_gives_the_page(agent, scene, paire):
    html = agent.get(address(scene), query_string={"colonne": "a", "q": "dupond"}).get_data(as_text=True)
    assert f'data-usager="{paire[1]}"' in html
    assert "<h1>Fusionner deux usagers</h1>" in html


def test_the_page_with_the_fragment_swapped_in_equals_the_page_loaded_afresh(agent, scene, paire):
    data = {"a": paire[0], "b": paire[1], "garder_nom": ["", "b"], "garder_telephone": ["", "a", "b"]}
    fragment = agent.live(address(scene, "/apercu"), data=data).get_data(as_text=True)
    page = agent.post(address(scene), data={**data, "voir": "oui"}).get_data(as_text=True)
    assert fragment.strip() in page


def test_what_is_typed_in_the_fiche_is_escaped(agent, scene, paire):
    c = a_usager(scene.session, scene.org, nom="<script>alert(1)</script>", remarques="<b>x</b>")
    html = agent.get(address(scene) + f"?a={paire[0]}&b={c}").get_data(as_text=True)
    assert "<script>alert" not in html
    assert "<b>x" not in html


def test_another_territoire_s_agent_does_not_find_the_merge(agent, scene, paire, session):
    from tests.fusion.scene import a_scene

    scene.merge(*paire)
    ailleurs = a_scene(session)
    agent.post("/deconnexion")
    sign_in(agent, session, ailleurs)
    [fusion] = scene.rows(Fusion)
    assert agent.get(f"/organisations/{ailleurs.org}/fusions/{fusion.id}").status_code == 404
    assert agent.get(f"/organisations/{scene.org}/fusions/{fusion.id}").status_code == 404
    assert fusion.le == MAINTENANT
