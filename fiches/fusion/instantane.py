"""Whole rows of both fiches as JSON, before and after a merge: what its undo needs (F26, R30)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, RowMapping, Table, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from fiches.db import Instant
from fiches.fusion.etapes import table_of
from fiches.fusion.models import FusionEtat
from fiches.fusion.tables import REGLES, Touches

Instantane = dict[str, list[dict[str, Any]]]


def take(session: Session, touches: Touches) -> Instantane:
    """The present rows that a merge may touch, by table: one statement per table."""
    etat: Instantane = {}
    for regle in REGLES:
        if regle.recopiee:
            table = table_of(regle.modele)
            colonnes = [c for c in table.c if c.name not in regle.tues]
            cle = list(table.primary_key.columns)
            lignes = session.execute(select(*colonnes).where(regle.concernees(touches)).order_by(*cle)).mappings()
            etat[regle.nom] = [dump_row(ligne) for ligne in lignes]
    return etat


def keep(session: Session, fusion_id: int, avant: Instantane, apres: Instantane) -> None:
    """Write the undo record; a table in which nothing changed is left out."""
    session.add_all(
        FusionEtat(fusion_id=fusion_id, nom_table=nom, avant=avant[nom], apres=apres[nom])
        for nom in avant
        if avant[nom] != apres[nom]
    )


def dump_row(ligne: RowMapping) -> dict[str, Any]:
    """A row as JSON holds it: instants and dates as ISO text."""
    return {nom: v.isoformat() if isinstance(v, date) else v for nom, v in ligne.items()}


def load_row(table: Table, ligne: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded row with the values that its table takes."""
    return {nom: _load(table.c[nom].type, v) for nom, v in ligne.items()}


def _load(genre: TypeEngine[Any], valeur: Any) -> Any:
    if valeur is None:
        return None
    if isinstance(genre, Instant):
        return datetime.fromisoformat(valeur)
    return date.fromisoformat(valeur) if isinstance(genre, Date) else valeur
