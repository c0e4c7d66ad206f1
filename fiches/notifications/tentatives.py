"""Whether a claimed message still leaves, and what becomes of one that could not (PURE, R19, R20).

A fault is described by three questions. Is it final for this recipient? Does it concern the whole
transport (then the channel pauses, instead of failing every message in turn)? Is it certain that nothing
left? Only then may the next attempt write the message anew: else it repeats the very same one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fiches.notifications.plan import Ligne
from fiches.notifications.rules import Avis, Canal, Etat, Genre, Raison, RdvNotifie, who_is_told
from fiches.notifications.textes import explain

ESSAIS = 8  # attempts of one message before it is a failure: some two hours
PREMIER_DELAI = timedelta(minutes=1)  # doubled at each attempt…
DELAI_MAXIMUM = timedelta(hours=1)  # …up to this
PREMIERE_PAUSE = 5.0  # seconds that a channel pauses after a fault of its transport, doubled…
PAUSE_MAXIMUM = 300.0  # …up to this


class Panne(StrEnum):
    """Why a message could not be sent."""

    INJOIGNABLE = "injoignable"
    SECURITE = "securite"
    IDENTIFIANTS = "identifiants"
    EXPEDITEUR = "expediteur"
    ADRESSE_REFUSEE = "adresse_refusee"
    MESSAGE_REFUSE = "message_refuse"
    PLUS_TARD = "plus_tard"
    COUPURE = "coupure"
    REPONSE = "reponse"
    ERREUR = "erreur"
    AUTRE_ADRESSE = "autre_adresse"


LIBELLES_PANNE = {
    Panne.INJOIGNABLE: "le serveur d’envoi ne répond pas",
    Panne.SECURITE: "le serveur d’envoi n’offre pas la sécurité demandée",
    Panne.IDENTIFIANTS: "le serveur d’envoi refuse nos identifiants",
    Panne.EXPEDITEUR: "le serveur d’envoi refuse notre adresse d’expéditeur",
    Panne.ADRESSE_REFUSEE: "adresse refusée, elle n’existe pas ou n’est pas joignable",
    Panne.MESSAGE_REFUSE: "message refusé par le serveur d’envoi",
    Panne.PLUS_TARD: "le serveur d’envoi demande d’attendre",
    Panne.COUPURE: "liaison coupée pendant l’envoi",
    Panne.REPONSE: "réponse du serveur d’envoi incompréhensible",
    Panne.ERREUR: "erreur de notre côté",
    Panne.AUTRE_ADRESSE: "l’adresse a changé, un autre message part à la nouvelle",
}


@dataclass(frozen=True)
class Incident:
    """An attempt that did not end in acceptance. `certain`: nothing left; `general`: it may concern
    the whole transport; `definitif`: no later attempt can do better. `compte`: it uses up one of the
    message's attempts; a transport that was not even reached does not."""

    panne: Panne
    certain: bool
    general: bool = False
    definitif: bool = False
    compte: bool = True


@dataclass(frozen=True)
class Suite:
    """What becomes of a message after an incident: it waits until `essayer_le`, or has failed."""

    etat: Etat
    essayer_le: datetime | None
    tentatives: int
    oublier: bool  # address and text are worked out anew next time


def delay(tentatives: int) -> timedelta:
    """How long to wait after so many attempts."""
    facteur: int = 2 ** min(max(tentatives, 1) - 1, 10)
    return min(PREMIER_DELAI * facteur, DELAI_MAXIMUM)


def pause(pannes: int) -> float:
    """Seconds that a channel pauses after so many faults of its transport in a row."""
    facteur: int = 2 ** min(max(pannes, 1) - 1, 10)
    return min(PREMIERE_PAUSE * facteur, PAUSE_MAXIMUM)


def after_incident(
    incident: Incident, tentatives: int, essayer_le: datetime, debut: datetime, maintenant: datetime
) -> Suite:
    """What becomes of a message whose attempt number `tentatives` failed; nothing is tried once the
    RDV has begun."""
    if incident.definitif:
        return Suite(Etat.ECHEC, None, tentatives, False)
    if not incident.compte:
        return Suite(Etat.ATTENTE, essayer_le, tentatives - 1, True)
    suivant = maintenant + delay(tentatives)
    if tentatives >= ESSAIS or suivant >= debut:
        return Suite(Etat.ECHEC, None, tentatives, False)
    return Suite(Etat.ATTENTE, suivant, tentatives, incident.certain)


def judge(
    rdv: RdvNotifie | None, ligne: Ligne, autres: Iterable[Ligne], panne: str | None, maintenant: datetime
) -> Avis | tuple[Etat, str]:
    """Whom the message goes to now, or why it does not leave. `autres`: the other rows of the RDV;
    `panne`: why its last attempt failed."""
    if rdv is None or rdv.debut <= maintenant:
        return (Etat.ECHEC, panne) if panne else (Etat.ABANDON, Raison.PASSE)
    if rdv.annule != (ligne.genre is Genre.ANNULE):
        return Etat.ABANDON, Raison.ANNULE if rdv.annule else Raison.PLUS_CONCERNE
    if ligne.genre is Genre.RAPPEL and ligne.evenement != rdv.evenement:
        return Etat.ABANDON, Raison.DEPLACE
    if any(_replaces(autre, ligne) for autre in autres):
        return Etat.ABANDON, Raison.DEPLACE
    avis = next((a for a in who_is_told(rdv) if a.cle == (ligne.usager_id, ligne.canal)), None)
    if avis is None:
        return Etat.ABANDON, Raison.PLUS_CONCERNE
    return (Etat.ABANDON, avis.raison) if avis.raison is not None else avis


def _replaces(autre: Ligne, ligne: Ligne) -> bool:
    """Whether a later message tells the same person what has become of the RDV since."""
    return (
        (autre.usager_id, autre.canal) == (ligne.usager_id, ligne.canal)
        and autre.genre in (Genre.DEPLACE, Genre.ANNULE)
        and autre.evenement > ligne.evenement
        and autre.etat is not Etat.ABANDON
    )


def explain_code(code: str | None, canal: Canal) -> str:
    """The reason kept with a message, in words."""
    if code is None:
        return ""
    if code in Panne.__members__.values():
        return LIBELLES_PANNE[Panne(code)]
    return explain(Raison(code), canal) if code in Raison.__members__.values() else code
