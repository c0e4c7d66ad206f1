"""The outbox: one row per message to one person by one channel, and the addresses not to be used.

A row names the recipient and the event, not the address: address and text are worked out when the
worker claims it, from the data of that moment, and kept for 90 days (R36). A change of contact or
of préférences therefore never leaves a message on its way to a stale address.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base

_EN_ATTENTE = text("etat = 'attente'")


class Message(Base):
    """A message to be sent, or that was (R20). `usager_id`: who receives it; `evenement`: which event
    of the RDV it announces. While it waits, no second row says the same to the same person."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_etat_essayer_le", "etat", "essayer_le"),
        Index("ix_message_rdv_id", "rdv_id"),
        Index("ix_message_usager_id", "usager_id"),
        Index("ix_message_organisation_id_id", "organisation_id", "id"),
        Index("ix_message_organisation_id_etat_id", "organisation_id", "etat", "id"),
        Index(
            "uq_message_en_attente",
            "rdv_id",
            "usager_id",
            "genre",
            "canal",
            "evenement",
            unique=True,
            sqlite_where=_EN_ATTENTE,
            postgresql_where=_EN_ATTENTE,
        ),
        CheckConstraint("genre in ('nouveau', 'deplace', 'annule', 'rappel')", name="genre"),
        CheckConstraint("canal in ('email', 'sms')", name="canal"),
        CheckConstraint("etat in ('attente', 'envoi', 'envoye', 'abandon', 'echec')", name="etat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    rdv_id: Mapped[int | None] = mapped_column(ForeignKey("rdv.id"))
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"))
    genre: Mapped[str] = mapped_column(String(10))
    canal: Mapped[str] = mapped_column(String(5))
    evenement: Mapped[int] = mapped_column(default=0)
    etat: Mapped[str] = mapped_column(String(10), default="attente")
    raison: Mapped[str | None] = mapped_column(String(30))  # why it was given up, or failed: a code
    du_le: Mapped[datetime]  # when it is meant to leave
    essayer_le: Mapped[datetime]  # next attempt
    tentatives: Mapped[int] = mapped_column(default=0)
    reclame_par: Mapped[str | None] = mapped_column(String(40))  # the worker that is sending it
    reclame_le: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)  # the same for every repeat (R20)
    transport: Mapped[str | None] = mapped_column(String(10))  # smtp, passerelle, local
    adresse: Mapped[str | None] = mapped_column(String(320))
    sujet: Mapped[str | None] = mapped_column(String(200))
    texte: Mapped[str | None] = mapped_column(Text)
    cree_le: Mapped[datetime]
    envoye_le: Mapped[datetime | None]


class AdresseAVerifier(Base):
    """An address whose holder said « Ce n'est pas moi »: nothing goes there until an agent has
    checked it with the person (R21)."""

    __tablename__ = "adresse_a_verifier"
    __table_args__ = (CheckConstraint("canal in ('email', 'sms')", name="canal"),)

    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True)
    canal: Mapped[str] = mapped_column(String(5), primary_key=True)
    adresse: Mapped[str] = mapped_column(String(320), primary_key=True)
    le: Mapped[datetime]
