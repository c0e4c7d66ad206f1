"""The pairs found, and the index that finds them: ordinary b-trees, territoire first.

Every row of the index is written in the transaction of the fiche it comes from, so the index
is never behind. The territoire leads each key: one territoire's size never slows another's,
and no limit cuts rows of the wrong one.

`paire` and `suppression` name their words without a foreign key: a word that no fiche uses any
more is deleted (a name must not outlive its fiche), and either engine would scan both tables
for each such word. `index.check_index` looks for what the key would have refused.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base

MOT_MAXIMUM = 60  # longest word kept in the vocabulary, in characters


def _cle(longueur: int) -> String:
    """A text ordered by its bytes on either engine: beginnings are looked up as ranges."""
    return String(longueur).with_variant(String(longueur, collation="C"), "postgresql")


class Mot(Base):
    """A name word of a territoire, in normal form, with how many fiches use it."""

    __tablename__ = "mot"
    __table_args__ = (
        UniqueConstraint("territoire_id", "texte"),
        Index("ix_mot_territoire_id_phonetique", "territoire_id", "phonetique"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"))
    texte: Mapped[str] = mapped_column(_cle(MOT_MAXIMUM))
    phonetique: Mapped[str] = mapped_column(String(10))
    frequence: Mapped[int] = mapped_column(default=0)


class Suppression(Base):
    """A word with one letter removed: two words at edit distance 1 share one of these."""

    __tablename__ = "suppression"
    __table_args__ = {"sqlite_with_rowid": False}

    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), primary_key=True)
    cle: Mapped[str] = mapped_column(_cle(MOT_MAXIMUM), primary_key=True)
    mot_id: Mapped[int] = mapped_column(primary_key=True)


class Paire(Base):
    """A fiche under a (surname word, first-name word) it can be looked for with."""

    __tablename__ = "paire"
    __table_args__ = (
        Index("ix_paire_territoire_prenom", "territoire_id", "mot_prenom_id", "mot_nom_id", "usager_id"),
        Index("ix_paire_usager_id", "usager_id"),
        {"sqlite_with_rowid": False},
    )

    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), primary_key=True)
    mot_nom_id: Mapped[int] = mapped_column(primary_key=True)
    mot_prenom_id: Mapped[int] = mapped_column(primary_key=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)


class CleExacte(Base):
    """A fiche under a datum that must match exactly: birth date, e-mail, phone, dossier…"""

    __tablename__ = "cle_exacte"
    __table_args__ = (Index("ix_cle_exacte_usager_id", "usager_id"), {"sqlite_with_rowid": False})

    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), primary_key=True)
    genre: Mapped[str] = mapped_column(String(12), primary_key=True)  # naissance, email, telephone, dossier
    cle: Mapped[str] = mapped_column(_cle(320), primary_key=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)


class Doublon(Base):
    """A pair of fiches that may be one person, the smaller id first, and what was decided."""

    __tablename__ = "doublon"
    __table_args__ = (
        UniqueConstraint("usager_a_id", "usager_b_id"),
        CheckConstraint("usager_a_id < usager_b_id", name="ordre"),
        CheckConstraint("niveau in ('certain', 'probable', 'possible')", name="niveau"),
        CheckConstraint("etat in ('ouvert', 'ecarte', 'fusionne')", name="etat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    usager_a_id: Mapped[int] = mapped_column(ForeignKey("usager.id"))
    usager_b_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    score: Mapped[float]
    niveau: Mapped[str] = mapped_column(String(10))
    motifs: Mapped[list[Any]]  # codes of the reasons, best first; never the values
    origine: Mapped[str] = mapped_column(String(20))  # creation, modification, import, fusion
    etat: Mapped[str] = mapped_column(String(10), default="ouvert")
    raison: Mapped[str | None] = mapped_column(String(200))  # why it was set aside
    decide_par_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    decide_le: Mapped[datetime | None]
    cree_le: Mapped[datetime]


class CompteurJugement(Base):
    """How often agents of an organisation judged « une autre personne », by kind of evidence (R9).

    Counted, never attributed to an agent.
    """

    __tablename__ = "compteur_jugement"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    niveau: Mapped[str] = mapped_column(String(10), primary_key=True)
    preuve: Mapped[str] = mapped_column(String(40), primary_key=True)
    nombre: Mapped[int] = mapped_column(default=0)
