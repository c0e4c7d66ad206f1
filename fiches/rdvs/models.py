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
    duree: Mapped[int] = mapped_column(default=30)  # minutes proposed for a new RDV
    dire_motif: Mapped[bool] = mapped_column(default=False)  # an admin allows its name in messages (R21)
    dire_service: Mapped[bool] = mapped_column(default=False)  # …and the service's name
    archive_le: Mapped[datetime | None]  # no longer offered; its RDVs stay


class Lieu(Base):
    """Where RDVs of an organisation take place."""

    __tablename__ = "lieu"
    __table_args__ = (UniqueConstraint("organisation_id", "nom"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nom: Mapped[str] = mapped_column(String(200))
    adresse: Mapped[str | None] = mapped_column(String(400))
    archive_le: Mapped[datetime | None]


class Rdv(Base):
    """An appointment of an organisation. `annule_le`: cancelled by the service (F16).

    `version` is the optimistic lock of its forms; `evenement` counts what is announced (made, moved,
    cancelled), so that nobody hears of one event twice (R19), and is the SEQUENCE of its .ics.
    """

    __tablename__ = "rdv"
    __table_args__ = (
        Index("ix_rdv_organisation_id_debut", "organisation_id", "debut"),
        Index("ix_rdv_agent_id_debut", "agent_id", "debut"),
        CheckConstraint("duree > 0", name="duree"),
        CheckConstraint("annule_raison in ('service', 'deces')", name="annule_raison"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    motif_id: Mapped[int] = mapped_column(ForeignKey("motif.id"))
    lieu_id: Mapped[int | None] = mapped_column(ForeignKey("lieu.id"))
    debut: Mapped[datetime]
    duree: Mapped[int]  # minutes
    annule_le: Mapped[datetime | None]
    annule_raison: Mapped[str | None] = mapped_column(String(10))
    ne_pas_prevenir: Mapped[bool] = mapped_column(default=False)  # ticked for this RDV alone (R18)
    version: Mapped[int] = mapped_column(default=1)
    evenement: Mapped[int] = mapped_column(default=0)
    cree_le: Mapped[datetime]


class Participation(Base):
    """One usager in one RDV, with the outcome once it is known; see rdvs/rules.py (R16)."""

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("usager_id", "rdv_id"),
        CheckConstraint("issue in ('vu', 'excuse', 'absent')", name="issue"),
        CheckConstraint("excuse_par in ('usager', 'deces')", name="excuse_par"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rdv_id: Mapped[int] = mapped_column(ForeignKey("rdv.id"), index=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"))
    issue: Mapped[str | None] = mapped_column(String(10))
    excuse_par: Mapped[str | None] = mapped_column(String(10))  # None: by an agent; 'usager': by a message's link
    cree_le: Mapped[datetime]


class Creneau(Base):
    """A time that an agent opened for booking; taken once, when `rdv_id` is set (R16)."""

    __tablename__ = "creneau"
    __table_args__ = (
        UniqueConstraint("agent_id", "debut"),
        Index("ix_creneau_organisation_id_debut", "organisation_id", "debut"),
        CheckConstraint("duree > 0", name="duree"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    motif_id: Mapped[int] = mapped_column(ForeignKey("motif.id"))
    lieu_id: Mapped[int | None] = mapped_column(ForeignKey("lieu.id"))
    debut: Mapped[datetime]
    duree: Mapped[int]  # minutes
    rdv_id: Mapped[int | None] = mapped_column(ForeignKey("rdv.id"), unique=True)
    cree_le: Mapped[datetime]
