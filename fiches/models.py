"""Imports every feature's tables, so that Base.metadata is whole (migrations, web, tests)."""

from fiches.comptes import models as comptes
from fiches.db import Base
from fiches.doublons import models as doublons
from fiches.fusion import models as fusion
from fiches.journal import models as journal
from fiches.notifications import models as notifications
from fiches.organisations import models as organisations
from fiches.proches import models as proches
from fiches.rdvs import models as rdvs
from fiches.usagers import models as usagers

__all__ = [
    "Base",
    "comptes",
    "doublons",
    "fusion",
    "journal",
    "notifications",
    "organisations",
    "proches",
    "rdvs",
    "usagers",
]
