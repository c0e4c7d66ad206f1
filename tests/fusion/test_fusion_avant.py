"""Before anything is written: rights, confirmations, stale previews (F7–F10, R29)."""

import pytest

from fiches.fusion.models import Fusion
from fiches.fusion.refus import FicheIntrouvable, FicheProtegee, FusionImpossible, FusionPerimee, MemeFiche
from tests.builders import (
    a_lien,
    a_rdv,
    a_referent,
    a_usager,
    an_organisation,
)
from tests.fusion.fabrique import des_cotes
from tests.fusion.scene import a_scene

UN, DEUX = "+33611111111", "+33622222222"


# --- before writing (F7–F10) ----------------------------------------------------------------------


def test_F8_two_birth_dates_need_a_confirmation(scene):
    a = a_usager(scene.session, scene.org, date_naissance="1984-03-14")
    b = a_usager(scene.session, scene.org, date_naissance="1985-03-14")
    avant = scene.whole_base()
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    assert scene.whole_base() == avant
    scene.merge(a, b, confirmer=True)


@pytest.mark.parametrize("quoi", ["a field", "an RDV", "a proche", "a référent"])
def test_F9_whatever_changed_since_the_preview_refuses_the_merge(scene, quoi):
    a, b, c = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul"))
    _, etat = scene.preview(a, b)
    if quoi == "a field":
        scene.usager(a).ville = "Mâcon"
        scene.session.commit()
    elif quoi == "an RDV":
        a_rdv(scene.session, scene.org, scene.agent, b)
    elif quoi == "a proche":
        a_lien(scene.session, proche=c, responsable=b)
    else:
        a_referent(scene.session, b, scene.agent, scene.org)
    avant = scene.whole_base()
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat=etat)
    assert scene.whole_base() == avant


def test_F9_other_ticks_than_previewed_are_refused_with_the_new_plan(scene):
    a, b = a_usager(scene.session, scene.org, nom="Dupont"), a_usager(scene.session, scene.org, nom="Dupond")
    _, etat = scene.preview(a, b)
    with pytest.raises(FusionPerimee) as refus:
        scene.merge(a, b, des_cotes(nom="b"), etat)
    assert refus.value.plan.fiche.valeurs["nom"] == "Dupond"
    scene.merge(a, b, des_cotes(nom="a"), etat)


def test_F9_a_token_of_another_installation_is_worth_nothing(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat=etat, secret=b"autre")
    with pytest.raises(FusionPerimee):
        scene.merge(a, b, etat="é")


def test_F9_a_double_click_merges_once(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    assert scene.merge(a, b, etat=etat).fusion_id is not None
    again = scene.merge(a, b, etat=etat)
    assert (again.survivant_id, again.fusion_id) == (a, None)
    assert len(scene.rows(Fusion)) == 1


def test_F10_a_side_merged_meanwhile_is_followed_and_asked_about_again(scene):
    a, b, c = (a_usager(scene.session, scene.org) for _ in range(3))
    _, etat = scene.preview(b, c)
    scene.merge(a, b)
    with pytest.raises(FusionPerimee) as refus:
        scene.merge(b, c, etat=etat)
    assert (refus.value.lecture.a.id, refus.value.lecture.b.id) == (a, c)


def test_R29_the_same_fiche_twice_is_refused(scene):
    a = a_usager(scene.session, scene.org)
    with pytest.raises(MemeFiche):
        scene.merge(a, a, etat="x")


def test_R29_a_fiche_that_the_agent_may_not_see_is_not_found(scene):
    a = a_usager(scene.session, scene.org)
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    for inconnue in (a_usager(scene.session, autre), a_usager(scene.session, a_scene(scene.session).org), 999):
        with pytest.raises(FicheIntrouvable) as refus:
            scene.merge(a, inconnue, etat="x")
        assert refus.value.cote == "b"


def test_R11_a_fiche_protégée_is_merged_by_its_référents_alone(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, protegee=True)
    with pytest.raises(FicheProtegee):
        scene.merge(a, b, etat="x")
    a_referent(scene.session, b, scene.agent, scene.org)
    scene.merge(a, b)
    assert scene.usager(a).protegee
