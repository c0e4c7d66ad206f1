"""A proche or a responsable created on the spot, with the warnings of creation (R5, R9, R26)."""

import re

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_usager, an_organisation
from tests.client import Client
from tests.proches.scene import Scene, address


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Usager)) or 0


def test_a_proche_is_created_and_linked_at_once_R26(agent: Client, scene: Scene) -> None:
    adresse = address(scene, scene.mere, "/nouveau")
    page = agent.get(adresse).get_data(as_text=True)
    assert "sera reliée à" in page
    reponse = agent.post(adresse, data={"prenom": "Zoé", "nom": "Garrigue"})
    assert reponse.headers["Location"].endswith(f"/usagers/{scene.mere}")
    nouveau = scene.session.scalars(select(Usager.id).where(Usager.nom == "Garrigue")).one()
    assert scene.links() == {nouveau: (scene.mere, "familial")}
    assert scene.acts(nouveau) == ["creation", "lien"]
    assert "Zoé" in agent.get(reponse.headers["Location"]).get_data(as_text=True)


def test_what_was_searched_starts_the_new_fiche(agent: Client, scene: Scene) -> None:
    fragment = agent.live(address(scene, scene.mere, "?lien=proche&q=Garrigue+Zoé+04/05/2019")).get_data(as_text=True)
    assert "Créer sa fiche avec ce que vous avez tapé" in fragment
    data = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', fragment.split("creer-sur-place")[1]))
    page = agent.post(address(scene, scene.mere, "/nouveau"), data=data).get_data(as_text=True)
    assert 'value="Garrigue"' in page
    assert 'value="04/05/2019"' in page
    assert scene.links() == {}


def test_a_likeness_is_asked_about_and_its_card_offers_to_link_instead_R5_R9(agent: Client, scene: Scene) -> None:
    zoe = scene.person("Zoé", date_naissance="2019-05-04")
    avant = count(scene.session)
    saisie = {"prenom": "Zoé", "nom": "Martin", "date_naissance": "04/05/2019"}
    reponse = agent.post(address(scene, scene.mere, "/nouveau"), data=saisie)
    page = reponse.get_data(as_text=True)
    assert reponse.status_code == 422
    assert "Utiliser cette fiche" not in page
    assert f"/usagers/{scene.mere}/proches?proche_id={zoe}" in page
    vif = agent.live(
        f"/organisations/{scene.org}/usagers/doublons", saisie | {"relier": str(scene.mere), "lien": "responsable"}
    ).get_data(as_text=True)
    assert f"/usagers/{scene.mere}/proches?responsable_id={zoe}" in vif
    assert "C’est la fiche d’où vous venez" in agent.live(
        f"/organisations/{scene.org}/usagers/doublons", saisie | {"relier": str(zoe), "lien": "proche"}
    ).get_data(as_text=True)
    assert (count(scene.session), scene.links()) == (avant, {})
    oui = agent.post(address(scene, scene.mere, "/nouveau"), data=saisie | {"autre_personne": "oui"})
    assert oui.status_code == 303
    assert len(scene.links()) == 1


def test_what_cannot_be_kept_comes_back_and_no_half_is_written_R3(agent: Client, scene: Scene) -> None:
    avant = count(scene.session)
    data = {"prenom": "Zoé", "nom": "Garrigue", "date_naissance": "31/02/2019", "ville": "Mâcon"}
    reponse = agent.post(address(scene, scene.mere, "/nouveau"), data=data)
    assert reponse.status_code == 422
    assert 'value="Mâcon"' in reponse.get_data(as_text=True)
    assert (count(scene.session), scene.links()) == (avant, {})


def test_a_new_responsable_is_created_then_previewed_before_it_is_linked_R22(agent: Client, scene: Scene) -> None:
    reponse = agent.post(
        address(scene, scene.enfant, "/nouveau?lien=responsable"), data={"prenom": "Zoé", "nom": "Garrigue"}
    )
    nouveau = scene.session.scalars(select(Usager.id).where(Usager.nom == "Garrigue")).one()
    assert reponse.headers["Location"].endswith(f"/usagers/{scene.enfant}/proches?responsable_id={nouveau}")
    assert scene.links() == {}


def test_the_ordinary_form_takes_a_responsable_too(agent: Client, scene: Scene) -> None:
    adresse = f"/organisations/{scene.org}/usagers/nouveau"
    page = agent.get(f"{adresse}?responsable_id={scene.mere}").get_data(as_text=True)
    assert f'name="responsable_id" value="{scene.mere}"' in page
    reponse = agent.post(adresse, data={"prenom": "Zoé", "nom": "Garrigue", "responsable_id": scene.mere})
    assert reponse.status_code == 303
    nouveau = scene.session.scalars(select(Usager.id).where(Usager.nom == "Garrigue")).one()
    assert reponse.headers["Location"].endswith(f"/usagers/{nouveau}")
    assert scene.links() == {nouveau: (scene.mere, "familial")}
    assert agent.post(adresse, data={"prenom": "A", "nom": "Duvivier", "responsable_id": ""}).status_code == 303


def test_an_ordinary_form_with_a_responsable_that_cannot_be_writes_nothing(agent: Client, scene: Scene) -> None:
    loin = a_usager(scene.session, an_organisation(scene.session))
    avant = count(scene.session)
    for responsable in (loin, "abc", 2**31 - 2):
        data = {"prenom": "Zoé", "nom": "Garrigue", "responsable_id": responsable}
        reponse = agent.post(f"/organisations/{scene.org}/usagers/nouveau", data=data)
        assert reponse.status_code == 422
        assert 'value="Garrigue"' in reponse.get_data(as_text=True)
    assert (count(scene.session), scene.links()) == (avant, {})


def test_a_dead_person_gets_no_proche_on_the_spot_R15(agent: Client, scene: Scene) -> None:
    scene.session.execute(update(Usager).where(Usager.id == scene.mere).values(decede_le=MAINTENANT))
    scene.session.commit()
    avant = count(scene.session)
    data = {"prenom": "Zoé", "nom": "Garrigue"}
    for adresse in (address(scene, scene.mere, "/nouveau"), f"/organisations/{scene.org}/usagers/nouveau"):
        reponse = agent.post(adresse, data=data | {"responsable_id": str(scene.mere)})
        assert (reponse.status_code, "décès" in reponse.get_data(as_text=True)) == (422, True)
    assert count(scene.session) == avant
