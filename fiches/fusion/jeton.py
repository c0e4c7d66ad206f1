"""The `etat` token: what was read, what was ticked, what was shown (PURE, F9).

A digest keyed with the installation's secret, so that nothing of the fiches can be guessed
from the form. It holds no moment in time and is not single-use: it stays good as long as the
same fiches, in the same state, with the same ticks, would give the same result. A message that was
sent meanwhile, or a reminder whose hour has passed, is another result.
"""

import dataclasses
import hashlib
import hmac
import json
from datetime import date
from typing import Any

from fiches.fusion.etat import Lecture
from fiches.fusion.plan import PlanFusion


def sign(lecture: Lecture, plan: PlanFusion, secret: bytes) -> str:
    """The token of this preview."""
    contenu = [
        lecture,
        sorted(plan.choix_faits().items()),
        plan.survivant.id,
        dataclasses.replace(plan.fiche, refus=()),
        plan.preferences.preferences,
        [plan.liens.garde, plan.comptes.garde, plan.rdvs.issues],
        plan.unions.notes,
        plan.messages,
    ]
    texte = json.dumps(contenu, sort_keys=True, ensure_ascii=False, default=_plain)
    return hmac.new(secret, texte.encode(), hashlib.sha256).hexdigest()


def is_current(etat: str, lecture: Lecture, plan: PlanFusion, secret: bytes) -> bool:
    """Whether the token was given for exactly this state and these ticks."""
    return hmac.compare_digest(etat.encode("utf-8", "replace"), sign(lecture, plan, secret).encode())


def _plain(valeur: Any) -> Any:
    """What json does not know by itself; far quicker than dataclasses.asdict on hundreds of RDVs."""
    if isinstance(valeur, date):  # an instant is a date too
        return valeur.isoformat()
    if dataclasses.is_dataclass(valeur):
        return vars(valeur)
    if isinstance(valeur, frozenset):
        return sorted(valeur)
    raise TypeError(type(valeur).__name__)
