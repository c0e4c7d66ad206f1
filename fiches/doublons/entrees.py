"""What the index should hold of each fiche, and what it does hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, exists, select, union_all
from sqlalchemy.orm import Session

from fiches.doublons import keys
from fiches.doublons.models import CleExacte, Mot, Paire, Suppression
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Usager

MOT: Table = Mot.__table__  # type: ignore[assignment]
SUPPRESSION: Table = Suppression.__table__  # type: ignore[assignment]
PAIRE: Table = Paire.__table__  # type: ignore[assignment]
CLE: Table = CleExacte.__table__  # type: ignore[assignment]
USAGER: Table = Usager.__table__  # type: ignore[assignment]
ANCIEN_NOM: Table = AncienNom.__table__  # type: ignore[assignment]
ANCIEN_CONTACT: Table = AncienContact.__table__  # type: ignore[assignment]


@dataclass
class Entrees:
    """What the index holds of one fiche: its pairs of words, its exact keys."""

    paires: set[tuple[str, str]] = field(default_factory=set)
    cles: set[tuple[str, str]] = field(default_factory=set)

    def mots(self) -> set[str]:
        """The words this fiche uses."""
        return {mot for paire in self.paires for mot in paire} | ({""} if self.paires else set())


_LIVING = (
    USAGER.c.fusionne_vers_id.is_(None),
    exists().where(Rattachement.usager_id == USAGER.c.id),
)

# (territoire, fiche)
Adresse = tuple[int, int]


def living_ids(session: Session, territoire_id: int | None) -> Sequence[int]:
    """The fiches of a territoire (None: of all) that the index holds: not merged into another, and some
    organisation has them (one that waits to be erased is nobody's, R15)."""
    ids = select(USAGER.c.id).where(*_LIVING).order_by(USAGER.c.id)
    return session.scalars(ids if territoire_id is None else ids.where(USAGER.c.territoire_id == territoire_id)).all()


def wanted_entries(session: Session, ids: Sequence[int]) -> dict[Adresse, Entrees]:
    """What the present rows of these fiches ask for, merged and removed ones left out."""
    noms: dict[int, list[tuple[str | None, str | None]]] = defaultdict(list)
    contacts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for usager_id, genre, premier, second in former_values(session, ids):
        if genre == "nom":
            noms[usager_id].append((premier, second))
        else:
            contacts[usager_id].append((genre, premier or ""))
    rows = session.execute(select(USAGER).where(USAGER.c.id.in_(ids), *_LIVING).order_by(USAGER.c.id))
    return {(row.territoire_id, row.id): _entries(row, noms[row.id], contacts[row.id]) for row in rows}


def new_entries(valeurs: Mapping[str, Any]) -> Entrees:
    """What the index is to hold of a fiche that will be created with these columns."""
    return _entries(SimpleNamespace(**valeurs), (), ())


def _entries(
    row: Any, anciens: Sequence[tuple[str | None, str | None]], contacts: Sequence[tuple[str, str]]
) -> Entrees:
    noms = [row.nom, row.nom_naissance, *(nom for _, nom in anciens)]
    prenoms = [row.prenom, *(prenom for prenom, _ in anciens)]
    emails = [row.email, *(v for genre, v in contacts if genre == "email")]
    telephones = [row.telephone, row.telephone_2, *(v for genre, v in contacts if genre == "telephone")]
    cles = keys.exact_keys(
        row.date_naissance, [e for e in emails if e], [t for t in telephones if t], row.numero_dossier
    )
    return Entrees(set(keys.pairs(noms, prenoms)), set(cles))


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ANCIENS = union_all(
    select(ANCIEN_NOM.c.usager_id, bindparam("nom", "nom").label("genre"), ANCIEN_NOM.c.prenom, ANCIEN_NOM.c.nom).where(
        ANCIEN_NOM.c.usager_id.in_(_IDS), ANCIEN_NOM.c.affiche
    ),
    select(ANCIEN_CONTACT.c.usager_id, ANCIEN_CONTACT.c.genre, ANCIEN_CONTACT.c.valeur, ANCIEN_CONTACT.c.valeur).where(
        ANCIEN_CONTACT.c.usager_id.in_(_IDS)
    ),
)


def former_values(session: Session, ids: Sequence[int]) -> Sequence[tuple[int, str, str | None, str | None]]:
    """(fiche, 'nom', prénom, nom) of each former name that is shown, (fiche, genre, value, value)
    of each former contact."""
    return session.execute(_ANCIENS, {"ids": ids}).all()


def stored_entries(session: Session, ids: Sequence[int] | None) -> dict[Adresse, Entrees]:
    """What the index holds of these fiches (None: of all)."""
    du_nom, du_prenom = MOT.alias(), MOT.alias()
    paires = (
        select(PAIRE.c.territoire_id, PAIRE.c.usager_id, du_nom.c.texte, du_prenom.c.texte)
        .join(du_nom, du_nom.c.id == PAIRE.c.mot_nom_id)
        .join(du_prenom, du_prenom.c.id == PAIRE.c.mot_prenom_id)
    )
    cles = select(CLE.c.territoire_id, CLE.c.usager_id, CLE.c.genre, CLE.c.cle)
    if ids is not None:
        paires, cles = paires.where(PAIRE.c.usager_id.in_(ids)), cles.where(CLE.c.usager_id.in_(ids))
    stored: dict[Adresse, Entrees] = defaultdict(Entrees)
    for territoire_id, usager_id, nom, prenom in session.execute(paires):
        stored[territoire_id, usager_id].paires.add((nom, prenom))
    for territoire_id, usager_id, genre, cle in session.execute(cles):
        stored[territoire_id, usager_id].cles.add((genre, cle))
    return dict(stored)
