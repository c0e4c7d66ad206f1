"""The journal: who did what to which fiche, when. Rows are only ever added (R36)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class EntreeJournal(Base):
    """One act on one fiche. `champs` names the fields, `empreintes` holds salted digests of
    their new values, `details` holds counts and codes: never a value."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_usager_id_id", "usager_id", "id"),
        Index("ix_journal_agent_id_acte_le", "agent_id", "acte", "le"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    le: Mapped[datetime]
    acte: Mapped[str] = mapped_column(String(40))
    usager_id: Mapped[int] = mapped_column(ForeignKey("usager.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    champs: Mapped[list[str]] = mapped_column(default=list)
    empreintes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
