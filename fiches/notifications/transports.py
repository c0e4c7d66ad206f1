"""How a message leaves: what a transport is given, what it answers, and the local outbox (R21)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fiches.notifications.rules import Canal
from fiches.notifications.tentatives import Incident
from fiches.settings import ReglagesEnvois

ATTENTE_RESEAU = 20.0  # seconds that one answer may take
DUREE_MAXIMUM = 90.0  # seconds that a whole send may take, drip by drip; well under the shortest lease


@dataclass(frozen=True)
class Pli:
    """A message as it leaves. `reference` is the same for every repeat (R20); `base`: where its
    links lead."""

    reference: str
    adresse: str
    sujet: str
    texte: str
    arreter: str
    date: datetime
    base: str


class Transport(Protocol):
    """Takes messages of one channel. `nom` is kept with each; None is acceptance."""

    nom: str

    def send(self, pli: Pli) -> Incident | None: ...

    def close(self) -> None: ...


class TransportLocal:
    """Nothing leaves: the message stays in the base, where the page of messages shows it."""

    nom = "local"

    def send(self, pli: Pli) -> Incident | None:
        """Always accepted."""
        return None

    def close(self) -> None:
        """Nothing to close."""


def make_transports(reglages: ReglagesEnvois) -> dict[Canal, Transport]:
    """The transport of each channel."""
    from fiches.notifications.courriel import TransportSmtp
    from fiches.notifications.sms import PasserelleHttp

    return {
        Canal.EMAIL: TransportSmtp(reglages.smtp) if reglages.smtp else TransportLocal(),
        Canal.SMS: PasserelleHttp(reglages.sms) if reglages.sms else TransportLocal(),
    }
