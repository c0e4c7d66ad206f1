"""What an import asks of the base, and the rows of an export."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session, aliased

from fiches.echanges.rules import CHAMPS_CSV
from fiches.organisations.models import Organisation
from fiches.proches.models import LienProche
from fiches.usagers.models import Rattachement, Remarque, Usager
from fiches.usagers.saisie import DRAPEAUX

_PAR_LOT = 500  # ids in one statement, fewer than any database's limit of parameters


@dataclass(frozen=True)
class Service:
    """The organisation that fiches are imported into."""

    id: int
    nom: str
    territoire_id: int


def read_service(session: Session, organisation_id: int) -> Service | None:
    """The organisation, None when there is none."""
    row = session.execute(
        select(Organisation.id, Organisation.nom, Organisation.territoire_id).where(Organisation.id == organisation_id)
    ).first()
    return Service(*row) if row else None


def read_dossiers(session: Session, organisation_id: int) -> set[str]:
    """The numéros de dossier that the organisation has, also on fiches merged into its own."""
    kept = aliased(Usager)
    numeros = session.scalars(
        select(Usager.numero_dossier)
        .outerjoin(kept, kept.id == Usager.fusionne_vers_id)
        .join(Rattachement, Rattachement.usager_id == func.coalesce(kept.id, Usager.id))
        .where(Usager.numero_dossier.is_not(None), Rattachement.organisation_id == organisation_id)
    )
    return {numero for numero in numeros if numero is not None}


def reserve_ids(session: Session, combien: int) -> list[int]:
    """Ids of new fiches, never given to any other; on SQLite the caller holds the write lock."""
    if session.get_bind().dialect.name == "postgresql":
        suivant = func.nextval(func.pg_get_serial_sequence("usager", "id"))
        return list(session.scalars(select(suivant).select_from(func.generate_series(1, combien))))
    dernier = session.scalar(text("select seq from sqlite_sequence where name = 'usager'")) or 0
    return list(range(dernier + 1, dernier + combien + 1))


def attached_ids(session: Session, organisation_id: int, ids: Iterable[int]) -> set[int]:
    """Of these ids, the ones of living fiches of the organisation."""
    trouves: set[int] = set()
    liste = sorted(set(ids))
    for debut in range(0, len(liste), _PAR_LOT):
        trouves.update(
            session.scalars(
                select(Usager.id)
                .join(Rattachement, Rattachement.usager_id == Usager.id)
                .where(
                    Rattachement.organisation_id == organisation_id,
                    Usager.fusionne_vers_id.is_(None),
                    Usager.id.in_(liste[debut : debut + _PAR_LOT]),
                )
            )
        )
    return trouves


def living_ids(session: Session, ids: Iterable[int]) -> set[int]:
    """Of these ids, the ones of fiches that were not merged into another."""
    vivants: set[int] = set()
    liste = sorted(set(ids))
    for debut in range(0, len(liste), _PAR_LOT):
        lot = liste[debut : debut + _PAR_LOT]
        vivants.update(session.scalars(select(Usager.id).where(Usager.fusionne_vers_id.is_(None), Usager.id.in_(lot))))
    return vivants


def used_drapeaux(session: Session, organisation_id: int | None) -> tuple[str, ...]:
    """The flags that at least one exported fiche has: each becomes a column of its own."""
    drapeaux = [getattr(Usager, nom) for nom in DRAPEAUX]
    ids = _living(organisation_id)
    return tuple(
        nom
        for nom, colonne in zip(DRAPEAUX, drapeaux, strict=True)
        if session.scalar(select(Usager.id).where(colonne, Usager.id.in_(ids)).limit(1)) is not None
    )


def export_rows(session: Session, organisation_id: int | None, drapeaux: tuple[str, ...]) -> Iterator[list[str]]:
    """The cells of each living fiche, by id: `id`, then CHAMPS_CSV, then `drapeaux`.

    With an organisation: its fiches, its remarques, and a responsable only when import would
    take it back. Without: every fiche, with the remarques of all its organisations.
    """
    dernier = 0
    while True:
        lot = session.scalars(
            select(Usager)
            .where(Usager.id.in_(_living(organisation_id)), Usager.id > dernier)
            .order_by(Usager.id)
            .limit(_PAR_LOT)
        ).all()
        if not lot:
            return
        ids = [usager.id for usager in lot]
        remarques = _remarques(session, ids, organisation_id)
        responsables = _responsables(session, ids, organisation_id)
        for usager in lot:
            valeurs = {"remarques": remarques.get(usager.id), "responsable_id": responsables.get(usager.id)}
            yield [
                str(usager.id),
                *(_cell(valeurs[n] if n in valeurs else getattr(usager, n)) for n in (*CHAMPS_CSV, *drapeaux)),
            ]
        dernier = ids[-1]
        session.expunge_all()


def _living(organisation_id: int | None) -> Select[int]:
    statement = select(Usager.id).where(Usager.fusionne_vers_id.is_(None))
    if organisation_id is None:
        return statement.where(Usager.id.in_(select(Rattachement.usager_id)))  # removed ones are nobody's (R15)
    return statement.where(
        Usager.id.in_(select(Rattachement.usager_id).where(Rattachement.organisation_id == organisation_id))
    )


def _remarques(session: Session, ids: list[int], organisation_id: int | None) -> dict[int, str]:
    statement = select(Remarque.usager_id, Remarque.texte).where(Remarque.usager_id.in_(ids))
    if organisation_id is not None:
        statement = statement.where(Remarque.organisation_id == organisation_id)
    textes: dict[int, list[str]] = {}
    for usager_id, texte in session.execute(statement.order_by(Remarque.organisation_id)):
        textes.setdefault(usager_id, []).append(texte)
    return {usager_id: "\n".join(morceaux) for usager_id, morceaux in textes.items()}


def _responsables(session: Session, ids: list[int], organisation_id: int | None) -> dict[int, int]:
    statement = select(LienProche.proche_id, LienProche.responsable_id).where(LienProche.proche_id.in_(ids))
    if organisation_id is not None:
        statement = statement.where(LienProche.responsable_id.in_(_living(organisation_id)))
    return {row[0]: row[1] for row in session.execute(statement)}


def _cell(valeur: object) -> str:
    """A value as import reads it back."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    return str(valeur)
