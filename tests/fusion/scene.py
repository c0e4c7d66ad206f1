"""The stage of the merge's tests: a service, an agent, and merging as the screen does it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.comptes.models import AccesCompte, Compte
from fiches.db import Base
from fiches.doublons.models import Doublon
from fiches.fusion.actions import FusionFaite, fusionner
from fiches.fusion.etat import Choix
from fiches.fusion.instantane import Instantane, dump_row
from fiches.fusion.jeton import sign
from fiches.fusion.plan import PlanFusion, plan_fusion
from fiches.fusion.queries import read_fusion
from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_contexte, an_agent, an_organisation
from tests.fusion.fabrique import AUCUN

SECRET = b"secret"


@dataclass
class Scene:
    """One service and its agent."""

    session: Session
    org: int
    agent: int
    contexte: Contexte

    def preview(self, a: int, b: int, choix: Choix = AUCUN) -> tuple[PlanFusion, str]:
        """The plan and its token, as the screen shows them."""
        lecture = read_fusion(self.session, self.contexte, a, b, MAINTENANT)
        plan = plan_fusion(lecture, choix, MAINTENANT)
        self.session.rollback()
        return plan, sign(lecture, plan, SECRET)

    def merge(self, a: int, b: int, choix: Choix = AUCUN, etat: str | None = None, **tout: Any) -> FusionFaite:
        """Merge with these ticks; previews first unless a token is given."""
        etat = self.preview(a, b, choix)[1] if etat is None else etat
        valeurs = {"confirmer": False, "secret": SECRET, "maintenant": MAINTENANT, "jours_annulables": 90} | tout
        return fusionner(self.session, self.contexte, a, b, choix, etat, **valeurs)

    def usager(self, id: int) -> Usager:
        """The row as it is now."""
        self.session.expire_all()
        usager = self.session.get(Usager, id)
        assert usager is not None
        return usager

    def rows(self, modele: type[Base], **valeurs: Any) -> list[Any]:
        """The rows of a table with these values."""
        self.session.expire_all()
        return list(self.session.scalars(select(modele).filter_by(**valeurs)))

    def whole_base(self, *sauf: str) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, for comparing."""
        return dump_all(self.session, *sauf)


def a_scene(session: Session, **tout: Any) -> Scene:
    org = an_organisation(session, **tout)
    agent = an_agent(session, org)
    return Scene(session, org, agent, a_contexte(session, agent, org))


def dump_all(session: Session, *sauf: str) -> Instantane:
    session.rollback()
    return {
        table.name: [
            dump_row(ligne) for ligne in session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        ]
        for table in Base.metadata.sorted_tables
        if table.name not in sauf
    }


def write(scene: Scene, *rows: object) -> None:
    scene.session.add_all(rows)
    scene.session.commit()


def a_doublon(scene: Scene, a: int, b: int, etat: str = "ouvert", score: float = 0.9) -> int:
    paire = Doublon(
        usager_a_id=min(a, b),
        usager_b_id=max(a, b),
        score=score,
        niveau="probable",
        motifs=[],
        origine="creation",
        etat=etat,
        raison="homonymes" if etat == "ecarte" else None,
        cree_le=MAINTENANT,
    )
    write(scene, paire)
    return paire.id


def a_compte(scene: Scene, usager: int, email: str, etat: str = "actif") -> int:
    compte = Compte(email=email, etat=etat, mot_de_passe="argon", actif_le=MAINTENANT)
    write(scene, compte)
    territoire = scene.contexte.territoire_id
    write(scene, AccesCompte(usager_id=usager, compte_id=compte.id, territoire_id=territoire, cree_le=MAINTENANT))
    return compte.id
