"""A merge that was done, and the record that its undo will need (F26)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class Fusion(Base):
    """Who merged which fiche into which, when, from where, with which ticks (no values)."""

    __tablename__ = "fusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    survivant_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    absorbe_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    le: Mapped[datetime]
    choix: Mapped[dict[str, Any]]  # line → sides kept; never a value
    bilan: Mapped[dict[str, Any]]  # how many of what moved, rules applied
    annulable_jusqu_au: Mapped[datetime]
    annulee_le: Mapped[datetime | None]


class FusionEtat(Base):
    """One table's rows of both fiches, before and after a merge, whole rows as JSON.

    Erased with the undo period or with the person (R36); then only Fusion's ids remain.
    """

    __tablename__ = "fusion_etat"

    fusion_id: Mapped[int] = mapped_column(ForeignKey("fusion.id"), primary_key=True)
    nom_table: Mapped[str] = mapped_column(String(40), primary_key=True)
    avant: Mapped[list[Any]]
    apres: Mapped[list[Any]]
