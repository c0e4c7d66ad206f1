"""Motifs and lieux as an admin types them (PURE, R17, R21)."""

from dataclasses import dataclass

NOM_MAXIMUM = 200  # characters
ADRESSE_MAXIMUM = 400
DUREE_MINIMUM, DUREE_MAXIMUM = 5, 480  # minutes

# code → name, what it means for the person (R17)
VISIBILITES = {
    "visible_notifie": (
        "visible et notifié",
        "La personne reçoit les messages (RDV pris, déplacé, annulé, rappel) et voit le rendez-vous dans son espace.",
    ),
    "visible": (
        "visible, non notifié",
        "La personne voit le rendez-vous dans son espace ; aucun message ne part.",
    ),
    "invisible": (
        "invisible",
        "Rien ne sort du service : ni message, ni espace personnel, ni agenda, ni export. "
        "Le responsable d’un proche n’en sait rien non plus.",
    ),
}


@dataclass(frozen=True)
class MotifSaisi:
    """What an RDV is about, and what its messages may say."""

    nom: str
    visibilite: str
    duree: int
    dire_motif: bool
    dire_service: bool


@dataclass(frozen=True)
class LieuSaisi:
    """Where RDVs take place."""

    nom: str
    adresse: str | None


class NomPris(Exception):
    """Another motif (or lieu) of this organisation has this name; `archive`: it is archived."""

    def __init__(self, archive: bool) -> None:
        super().__init__("taken")
        self.archive = archive
