"""RDVs, who takes part in them, what they are about and where."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class Motif(Base):
    """What an RDV is about, with who may learn of it (R17)."""

    __tablename__ = "motif"
    __table_args__ = (
        UniqueConstraint("organisation_id", "nom"),
        CheckConstraint("visibilite in ('visible_notifie', 'visible', 'invisible')", name="visibilite"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nom: Mapped[str] = mapped_column(String(200))
    visibilite: Mapped[str] = mapped_column(String(20), default="visible_notifie")


class Lieu(Base):
    """Where RDVs of an organisation take place."""

    __tablename__ = "lieu"
    __table_args__ = (UniqueConstraint("organisation_id", "nom"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nom: Mapped[str] = mapped_column(String(200))
    adresse: Mapped[str | None] = mapped_column(String(400))


class Rdv(Base):
    """An appointment of an organisation. `annule_le`: cancelled by the service (F16)."""

    __tablename__ = "rdv"
    __table_args__ = (
        Index("ix_rdv_organisation_id_debut", "organisation_id", "debut"),
        CheckConstraint("duree > 0", name="duree"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    motif_id: Mapped[int] = mapped_column(ForeignKey("motif.id"))
    lieu_id: Mapped[int | None] = mapped_column(ForeignKey("lieu.id"))
    debut: Mapped[datetime]
    duree: Mapped[int]  # minutes
    annule_le: Mapped[datetime | None]
    cree_le: Mapped[datetime]


class Participation(Base):
    """One usager in one RDV, with the outcome once it is known; see rdvs/rules.py (R16)."""

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("usager_id", "rdv_id"),
        CheckConstraint("issue in ('vu', 'excuse', 'absent')", name="issue"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rdv_id: Mapped[int] = mapped_column(ForeignKey("rdv.id"), index=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"))
    issue: Mapped[str | None] = mapped_column(String(10))
    cree_le: Mapped[datetime]
