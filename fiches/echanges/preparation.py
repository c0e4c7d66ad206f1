"""Everything of a new fiche that can be computed before the transaction that writes it.

An import holds SQLite's one write lock for as long as its transaction lasts: what is here is kept
out of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from fiches.db import Base
from fiches.doublons.entrees import Entrees, new_entries
from fiches.doublons.index import index_new
from fiches.echanges.queries import Service
from fiches.echanges.rules import LigneBonne
from fiches.journal.actions import digest
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.usagers.models import Rattachement, Remarque, Usager
from fiches.usagers.saisie import journal_values, row_values


@dataclass(frozen=True)
class FichePrete:
    """A good line with its rows, that lack only the id, and its entries in the index."""

    ligne: LigneBonne
    rows: Mapping[type[Base], dict[str, Any]]
    entrees: Entrees


def prepare(ligne: LigneBonne, service: Service, sel: bytes, le: datetime) -> FichePrete:
    """The rows of a line: the fiche, its rattachement, its line of journal (names and salted digests
    of the fields, no value: R36), and where the line has them its remarques and its responsable."""
    usager = row_values(ligne.saisie, service.territoire_id, le)
    valeurs = journal_values(ligne.saisie)
    rows: dict[type[Base], dict[str, Any]] = {
        Usager: usager,
        Rattachement: {"organisation_id": service.id, "raison": "import", "cree_le": le},
        EntreeJournal: {
            "le": le,
            "acte": "import",
            "organisation_id": service.id,
            "champs": list(valeurs),
            "empreintes": {nom: digest(sel, nom, v) for nom, v in valeurs.items()},
            "details": {"ligne": ligne.brute.numero},
        },
    }
    if "remarques" in valeurs:
        rows[Remarque] = {"organisation_id": service.id, "texte": valeurs["remarques"], "modifie_le": le}
    if ligne.responsable_id is not None:
        rows[LienProche] = {"responsable_id": ligne.responsable_id, "nature": "familial", "cree_le": le}
    return FichePrete(ligne, rows, new_entries(usager))


def write_all(session: Session, pretes: Sequence[FichePrete], ids: Sequence[int], territoire_id: int) -> None:
    """Write these fiches under these ids, in the caller's transaction: one statement per table."""
    liens = list(zip(ids, pretes, strict=True))
    for modele in (Usager, Rattachement, Remarque, LienProche, EntreeJournal):
        nom = _ID.get(modele, "usager_id")
        rows = [{nom: usager_id, **prete.rows[modele]} for usager_id, prete in liens if modele in prete.rows]
        table: Table = modele.__table__  # type: ignore[assignment]
        if rows:
            session.connection().execute(insert(table), rows)
    index_new(session, {(territoire_id, usager_id): prete.entrees for usager_id, prete in liens})


# The column of each table that names the new fiche, where it is not usager_id.
_ID: dict[type[Base], str] = {Usager: "id", LienProche: "proche_id"}
