"""Carrying out a merge: all of it in one transaction, or nothing (R29, R30, F9).

Both fiches are locked in id order and read again under the lock; the plan is worked out anew
and must be the one that the form was drawn from. Then each table follows its rule, and both
states are recorded so that the merge can be undone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.doublons.actions import store_pairs
from fiches.doublons.index import reindex
from fiches.doublons.queries import find_doublons, read_personne
from fiches.fusion import instantane
from fiches.fusion.etapes import Execution
from fiches.fusion.etat import Choix, Lecture
from fiches.fusion.jeton import is_current
from fiches.fusion.models import Fusion
from fiches.fusion.plan import PlanFusion, plan_fusion
from fiches.fusion.queries import read_fusion
from fiches.fusion.refus import FusionImpossible, FusionPerimee, MemeFiche
from fiches.fusion.tables import REGLES, Touches
from fiches.journal.actions import record
from fiches.notifications.lecture import coming_rdvs
from fiches.organisations.queries import lock_territoire
from fiches.rdvs.models import Rdv
from fiches.usagers.models import Usager

PAIRES_CHERCHEES = 20  # pairs of one fiche that are scored anew


@dataclass(frozen=True)
class FusionFaite:
    """The kept fiche, and the merge; None when the two were one already (a double click, F9)."""

    survivant_id: int
    fusion_id: int | None


def fusionner(
    session: Session,
    contexte: Contexte,
    a_id: int,
    b_id: int,
    choix: Choix,
    etat: str,
    *,
    confirmer: bool,
    secret: bytes,
    maintenant: datetime,
    jours_annulables: int,
) -> FusionFaite:
    """Merge two fiches as previewed. `etat` is the token of the preview, keyed with `secret`.

    Raises FusionPerimee when anything changed since, or when these are other ticks; raises
    FusionImpossible when the plan holds refusals or needs `confirmer` (F8); both leave
    everything as it was. Raises FicheIntrouvable, FicheProtegee or MemeFiche like read_fusion.
    """
    with transaction(session):
        _lock(session, contexte, a_id, b_id, maintenant)
        try:
            lecture = read_fusion(session, contexte, a_id, b_id, maintenant)
        except MemeFiche as meme:
            if not meme.fusionnees:
                raise
            return FusionFaite(meme.usager_id, None)
        plan = plan_fusion(lecture, choix, maintenant)
        _check(lecture, plan, (a_id, b_id), etat, secret, confirmer)
        return _carry_out(session, contexte, lecture, plan, maintenant, jours_annulables)


def _lock(session: Session, contexte: Contexte, a_id: int, b_id: int, maintenant: datetime) -> None:
    """Let one merge of a territoire follow the other, then lock both fiches, the smaller id first (F9).

    The first lock lets rows be added everywhere meanwhile; without it two merges that share a
    fiche can wait for each other through the pairs of third fiches. The last one waits for
    whoever is adding an RDV or a proche to either fiche. The coming RDVs are locked in between, usagers
    first as everywhere: whoever brings one in line may yet write a message to a responsable whom it has
    not locked, and must not be made to wait for that. SQLite has locked everything already.
    """
    lock_territoire(session, contexte.territoire_id)
    fiches = select(Usager.id).where(Usager.id.in_((a_id, b_id))).order_by(Usager.id)
    session.scalars(fiches.with_for_update(key_share=True)).all()
    rdvs = select(Rdv.id).where(Rdv.id.in_(coming_rdvs(session, (a_id, b_id), maintenant))).order_by(Rdv.id)
    session.scalars(rdvs.with_for_update(key_share=True)).all()
    session.scalars(fiches.with_for_update()).all()


def _check(lecture: Lecture, plan: PlanFusion, ids: tuple[int, int], etat: str, secret: bytes, confirmer: bool) -> None:
    if (lecture.a.id, lecture.b.id) != ids or not is_current(etat, lecture, plan, secret):
        raise FusionPerimee(lecture, plan)
    if plan.refus or (plan.alertes and not confirmer):
        raise FusionImpossible(lecture, plan)


def _carry_out(
    session: Session, contexte: Contexte, lecture: Lecture, plan: PlanFusion, le: datetime, jours: int
) -> FusionFaite:
    usagers = (lecture.a.id, lecture.b.id)
    comptes = tuple(f.compte.id for f in (lecture.a, lecture.b) if f.compte is not None)
    touches = Touches(usagers, comptes, plan.messages.rdv_ids)
    avant = instantane.take(session, touches)
    execution = Execution(session, plan, contexte.agent.id, le)
    for regle in REGLES:
        if regle.etape is not None:
            regle.etape(execution)
    fusion = _record_fusion(session, contexte, plan, le, jours)
    session.expire_all()
    reindex(session, list(usagers))
    _search_again(session, contexte, plan, le)
    instantane.keep(session, fusion.id, avant, instantane.take(session, touches))
    return FusionFaite(plan.survivant.id, fusion.id)


def _search_again(session: Session, contexte: Contexte, plan: PlanFusion, le: datetime) -> None:
    """The survivor's pairs are scored anew (F27), and of the proches brought together those who
    now look alike become the next pairs proposed (F11)."""
    reunis = [lien.autre.id for lien in plan.absorbe.proches] if plan.survivant.proches else []
    for usager_id in dict.fromkeys((plan.survivant.id, *reunis)):
        if usager_id == plan.absorbe.id:
            continue
        personne = read_personne(session, usager_id)
        trouves = find_doublons(session, contexte, personne, sauf=usager_id, limite=PAIRES_CHERCHEES)
        ouverts = [c for c in trouves.candidats if not c.externe]
        store_pairs(session, contexte, usager_id, ouverts, origine="fusion", le=le)


def _record_fusion(session: Session, contexte: Contexte, plan: PlanFusion, le: datetime, jours: int) -> Fusion:
    """The merge itself and a line in the journal of both fiches: choices and counts, no value (F26)."""
    choix, bilan = plan.choix_faits(), plan.bilan()
    survivant, absorbe = plan.survivant, plan.absorbe
    fusion = Fusion(
        survivant_id=survivant.id,
        absorbe_id=absorbe.id,
        organisation_id=contexte.organisation_id,
        agent_id=contexte.agent.id,
        le=le,
        choix=choix,
        bilan=bilan,
        annulable_jusqu_au=le + timedelta(days=jours),
    )
    session.add(fusion)
    session.flush()
    changes = {n: v for n, v in plan.fiche.valeurs.items() if v != survivant.valeurs[n]}
    for fiche, autre, valeurs in ((survivant, absorbe, changes), (absorbe, survivant, {})):
        details = {"fusion_id": fusion.id, "autre": autre.id, "choix": choix, "bilan": bilan}
        record(
            session,
            "fusion",
            usager_id=fiche.id,
            le=le,
            agent_id=contexte.agent.id,
            organisation_id=contexte.organisation_id,
            valeurs=valeurs,
            details=details,
        )
    return fusion
