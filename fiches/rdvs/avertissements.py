"""What an agent is asked to confirm before an RDV is saved (PURE).

Each kind is a value of the form's `confirmer`. `vus` (the form's hidden field) holds what the page
showed: a tick covers only that, so an RDV that somebody else makes meanwhile is asked about again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from fiches.dates import day_of, show_heure, show_jour
from fiches.rdvs.moments import end_of

PASSE, AGENT, USAGER = "passe", "agent", "usager"
COCHES = {
    PASSE: "C’est bien un RDV passé, à noter après coup",
    AGENT: "Prendre quand même ce RDV en même temps",
    USAGER: "C’est bien voulu, la personne a deux RDV à ce moment",
}
COCHE_DEPLACE = "Garder quand même les deux RDV"  # the agent's tick when an RDV moves onto another
CHAMPS = {PASSE: "date", AGENT: "agent", USAGER: "usagers"}  # beside which field each is said


@dataclass(frozen=True)
class Avertissement:
    """One thing to confirm. `cle`: what it is about, in the hidden `vus`."""

    genre: str
    phrase: str
    cle: str


@dataclass(frozen=True)
class Occupation:
    """An RDV that takes somebody's time. `quoi` is what the agent may read of it."""

    rdv_id: int
    debut: datetime
    duree: int
    quoi: str

    @property
    def quand(self) -> str:
        """« le 2 décembre 2026 de 9 h à 9 h 30 »."""
        fin = show_heure(end_of(self.debut, self.duree))
        return f"le {show_jour(day_of(self.debut))} de {show_heure(self.debut)} à {fin}"


def warn_of(
    debut: datetime,
    maintenant: datetime,
    agent: str,
    de_l_agent: Iterable[Occupation],
    des_usagers: Iterable[tuple[str, Occupation]],
) -> tuple[Avertissement, ...]:
    """What to confirm of an RDV at this hour, given what already takes these people's time."""
    tous = []
    if debut <= maintenant:
        phrase = "Ce RDV est dans le passé : personne n’en sera prévenu."
        tous.append(Avertissement(PASSE, phrase, PASSE))
    for o in de_l_agent:
        phrase = f"{agent} a déjà un RDV {o.quand} ({o.quoi})."
        tous.append(Avertissement(AGENT, phrase, f"{AGENT}:{o.rdv_id}"))
    for nom, o in des_usagers:
        phrase = f"{nom} a déjà un RDV {o.quand} ({o.quoi})."
        tous.append(Avertissement(USAGER, phrase, f"{USAGER}:{o.rdv_id}"))
    return tuple(tous)


def still_to_confirm(
    avertissements: Iterable[Avertissement], confirmes: Collection[str], vus: Collection[str] | None
) -> tuple[Avertissement, ...]:
    """Those that no tick covers. Without the list of what was shown (None) a tick covers its kind."""
    return tuple(a for a in avertissements if a.genre not in confirmes or (vus is not None and a.cle not in vus))
