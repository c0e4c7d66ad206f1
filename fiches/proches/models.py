"""The link between a proche and the responsable who accompanies them (R26)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fiches.db import Base


class LienProche(Base):
    """A proche has at most one responsable: the proche is the key."""

    __tablename__ = "lien_proche"
    __table_args__ = (
        CheckConstraint("proche_id <> responsable_id", name="pas_soi_meme"),
        CheckConstraint("nature in ('familial', 'professionnel')", name="nature"),
    )

    proche_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), primary_key=True, autoincrement=False)
    responsable_id: Mapped[int] = mapped_column(ForeignKey("usager.id"), index=True)
    nature: Mapped[str] = mapped_column(String(20), default="familial")
    fin: Mapped[date | None]  # from the next day on nothing of the proche goes to the responsable
    confirme_le: Mapped[date | None]  # when somebody last said that the link still holds (R26)
    cree_le: Mapped[datetime]
