"""Anonymising a fiche: who the person was is erased everywhere, that they came is kept (R15, R36).

Every table that points at an usager has a line in `REGLES`, with what becomes of its rows; a test
walks the schema and fails when one is missing. Fiches merged into this one go with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from fiches.comptes.models import AccesCompte, Compte
from fiches.db import Base, transaction
from fiches.doublons.index import reindex
from fiches.doublons.models import CleExacte, Doublon, Paire
from fiches.fusion.models import Fusion, FusionEtat
from fiches.journal.actions import record
from fiches.journal.models import EntreeJournal
from fiches.notifications.lecture import coming_rdvs
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.outbox import lock_rdvs, resync
from fiches.notifications.rules import Etat
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque, Retrait, Usager
from fiches.usagers.queries_vie import Limites, no_contact_since

NOM_NEUTRE = "Fiche anonymisée"

# What stays of the fiche itself: its number, its territoire, when it was made, whom it was merged into.
GARDEES = ("id", "territoire_id", "cree_le", "fusionne_vers_id")
# What every other column becomes; those that are not here become empty.
NEUTRES: dict[str, Any] = {
    "nom": NOM_NEUTRE,
    "prenom_pas_encore_donne": False,
    "nom_unique": True,
    "email_tiers": False,
    "notif_email": False,
    "notif_email_auteur": "agent",
    "notif_sms": False,
    "notif_sms_auteur": "agent",
    "identite": "agent",
    "protegee": False,
}


@dataclass(frozen=True)
class Oubli:
    """One anonymisation: the ids of the fiche and of those merged into it, and when."""

    session: Session
    ids: tuple[int, ...]
    le: datetime


@dataclass(frozen=True)
class Regle:
    """One table. `colonnes` point at usager; `regle` says what becomes of the rows, `etape` does it
    (None: nothing is written here)."""

    modele: type[Base]
    colonnes: tuple[str, ...]
    regle: str
    etape: Callable[[Oubli], None] | None = None

    @property
    def nom(self) -> str:
        """The table's name."""
        return _table(self.modele).name


def _table(modele: type[Base]) -> Table:
    table = modele.__table__
    assert isinstance(table, Table)
    return table


def _deletion(modele: type[Base], *colonnes: str) -> Callable[[Oubli], None]:
    def effacer(o: Oubli) -> None:
        table = _table(modele)
        o.session.execute(delete(table).where(or_(*(table.c[c].in_(o.ids) for c in colonnes))))

    return effacer


def _empty_usager(o: Oubli) -> None:
    table = _table(Usager)
    valeurs = {c.name: NEUTRES.get(c.name) for c in table.c if c.name not in GARDEES}
    valeurs |= {"version": table.c.version + 1, "modifie_le": o.le, "anonymise_le": o.le}
    o.session.execute(update(table).where(table.c.id.in_(o.ids)).values(**valeurs))


def _empty_messages(o: Oubli) -> None:
    """Also what was written to others about their RDVs: a responsable reads a proche's first name."""
    a_eux = Message.usager_id.in_(o.ids)
    leurs_rdvs = select(Participation.rdv_id).where(Participation.usager_id.in_(o.ids))
    o.session.execute(update(Message).where(a_eux).values(adresse=None))
    o.session.execute(update(Message).where(or_(a_eux, Message.rdv_id.in_(leurs_rdvs))).values(sujet=None, texte=None))
    attente = (a_eux, Message.etat == Etat.ATTENTE)
    o.session.execute(update(Message).where(*attente).values(etat=Etat.ABANDON, raison="efface"))


def _empty_journal(o: Oubli) -> None:
    o.session.execute(update(EntreeJournal).where(EntreeJournal.usager_id.in_(o.ids)).values(empreintes={}))


def _forget_merges(o: Oubli) -> None:
    """Without their records these merges can no longer be undone."""
    fusions = select(Fusion.id).where(or_(Fusion.survivant_id.in_(o.ids), Fusion.absorbe_id.in_(o.ids)))
    o.session.execute(delete(FusionEtat).where(FusionEtat.fusion_id.in_(fusions)))


def _close_comptes(o: Oubli) -> None:
    """A compte that opens nothing else goes with the fiche."""
    comptes = o.session.scalars(select(AccesCompte.compte_id).where(AccesCompte.usager_id.in_(o.ids))).all()
    o.session.execute(delete(AccesCompte).where(AccesCompte.usager_id.in_(o.ids)))
    sert = exists().where(AccesCompte.compte_id == Compte.id)
    o.session.execute(delete(Compte).where(Compte.id.in_(comptes), ~sert))


def _detach_proches(o: Oubli) -> None:
    """The proches left behind are told of in their own journal, and so listed to their services."""
    liens = LienProche.responsable_id.in_(o.ids)
    proches = o.session.scalars(select(LienProche.proche_id).where(liens, LienProche.proche_id.not_in(o.ids))).all()
    for proche_id in proches:
        record(o.session, "responsable_efface", usager_id=proche_id, le=o.le)
    o.session.execute(delete(LienProche).where(or_(liens, LienProche.proche_id.in_(o.ids))))


def _reindex(o: Oubli) -> None:
    reindex(o.session, o.ids)


# In the order of writing: the index last, since it follows the rows.
REGLES: tuple[Regle, ...] = (
    Regle(Message, ("usager_id",), "address and texts emptied, waiting ones given up", _empty_messages),
    Regle(Usager, ("fusionne_vers_id",), "every column emptied but those of GARDEES", _empty_usager),
    Regle(Rattachement, ("usager_id",), "deleted", _deletion(Rattachement, "usager_id")),
    Regle(Retrait, ("usager_id",), "deleted", _deletion(Retrait, "usager_id")),
    Regle(Referent, ("usager_id",), "deleted", _deletion(Referent, "usager_id")),
    Regle(Remarque, ("usager_id",), "deleted", _deletion(Remarque, "usager_id")),
    Regle(AncienNom, ("usager_id",), "deleted", _deletion(AncienNom, "usager_id")),
    Regle(AncienContact, ("usager_id",), "deleted", _deletion(AncienContact, "usager_id")),
    Regle(LienProche, ("proche_id", "responsable_id"), "deleted, the proches journalled", _detach_proches),
    Regle(AccesCompte, ("usager_id",), "deleted, and the compte that opens nothing else", _close_comptes),
    Regle(AdresseAVerifier, ("usager_id",), "deleted", _deletion(AdresseAVerifier, "usager_id")),
    Regle(Doublon, ("usager_a_id", "usager_b_id"), "deleted", _deletion(Doublon, "usager_a_id", "usager_b_id")),
    Regle(Participation, ("usager_id",), "kept: the statistics of RDVs"),
    Regle(EntreeJournal, ("usager_id",), "lines kept, digests of values emptied", _empty_journal),
    Regle(Fusion, ("survivant_id", "absorbe_id"), "ids kept, the undo records deleted", _forget_merges),
    Regle(Paire, ("usager_id",), "worked out again: none", _reindex),
    Regle(CleExacte, ("usager_id",), "worked out again with the pairs: none"),
)


def anonymise_due(session: Session, usager_id: int, le: datetime, limites: Limites) -> bool:
    """Anonymise a fiche whose time has come, looked at again under the lock; whether it was.

    One that an organisation still has was waiting for want of contact: with a contact since, it no
    longer waits.
    """
    with transaction(session):
        usager = session.get(Usager, usager_id, with_for_update={"key_share": True}, populate_existing=True)
        if usager is None or usager.effacement_le is None or usager.effacement_le > le:
            return False
        if usager.fusionne_vers_id is not None or usager.anonymise_le is not None:
            return False
        rattachee = session.scalar(select(exists().where(Rattachement.usager_id == usager_id)))
        depuis = limites.sans_contact_depuis(le)
        if rattachee and not session.scalar(select(Usager.id).where(Usager.id == usager_id, no_contact_since(depuis))):
            usager.effacement_le = None
            return False
        anonymise(session, usager_id, le)
    return True


def anonymise(session: Session, usager_id: int, le: datetime) -> None:
    """Erase who this person was, in the caller's transaction. Nothing is announced to anybody."""
    session.flush()
    absorbees = session.scalars(select(Usager.id).where(Usager.fusionne_vers_id == usager_id)).all()
    oubli = Oubli(session, (usager_id, *absorbees), le)
    rdvs = coming_rdvs(session, oubli.ids, le)
    lock_rdvs(session, rdvs)  # before their messages, as whoever moves one
    for regle in REGLES:
        if regle.etape is not None:
            regle.etape(oubli)
    resync(session, rdvs, le)
    record(session, "effacement", usager_id=usager_id, le=le)


def due_ids(session: Session, le: datetime) -> Sequence[int]:
    """The fiches whose time has come."""
    return session.scalars(
        select(Usager.id)
        .where(
            Usager.effacement_le <= le,
            Usager.anonymise_le.is_(None),
            Usager.fusionne_vers_id.is_(None),
        )
        .order_by(Usager.id)
    ).all()
