"""Several people merge at once: each merge is whole, none is done twice (F9)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session

from fiches.fusion.models import Fusion
from fiches.fusion.refus import FusionPerimee
from tests.builders import MAINTENANT, a_rdv, a_usager
from tests.fusion.scene import Scene


def at_once(scene: Scene, *merges: Callable[[Scene], object]) -> list[object]:
    """The results, or the refusals, of these merges started together, each on its own connection."""
    depart = Barrier(len(merges))

    def run(merge: Callable[[Scene], object]) -> object:
        with Session(scene.session.get_bind(), expire_on_commit=False) as session:
            own = Scene(session, scene.org, scene.agent, scene.contexte)
            depart.wait()
            try:
                return merge(own)
            except FusionPerimee as perimee:
                return perimee

    with ThreadPoolExecutor(len(merges)) as pool:
        return list(pool.map(run, merges))


def test_F9_a_double_click_at_the_same_instant_merges_once(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    _, etat = scene.preview(a, b)
    faits = at_once(scene, *[lambda own: own.merge(a, b, etat=etat)] * 4)
    assert {f.survivant_id for f in faits} == {a}
    assert sum(f.fusion_id is not None for f in faits) == 1
    assert len(scene.rows(Fusion)) == 1


def test_F9_of_two_merges_that_share_a_fiche_one_is_asked_again(scene):
    a, b, c = (a_usager(scene.session, scene.org) for _ in range(3))
    for usager in (a, b, c):
        a_rdv(scene.session, scene.org, scene.agent, usager, debut=MAINTENANT.replace(year=2026 + usager))
    (_, ab), (_, bc) = scene.preview(a, b), scene.preview(b, c)
    resultats = at_once(scene, lambda own: own.merge(a, b, etat=ab), lambda own: own.merge(b, c, etat=bc))
    assert sum(isinstance(r, FusionPerimee) for r in resultats) == 1
    assert len(scene.rows(Fusion)) == 1
