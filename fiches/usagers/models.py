"""The fiche of an usager and what hangs on it directly.

Keys for searching and matching are not columns here: they sit in the index tables of
`doublons`, written in the same transaction (see docs/decisions.md).
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class Usager(Base):
    """One person's fiche; lives in one territoire. A merged one is a pointer (F25)."""

    __tablename__ = "usager"
    __table_args__ = (
        CheckConstraint("prenom is not null or nom is not null", name="un_nom"),
        CheckConstraint("identite in ('agent', 'declaree', 'franceconnect')", name="identite"),
        CheckConstraint("notif_email_auteur in ('agent', 'usager')", name="auteur_email"),
        CheckConstraint("notif_sms_auteur in ('agent', 'usager')", name="auteur_sms"),
        CheckConstraint("fusionne_vers_id <> id", name="fusion_vers_un_autre"),
        {"sqlite_autoincrement": True},  # an id is never given twice: old links must not open a stranger's fiche
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), index=True)

    prenom: Mapped[str | None] = mapped_column(String(200))
    prenom_pas_encore_donne: Mapped[bool] = mapped_column(default=False)
    nom: Mapped[str | None] = mapped_column(String(200))
    nom_unique: Mapped[bool] = mapped_column(default=False)
    nom_naissance: Mapped[str | None] = mapped_column(String(200))
    date_naissance: Mapped[str | None] = mapped_column(String(10))  # '1984-03-14', '1984-03' or '1984'
    email: Mapped[str | None] = mapped_column(String(320))
    email_tiers: Mapped[bool] = mapped_column(default=False)  # « adresse d'un tiers » (R4)
    telephone: Mapped[str | None] = mapped_column(String(20))  # E.164
    telephone_2: Mapped[str | None] = mapped_column(String(20))
    adresse: Mapped[str | None] = mapped_column(String(200))
    complement_adresse: Mapped[str | None] = mapped_column(String(200))
    code_postal: Mapped[str | None] = mapped_column(String(10))
    ville: Mapped[str | None] = mapped_column(String(200))
    caisse_affiliation: Mapped[str | None] = mapped_column(String(20))
    numero_allocataire: Mapped[str | None] = mapped_column(String(50))
    situation_familiale: Mapped[str | None] = mapped_column(String(30))
    nombre_enfants: Mapped[int | None]
    logement: Mapped[str | None] = mapped_column(String(40))
    numero_dossier: Mapped[str | None] = mapped_column(String(100))

    notif_email: Mapped[bool] = mapped_column(default=True)
    notif_email_auteur: Mapped[str] = mapped_column(String(10), default="agent")
    notif_email_le: Mapped[datetime | None]
    notif_sms: Mapped[bool] = mapped_column(default=True)
    notif_sms_auteur: Mapped[str] = mapped_column(String(10), default="agent")
    notif_sms_le: Mapped[datetime | None]

    identite: Mapped[str] = mapped_column(String(20), default="agent")  # who vouches for it (R24, F20)
    protegee: Mapped[bool] = mapped_column(default=False)  # R11

    decede_le: Mapped[datetime | None]  # when the death was recorded (R15)
    effacement_le: Mapped[datetime | None] = mapped_column(index=True)  # anonymised from then on (R15)
    anonymise_le: Mapped[datetime | None]

    version: Mapped[int] = mapped_column(default=1)  # optimistic lock (R14); every write raises it
    cree_le: Mapped[datetime]
    modifie_le: Mapped[datetime]
    fusionne_vers_id: Mapped[int | None] = mapped_column(ForeignKey("usager.id"), index=True)


class Rattachement(Base):
    """The link between a fiche and an organisation."""

    __tablename__ = "rattachement"
    __table_args__ = (Index("ix_rattachement_organisation_id_usager_id", "organisation_id", "usager_id"),)

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    raison: Mapped[str] = mapped_column(String(20))  # creation, import, demande_usager, orientation, accueil_commun
    cree_le: Mapped[datetime]


class Retrait(Base):
    """A rattachement that was taken away, kept so that it can be given back (R15)."""

    __tablename__ = "retrait"

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    le: Mapped[datetime]
    raison: Mapped[str] = mapped_column(String(20))  # why it had been attached
    attache_le: Mapped[datetime]


class Referent(Base):
    """An agent of an organisation who follows the usager."""

    __tablename__ = "referent"

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    cree_le: Mapped[datetime]


class Remarque(Base):
    """What one organisation noted about an usager; nobody else reads it (R13)."""

    __tablename__ = "remarque"

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    texte: Mapped[str] = mapped_column(Text)
    modifie_le: Mapped[datetime]


class AncienNom(Base):
    """A name the person bore, or that a merge gave up: searched and matched (R14, F21)."""

    __tablename__ = "ancien_nom"

    id: Mapped[int] = mapped_column(primary_key=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    prenom: Mapped[str | None] = mapped_column(String(200))
    nom: Mapped[str | None] = mapped_column(String(200))
    affiche: Mapped[bool] = mapped_column(default=True)  # False: « ne plus afficher » (neither shown nor searched)
    origine: Mapped[str] = mapped_column(String(20))  # changement, fusion
    cree_le: Mapped[datetime]


class AncienContact(Base):
    """An address that a merge gave up: never written to, searched and matched (F21)."""

    __tablename__ = "ancien_contact"
    __table_args__ = (
        UniqueConstraint("usager_id", "genre", "valeur"),
        CheckConstraint("genre in ('email', 'telephone')", name="genre"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    genre: Mapped[str] = mapped_column(String(10))
    valeur: Mapped[str] = mapped_column(String(320))
    cree_le: Mapped[datetime]
