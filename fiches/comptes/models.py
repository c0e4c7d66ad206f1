"""The compte of an usager: one verified e-mail, at most one fiche per territoire."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class Compte(Base):
    """The log-in of an usager; its e-mail is unique over the whole installation (R4)."""

    __tablename__ = "compte"
    __table_args__ = (CheckConstraint("etat in ('invite', 'actif', 'ferme')", name="etat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    etat: Mapped[str] = mapped_column(String(10))
    mot_de_passe: Mapped[str | None] = mapped_column(String(200))
    invite_le: Mapped[datetime | None]
    actif_le: Mapped[datetime | None]
    ferme_le: Mapped[datetime | None]


class AccesCompte(Base):
    """The fiche that a compte opens in one territoire."""

    __tablename__ = "acces_compte"
    __table_args__ = (UniqueConstraint("compte_id", "territoire_id"),)

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True, autoincrement=False)
    compte_id: Mapped[int] = mapped_column(ForeignKey("compte.id"))
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"))
    cree_le: Mapped[datetime]
