"""The messages that the preview of a merge lists (PURE, F5, F23, F24).

Of another organisation's RDVs only how many messages: their date and words are not this agent's to read.
Who is in an RDV besides, and told the same as before, is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fiches.fusion.etat import Courrier, Lecture
from fiches.fusion.liens import PlanLiens
from fiches.fusion.messages import Envois
from fiches.fusion.plan import PlanFusion
from fiches.notifications.previsions import Prevu, show_outbox
from fiches.notifications.rules import Etat
from fiches.notifications.textes import show_when

SANS_ENVOI = "Fusionner n’envoie rien : ce qui attendait déjà partira à son heure."
AUCUN = "Aucun message n’attend, et la fusion n’en crée pas."
EN_SUSPENS = "Ce qui suit dépend du responsable à choisir."


@dataclass(frozen=True)
class MessagesRdv:
    """The messages of one RDV."""

    rdv_id: int | None
    quand: str
    messages: tuple[Prevu, ...]


@dataclass(frozen=True)
class MessagesMontres:
    """All of them. `phrase` says how it stands, `ailleurs` what other services' RDVs have waiting."""

    phrase: str
    rdvs: tuple[MessagesRdv, ...]
    ailleurs: str
    suspens: str


def show_messages(lecture: Lecture, plan: PlanFusion, maintenant: datetime) -> MessagesMontres:
    """What will still be sent and what is given up, by RDV, in the order of their dates."""
    courrier = lecture.courrier
    noms = {i: c.nom for i, c in courrier.contacts.items()} | {f.id: plan.titre for f in (lecture.a, lecture.b)}
    concernes = {plan.survivant.id, *courrier.contacts}
    rdvs: list[MessagesRdv] = []
    ailleurs: list[Prevu] = []
    for envois in plan.messages.envois:
        prevus = show_outbox(envois.rdv, envois.lignes, maintenant, envois.abandons, noms)
        prevus = tuple(p for p in prevus if p.usager_id in concernes or _changes(p, envois))
        if envois.rdv.id not in courrier.lisibles:
            ailleurs += prevus
        elif prevus:
            rdvs.append(MessagesRdv(envois.rdv.id, show_when(envois.rdv), prevus))
    return MessagesMontres(
        SANS_ENVOI if rdvs or ailleurs else AUCUN, tuple(rdvs), _elsewhere(ailleurs), _pending(plan.liens, courrier)
    )


def _changes(prevu: Prevu, envois: Envois) -> bool:
    """Whether the merge gives this message up, or makes it."""
    if prevu.etat is not Etat.ATTENTE:
        return prevu.etat is Etat.ABANDON
    attente = {(x.usager_id, x.genre, x.canal) for x in envois.lignes if x.etat is Etat.ATTENTE}
    return (prevu.usager_id, prevu.genre, prevu.canal) not in attente


def _elsewhere(prevus: Iterable[Prevu]) -> str:
    etats = [p.etat for p in prevus]
    attend, perdus = sum(e is not Etat.ABANDON for e in etats), etats.count(Etat.ABANDON)
    parts = []
    if attend:
        parts.append(f"{attend} message{'s' if attend > 1 else ''}")
    if perdus:
        parts.append(f"{perdus} qui ne {'partira' if perdus == 1 else 'partiront'} plus")
    if not parts:
        return ""
    return f"Et {' et '.join(parts)}{',' if perdus else ''} pour des RDV d’autres services."


def _pending(liens: PlanLiens, courrier: Courrier) -> str:
    return EN_SUSPENS if liens.a_choisir and courrier.rdvs else ""
