"""Reading the coming RDVs of two fiches and their outbox, in a number of statements that no count changes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.fusion.etat import Courrier
from fiches.notifications.lecture import coming_rdvs, read_contacts, read_rdvs
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.outbox import read_lignes
from fiches.notifications.rules import Etat
from fiches.proches.models import LienProche
from fiches.rdvs.models import Rdv


def read_courrier(session: Session, contexte: Contexte, ids: Collection[int], maintenant: datetime) -> Courrier:
    """The RDVs to come that concern either fiche, and any other of which one still waits to hear."""
    attendus = session.scalars(
        select(Message.rdv_id)
        .where(Message.usager_id.in_(ids), Message.etat == Etat.ATTENTE, Message.rdv_id.is_not(None))
        .distinct()
    )
    rdv_ids = {*coming_rdvs(session, ids, maintenant), *(i for i in attendus if i is not None)}
    rdvs = read_rdvs(session, rdv_ids, day_of(maintenant), contexte)
    lignes = read_lignes(session, rdv_ids)
    liens = session.execute(
        select(LienProche.proche_id, LienProche.responsable_id).where(LienProche.proche_id.in_(ids))
    ).all()
    contacts = read_contacts(session, {r for _, r in liens}, contexte, {r: p for p, r in liens})
    lisibles = session.scalars(select(Rdv.id).where(Rdv.id.in_(rdv_ids), Rdv.organisation_id.in_(contexte.portee)))
    return Courrier(
        rdvs=tuple(rdvs.values()),
        lignes={i: tuple(lignes[i]) for i in rdvs},
        contacts=contacts,
        lisibles=frozenset(lisibles),
    )


def read_marks(session: Session, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """The addresses of these fiches whose holder said « Ce n'est pas moi » (R21)."""
    par: dict[int, list[tuple[str, str]]] = {i: [] for i in ids}
    lignes = select(AdresseAVerifier).where(AdresseAVerifier.usager_id.in_(ids))
    for x in session.scalars(lignes.order_by(AdresseAVerifier.canal, AdresseAVerifier.adresse)):
        par[x.usager_id].append((x.canal, x.adresse))
    return par
