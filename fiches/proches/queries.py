"""Reading links: those of a fiche, the chain above it, and what changing one would do (R22, R26)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from fiches.acces.rules import Contexte
from fiches.comptes.models import AccesCompte, Compte
from fiches.notifications.lecture import read_contacts
from fiches.notifications.previsions import Prevision, sign
from fiches.notifications.queries_changements import preview_changes
from fiches.notifications.rules import Canal, with_responsable
from fiches.notifications.textes import LIBELLES_CANAL
from fiches.proches.models import LienProche
from fiches.proches.rules import INCONNU, LienImpossible, Maillon, check_link, link_holds, must_ask
from fiches.usagers.erreurs import FicheFusionnee, FicheIntrouvable
from fiches.usagers.models import Usager
from fiches.usagers.queries import get_usager, is_referent, visible_ids
from fiches.usagers.rules import full_name, of_nom


@dataclass(frozen=True)
class Parent:
    """Who stands at the other end of a link of the fiche shown: a proche, or its responsable.

    `nommable`: a proche's responsable is named to whoever may read the proche (R10), unless protected.
    `modifiable`: this agent may change the link. `tient`: it is in force; `demander`: the fiche asks
    whether it still does. `canaux`: of a responsable, how messages reach them by their préférences.
    """

    usager: Usager
    nature: str
    visible: bool
    nommable: bool
    fin: date | None = None
    modifiable: bool = False
    tient: bool = True
    demander: bool = False
    canaux: tuple[str, ...] = ()

    @property
    def nom(self) -> str:
        """The name as this agent may read it."""
        u = self.usager
        return full_name(u.prenom, u.nom, u.prenom_pas_encore_donne) if self.nommable else INCONNU


@dataclass(frozen=True)
class Liens:
    """The links of one fiche. `par_responsable`: its messages follow the responsable's préférences,
    because it has no compte of its own (R19)."""

    responsable: Parent | None = None
    proches: tuple[Parent, ...] = ()
    par_responsable: bool = False


def read_liens(session: Session, contexte: Contexte, usager: Usager, aujourdhui: date) -> Liens:
    """The responsable and the proches of a fiche that this agent reads."""
    autre = aliased(Usager)
    rows = session.execute(
        select(LienProche, autre)
        .join(
            autre,
            or_(
                (LienProche.proche_id == usager.id) & (autre.id == LienProche.responsable_id),
                (LienProche.responsable_id == usager.id) & (autre.id == LienProche.proche_id),
            ),
        )
        .order_by(autre.date_naissance, autre.id)
    ).all()
    visibles = visible_ids(session, contexte, [a.id for _, a in rows])
    ouverte = not usager.protegee or is_referent(session, contexte, usager.id)
    responsable, proches = None, []
    for lien, a in rows:
        dessous = lien.proche_id == usager.id
        visible = a.id in visibles
        parent = Parent(
            usager=a,
            nature=lien.nature,
            visible=visible,
            nommable=visible or (dessous and not a.protegee),
            fin=lien.fin,
            modifiable=(
                ouverte
                and (dessous or visible)
                and (not a.protegee or (visible and is_referent(session, contexte, a.id)))
            ),
            tient=link_holds(lien.fin, aujourdhui),
            demander=must_ask(lien.fin, (usager if dessous else a).date_naissance, lien.confirme_le, aujourdhui),
            canaux=_canaux(a) if dessous else (),
        )
        if dessous:
            responsable = parent
        else:
            proches.append(parent)
    suivi = responsable is not None and responsable.tient and not _has_compte(session, usager.id)
    return Liens(responsable, tuple(proches), suivi)


def _canaux(usager: Usager) -> tuple[str, ...]:
    veut = {Canal.EMAIL: usager.notif_email, Canal.SMS: usager.notif_sms}
    return tuple(LIBELLES_CANAL[c] for c in Canal if veut[c])


def _has_compte(session: Session, usager_id: int) -> bool:
    return bool(
        session.scalar(
            select(Compte.id)
            .join(AccesCompte, AccesCompte.compte_id == Compte.id)
            .where(AccesCompte.usager_id == usager_id, Compte.etat == "actif")
        )
    )


def get_fiche(session: Session, contexte: Contexte, usager_id: int, *, writing: bool = False) -> Usager:
    """The fiche that a link names, a merge followed; raises FicheIntrouvable and FicheProtegee."""
    try:
        usager = get_usager(session, contexte, usager_id, writing=writing, protection=True)
    except FicheFusionnee as fusionnee:
        return get_fiche(session, contexte, fusionnee.vers, writing=writing)
    if usager.anonymise_le is not None:
        raise FicheIntrouvable
    return usager


def read_lien(session: Session, proche_id: int) -> LienProche | None:
    """The link that this proche has, as it is now."""
    return session.get(LienProche, proche_id, populate_existing=True)


def between(session: Session, a: int, b: int) -> LienProche | None:
    """The link between these two fiches, whichever is the proche."""
    return session.scalar(
        select(LienProche).where(
            or_(
                (LienProche.proche_id == a) & (LienProche.responsable_id == b),
                (LienProche.proche_id == b) & (LienProche.responsable_id == a),
            )
        )
    )


def read_ascendants(session: Session, contexte: Contexte | None, usager_id: int) -> dict[int, Maillon]:
    """Each proche from this fiche upwards with its responsable, named as the agent may read it."""
    montee = (
        select(LienProche.proche_id, LienProche.responsable_id)
        .where(LienProche.proche_id == usager_id)
        .cte("montee", recursive=True)
    )
    haut = aliased(LienProche)
    montee = montee.union(
        select(haut.proche_id, haut.responsable_id).join(montee, haut.proche_id == montee.c.responsable_id)
    )
    paires = session.execute(select(montee.c.proche_id, montee.c.responsable_id)).all()
    maillons = read_maillons(session, contexte, [responsable for _, responsable in paires])
    return {proche: maillons[responsable] for proche, responsable in paires}


def read_maillons(session: Session, contexte: Contexte | None, ids: Iterable[int]) -> dict[int, Maillon]:
    """These people by the name that the agent may read (R10)."""
    ids = list(set(ids))
    visibles = visible_ids(session, contexte, ids) if contexte is not None else set(ids)
    return {
        u.id: Maillon(u.id, full_name(u.prenom, u.nom, u.prenom_pas_encore_donne) if u.id in visibles else INCONNU)
        for u in session.scalars(select(Usager).where(Usager.id.in_(ids)))
    }


def check_people(session: Session, contexte: Contexte, proche: Usager, responsable: Usager) -> None:
    """Raise LienImpossible when these two cannot be proche and responsable (R15, R26)."""
    check_living(proche)
    check_living(responsable)
    noms = read_maillons(session, contexte, [proche.id, responsable.id])
    ascendants = read_ascendants(session, contexte, responsable.id)
    check_link(noms[proche.id], noms[responsable.id], ascendants)


def check_living(usager: Usager) -> None:
    """Raise LienImpossible when this person's death is recorded (R15)."""
    if usager.decede_le is not None:
        nom = full_name(usager.prenom, usager.nom, usager.prenom_pas_encore_donne)
        raise LienImpossible(f"Le décès {of_nom(nom)} est enregistré\u00a0: cette fiche ne se relie plus.")


# --- what a change would do ---------------------------------------------------------------


@dataclass(frozen=True)
class Consequences:
    """What the messages to come become when a proche gets another responsable, or none.

    `previsions`: one per RDV of the agent's organisations that is told otherwise; `ailleurs`: how
    many RDVs of other services are (of those nothing more may be said, R13); `avis`: the token.
    """

    previsions: tuple[Prevision, ...]
    ailleurs: int
    avis: str


def read_consequences(
    session: Session,
    contexte: Contexte,
    proche_id: int,
    responsable_id: int | None,
    maintenant: datetime,
    secret: bytes,
) -> Consequences:
    """Who will be told otherwise of RDVs to come, by the functions that fill the outbox (R22)."""
    contact = None
    if responsable_id is not None:
        contact = read_contacts(session, [responsable_id], contexte, {responsable_id: proche_id})[responsable_id]
    changements = preview_changes(
        session, contexte, proche_id, lambda rdv: with_responsable(rdv, proche_id, contact), maintenant
    )
    previsions, ailleurs = changements.previsions, changements.ailleurs
    # The key takes in the link as it is: with another one meanwhile the token is no longer good.
    lien = read_lien(session, proche_id)
    etat = (proche_id, responsable_id, ailleurs, lien and (lien.responsable_id, lien.nature, lien.fin))
    return Consequences(previsions, ailleurs, sign(previsions, secret + repr(etat).encode()))
