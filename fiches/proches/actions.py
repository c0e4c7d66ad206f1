"""Making, changing and ending links. One transaction, a line of journal on each fiche (R26).

Links of a territoire are judged one at a time, so that two agents cannot close a loop together.
What waits in the outbox is re-pointed in the same transaction.
"""

import hmac
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.db import transaction
from fiches.journal.actions import record
from fiches.notifications.outbox import resync_usagers
from fiches.organisations.queries import lock_territoire
from fiches.proches import queries
from fiches.proches.models import LienProche
from fiches.proches.rules import LienReserve, LienVoulu, PrevisionPerimee, link_holds
from fiches.usagers.erreurs import FicheIntrouvable
from fiches.usagers.models import Usager
from fiches.usagers.queries import get_usager, is_referent, lock_usagers


def link(
    session: Session,
    contexte: Contexte,
    voulu: LienVoulu,
    le: datetime,
    *,
    avis: str | None = None,
    secret: bytes = b"",
) -> bool:
    """Give a proche this responsable, in place of the one it has; whether anything changed.

    Raises FicheIntrouvable, FicheProtegee and LienReserve (R11), LienImpossible (R26), and
    PrevisionPerimee when `avis` was given for another preview. Merged fiches are followed.
    """
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        proche, responsable = _lock(session, contexte, voulu)
        lien = queries.read_lien(session, proche.id)
        nature = voulu.nature or (lien.nature if lien and lien.responsable_id == responsable.id else "familial")
        fin = voulu.fin if voulu.fin_connue else lien.fin if lien and lien.responsable_id == responsable.id else None
        if lien and (lien.responsable_id, lien.nature, lien.fin) == (responsable.id, nature, fin):
            return False
        queries.check_people(session, contexte, proche, responsable)
        _check_former(session, contexte, lien, responsable.id)
        _check_avis(session, contexte, proche.id, responsable.id, le, avis, secret)
        ancien = lien.responsable_id if lien else None
        lien = lien or LienProche(proche_id=proche.id, cree_le=le)
        if ancien != responsable.id:
            lien.cree_le = le
        lien.responsable_id, lien.nature, lien.fin, lien.confirme_le = responsable.id, nature, fin, day_of(le)
        session.add(lien)
        resync_usagers(session, [proche.id], le)
        _record(session, contexte, "lien", {proche.id, responsable.id}, le, nature)
        if ancien is not None and ancien != responsable.id:
            _record(session, contexte, "lien_retire", {ancien}, le, nature)
    return True


def detach(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    autre_id: int,
    le: datetime,
    *,
    avis: str | None = None,
    secret: bytes = b"",
) -> None:
    """End the link between these two fiches, whichever is the proche. Raises as `link`, and
    FicheIntrouvable when they are not linked."""
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        lien = get_link(session, contexte, usager_id, autre_id, writing=True)
        _check_avis(session, contexte, lien.proche_id, None, le, avis, secret)
        proche_id, responsable_id, nature = lien.proche_id, lien.responsable_id, lien.nature
        session.delete(lien)
        resync_usagers(session, [proche_id], le)
        _record(session, contexte, "lien_retire", {proche_id, responsable_id}, le, nature)


def confirm(
    session: Session,
    contexte: Contexte,
    usager_id: int,
    autre_id: int,
    fin: date | None,
    le: datetime,
    *,
    avis: str | None = None,
    secret: bytes = b"",
) -> None:
    """Keep that this link still holds, until `fin` where one is given (R26). A link past its end
    is in force again: its messages go to the responsable once more."""
    with transaction(session):
        lock_territoire(session, contexte.territoire_id)
        lien = get_link(session, contexte, usager_id, autre_id, writing=True)
        _check_avis(session, contexte, lien.proche_id, lien.responsable_id, le, avis, secret)
        if fin is not None or not link_holds(lien.fin, day_of(le)):
            lien.fin = fin
        lien.confirme_le = day_of(le)
        resync_usagers(session, [lien.proche_id], le)
        _record(session, contexte, "lien_confirme", {lien.proche_id, lien.responsable_id}, le, lien.nature)


def get_link(
    session: Session, contexte: Contexte, usager_id: int, autre_id: int, *, writing: bool = False
) -> LienProche:
    """The link between two fiches, for changing it: the agent reads the first one and the proche.

    Raises FicheIntrouvable, FicheFusionnee, FicheProtegee, LienReserve.
    """
    if writing:
        lock_usagers(session, (usager_id, autre_id))
    usager = get_usager(session, contexte, usager_id, writing=writing, protection=True)
    lien = queries.between(session, usager.id, autre_id)
    if lien is None:
        raise FicheIntrouvable
    if lien.proche_id != usager.id:
        queries.get_fiche(session, contexte, lien.proche_id, writing=writing)
    else:
        _check_former(session, contexte, lien, None)
    return lien


def _lock(session: Session, contexte: Contexte, voulu: LienVoulu) -> tuple[Usager, Usager]:
    """Both fiches, their rows locked in the order of their ids."""
    if voulu.responsable_id is None:
        raise FicheIntrouvable
    trouves = {
        usager_id: queries.get_fiche(session, contexte, usager_id, writing=True)
        for usager_id in sorted({voulu.proche_id, voulu.responsable_id})
    }
    return trouves[voulu.proche_id], trouves[voulu.responsable_id]


def _check_former(session: Session, contexte: Contexte, lien: LienProche | None, nouveau: int | None) -> None:
    """A responsable whose fiche is protected is taken away by its référents alone (R11)."""
    if lien is None or lien.responsable_id == nouveau:
        return
    ancien = session.get(Usager, lien.responsable_id)
    if ancien is not None and ancien.protegee and not is_referent(session, contexte, ancien.id):
        raise LienReserve


def _check_avis(
    session: Session,
    contexte: Contexte,
    proche_id: int,
    responsable_id: int | None,
    le: datetime,
    avis: str | None,
    secret: bytes,
) -> None:
    if avis is None:
        return
    actuel = queries.read_consequences(session, contexte, proche_id, responsable_id, le, secret).avis
    if not hmac.compare_digest(avis.encode("utf-8", "replace"), actuel.encode()):
        raise PrevisionPerimee


def _record(session: Session, contexte: Contexte, acte: str, ids: Iterable[int], le: datetime, nature: str) -> None:
    for usager_id in sorted(ids):
        record(
            session,
            acte,
            usager_id=usager_id,
            le=le,
            agent_id=contexte.agent.id,
            organisation_id=contexte.organisation_id,
            details={"nature": nature},
        )
