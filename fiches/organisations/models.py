"""Territoires, organisations, agents and what they belong to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class Territoire(Base):
    """A group of organisations whose agents may find each other's fiches (R10)."""

    __tablename__ = "territoire"

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(String(200), unique=True)


class Organisation(Base):
    """One service."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("territoire_id", "nom"),
        CheckConstraint("rappel_jours between 0 and 30", name="rappel_jours"),
        CheckConstraint("rappel_heure between 0 and 23", name="rappel_heure"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"))
    nom: Mapped[str] = mapped_column(String(200))
    discrete: Mapped[bool] = mapped_column(default=False)  # its name would tell too much: « un autre service » (R10)
    champs_masques: Mapped[list[str]] = mapped_column(default=list)  # optional fields it does not use (R1)
    telephone: Mapped[str | None] = mapped_column(String(20))  # E.164, said in every message (R21)
    rappel_jours: Mapped[int] = mapped_column(default=2)  # days before the RDV; 0: no reminder (R19)
    rappel_heure: Mapped[int] = mapped_column(default=9)  # o'clock, Paris


class Agent(Base):
    """A professional who signs in. Without a password yet, only the link of the command opens."""

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    nom: Mapped[str] = mapped_column(String(200))
    mot_de_passe: Mapped[str | None] = mapped_column(String(200))  # argon2id
    cree_le: Mapped[datetime]


class Appartenance(Base):
    """An agent in an organisation; the first one made is where sign-in leads."""

    __tablename__ = "appartenance"
    __table_args__ = (
        UniqueConstraint("agent_id", "organisation_id"),
        CheckConstraint("role in ('agent', 'admin')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))


class TentativeConnexion(Base):
    """A failed sign-in, for throttling; `cle` is a salted digest, never the e-mail itself."""

    __tablename__ = "tentative_connexion"
    __table_args__ = (Index("ix_tentative_connexion_cle_le", "cle", "le"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cle: Mapped[str] = mapped_column(String(64))
    le: Mapped[datetime]


class SessionOuverte(Base):
    """A sign-in that has not been ended; `cle` is the digest of what the cookie holds.

    Without it a copied cookie would outlive signing out.
    """

    __tablename__ = "session_ouverte"

    cle: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    ouverte_le: Mapped[datetime] = mapped_column(index=True)
