"""Links made, changed, ended and confirmed on the real base (R11, R22, R26)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from fiches.proches import actions
from fiches.proches.models import LienProche
from fiches.proches.queries import read_consequences
from fiches.proches.rules import LienImpossible, LienReserve, PrevisionPerimee
from fiches.usagers.erreurs import FicheIntrouvable, FicheProtegee
from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_lien, a_rdv, a_referent, a_usager, an_agent, an_organisation
from tests.proches.scene import SECRET, Scene, voulu

FIN = date(2027, 8, 31)


def test_linking_re_points_what_waits_and_says_so_on_both_fiches_R26(scene: Scene) -> None:
    scene.rdv(scene.enfant)
    assert scene.waiting() == set()
    assert actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)
    assert scene.links() == {scene.enfant: (scene.mere, "familial")}
    assert scene.waiting() == {(scene.mere, "rappel")}
    assert scene.acts(scene.enfant) == scene.acts(scene.mere) == ["lien"]


def test_changing_the_responsable_is_one_act_and_the_former_one_hears_no_more_R26(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.rdv(scene.enfant)
    assert {u for u, _ in scene.waiting()} == {scene.mere}
    actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.pere, nature="professionnel"), MAINTENANT)
    assert scene.links() == {scene.enfant: (scene.pere, "professionnel")}
    assert scene.waiting() == {(scene.pere, "nouveau"), (scene.pere, "rappel")}
    assert scene.acts(scene.mere) == ["lien_retire"]
    assert scene.acts(scene.pere) == scene.acts(scene.enfant) == ["lien"]


def test_the_same_link_again_changes_nothing_and_leaves_no_line(scene: Scene) -> None:
    actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)
    assert not actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT, avis="vieux")
    assert scene.acts(scene.enfant) == ["lien"]


def test_what_is_not_said_of_a_link_stays_as_it_is(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere, nature="professionnel", fin=FIN)
    assert not actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)
    assert actions.link(
        scene.session, scene.contexte, voulu(scene.enfant, scene.mere, fin=None, fin_connue=True), MAINTENANT
    )
    assert scene.links() == {scene.enfant: (scene.mere, "professionnel")}
    assert scene.session.get(LienProche, scene.enfant).fin is None


def test_detaching_ends_it_and_nobody_is_told_R26(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.rdv(scene.enfant)
    actions.detach(scene.session, scene.contexte, scene.mere, scene.enfant, MAINTENANT)
    assert scene.links() == {}
    assert scene.waiting() == set()
    assert scene.acts(scene.enfant) == scene.acts(scene.mere) == ["lien_retire"]


def test_a_link_is_ended_from_the_proche_s_fiche_too(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    actions.detach(scene.session, scene.contexte, scene.enfant, scene.mere, MAINTENANT)
    assert scene.links() == {}
    with pytest.raises(FicheIntrouvable):
        actions.detach(scene.session, scene.contexte, scene.enfant, scene.mere, MAINTENANT)


def test_a_confirmed_link_past_its_end_tells_the_responsable_again_R26(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere, fin=date(2026, 11, 1))
    scene.rdv(scene.enfant)
    assert scene.waiting() == set()
    actions.confirm(scene.session, scene.contexte, scene.mere, scene.enfant, FIN, MAINTENANT)
    lien = scene.session.get(LienProche, scene.enfant, populate_existing=True)
    assert (lien.fin, lien.confirme_le) == (FIN, date(2026, 11, 24))
    assert {u for u, _ in scene.waiting()} == {scene.mere}
    assert scene.acts(scene.enfant) == scene.acts(scene.mere) == ["lien_confirme"]


def test_confirming_a_link_in_force_keeps_its_end_unless_another_is_given(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere, fin=FIN)
    actions.confirm(scene.session, scene.contexte, scene.enfant, scene.mere, None, MAINTENANT)
    assert scene.session.get(LienProche, scene.enfant, populate_existing=True).fin == FIN


# --- what cannot be --------------------------------------------------------------------------


def test_a_loop_is_refused_with_the_names_of_its_chain_R26(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    a_lien(scene.session, proche=scene.mere, responsable=scene.pere)
    with pytest.raises(LienImpossible, match="Paul Martin → Léo Martin → Anne Martin → Paul Martin"):
        actions.link(scene.session, scene.contexte, voulu(scene.pere, scene.enfant), MAINTENANT)
    assert scene.pere not in scene.links()


def test_a_proche_may_itself_be_a_responsable_R26(scene: Scene) -> None:
    bebe = scene.person("Zoé")
    actions.link(scene.session, scene.contexte, voulu(bebe, scene.enfant), MAINTENANT)
    actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)
    scene.rdv(bebe)
    assert {u for u, _ in scene.waiting()} == set()  # the direct responsable only, who has no address
    assert len(scene.links()) == 2


def test_a_fiche_of_elsewhere_is_not_found_and_links_nothing(scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    ailleurs = a_usager(scene.session, voisin), a_usager(scene.session, an_organisation(scene.session))
    for autre in ailleurs:
        for lien in (voulu(autre, scene.mere), voulu(scene.enfant, autre)):
            with pytest.raises(FicheIntrouvable):
                actions.link(scene.session, scene.contexte, lien, MAINTENANT)
    assert scene.links() == {}


def test_a_name_of_another_service_is_not_read_in_the_chain_R10(scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    secret = a_usager(scene.session, voisin, prenom="Secrète", nom="Voisine")
    a_lien(scene.session, proche=scene.mere, responsable=secret)
    a_lien(scene.session, proche=secret, responsable=scene.enfant)
    with pytest.raises(LienImpossible) as refus:
        actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)
    assert "une personne suivie par un autre service" in refus.value.texte
    assert "Secrète" not in refus.value.texte


def test_a_protected_fiche_is_linked_and_unlinked_by_its_referents_alone_R11(scene: Scene) -> None:
    protegee = scene.person("Inès", protegee=True)
    with pytest.raises(FicheProtegee):
        actions.link(scene.session, scene.contexte, voulu(protegee, scene.mere), MAINTENANT)
    a_lien(scene.session, proche=scene.enfant, responsable=protegee)
    with pytest.raises(LienReserve):
        actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.pere), MAINTENANT)
    with pytest.raises(LienReserve):
        actions.detach(scene.session, scene.contexte, scene.enfant, protegee, MAINTENANT)
    a_referent(scene.session, protegee, scene.agent, scene.org)
    actions.detach(scene.session, scene.contexte, scene.enfant, protegee, MAINTENANT)
    assert scene.links() == {}


def test_a_person_whose_death_is_recorded_is_linked_no_more_but_may_be_detached_R15(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    scene.session.execute(update(Usager).where(Usager.id == scene.mere).values(decede_le=MAINTENANT))
    scene.session.commit()
    autre = scene.person("Zoé")
    with pytest.raises(LienImpossible, match="décès d’Anne Martin"):
        actions.link(scene.session, scene.contexte, voulu(autre, scene.mere), MAINTENANT)
    actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.pere), MAINTENANT)
    assert scene.links() == {scene.enfant: (scene.pere, "familial")}


def test_a_merged_fiche_is_followed_F25(scene: Scene) -> None:
    double = scene.person("Léo")
    scene.session.execute(update(Usager).where(Usager.id == double).values(fusionne_vers_id=scene.enfant))
    scene.session.commit()
    actions.link(scene.session, scene.contexte, voulu(double, scene.mere), MAINTENANT)
    assert scene.links() == {scene.enfant: (scene.mere, "familial")}


def test_an_anonymised_fiche_is_not_found(scene: Scene) -> None:
    scene.session.execute(update(Usager).where(Usager.id == scene.mere).values(anonymise_le=MAINTENANT))
    scene.session.commit()
    with pytest.raises(FicheIntrouvable):
        actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT)


# --- the preview ---------------------------------------------------------------------------


def consequences(scene: Scene, responsable: int | None):
    return read_consequences(scene.session, scene.contexte, scene.enfant, responsable, MAINTENANT, SECRET)


def test_the_preview_is_what_the_outbox_then_holds_R22(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    rdv = scene.rdv(scene.enfant)
    vues = consequences(scene, scene.pere)
    (prevision,) = vues.previsions
    assert prevision.rdv_id == rdv
    assert any("Anne Martin" in avant for avant in prevision.avant)
    montres = {(d.usager_id, e.genre) for d in prevision.destinataires for e in d.envois}
    assert montres == {(scene.pere, "RDV pris"), (scene.pere, "Rappel")}
    actions.link(
        scene.session, scene.contexte, voulu(scene.enfant, scene.pere), MAINTENANT, avis=vues.avis, secret=SECRET
    )
    assert scene.waiting() == {(scene.pere, "nouveau"), (scene.pere, "rappel")}


def test_nothing_to_come_shows_nothing_and_still_signs(scene: Scene) -> None:
    scene.rdv(scene.mere)
    scene.rdv(scene.enfant, visibilite="invisible")
    vues = consequences(scene, scene.mere)
    assert (vues.previsions, vues.ailleurs) == ((), 0)
    actions.link(
        scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT, avis=vues.avis, secret=SECRET
    )
    assert scene.enfant in scene.links()


def test_an_rdv_of_another_service_is_counted_and_never_told_R13(scene: Scene) -> None:
    voisin = an_organisation(scene.session, "PMI", territoire_id=scene.contexte.territoire_id)
    a_rdv(scene.session, voisin, an_agent(scene.session, voisin), scene.enfant, debut=MAINTENANT + timedelta(days=9))
    vues = consequences(scene, scene.mere)
    assert (vues.previsions, vues.ailleurs) == ((), 1)


def test_another_responsable_meanwhile_makes_the_preview_stale_even_without_rdv_R22(scene: Scene) -> None:
    avis = consequences(scene, scene.mere).avis
    actions.link(scene.session, scene.contexte, voulu(scene.enfant, scene.pere), MAINTENANT)
    with pytest.raises(PrevisionPerimee):
        actions.link(
            scene.session, scene.contexte, voulu(scene.enfant, scene.mere), MAINTENANT, avis=avis, secret=SECRET
        )
    assert scene.links() == {scene.enfant: (scene.pere, "familial")}


def test_an_rdv_made_meanwhile_makes_the_preview_stale_R22(scene: Scene) -> None:
    a_lien(scene.session, proche=scene.enfant, responsable=scene.mere)
    avis = consequences(scene, None).avis
    scene.rdv(scene.enfant)
    with pytest.raises(PrevisionPerimee):
        actions.detach(scene.session, scene.contexte, scene.enfant, scene.mere, MAINTENANT, avis=avis, secret=SECRET)


# --- two agents at once --------------------------------------------------------------------


@pytest.mark.parametrize("essai", range(5))
def test_two_agents_cannot_close_a_loop_at_the_same_instant_R26(scene: Scene, essai: int) -> None:
    demandes = [voulu(scene.mere, scene.pere), voulu(scene.pere, scene.mere)]
    depart = Barrier(2)

    def run(lien) -> str:
        with Session(scene.session.get_bind(), info={"sel": b"test"}) as session:
            depart.wait()
            try:
                actions.link(session, scene.contexte, lien, MAINTENANT)
            except LienImpossible:
                return "boucle"
            return "fait"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, demandes)) == ["boucle", "fait"]
    assert len(scene.links()) == 1
