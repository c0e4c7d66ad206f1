"""What was typed about one person, once it is clean (PURE): where every form and import ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fiches.usagers.champs import COLONNES, Valeur

ID_MAXIMUM = 2**31 - 1  # what both databases hold
INCONNU = -1  # typed, but no id that exists

DRAPEAUX = ("prenom_pas_encore_donne", "nom_unique", "email_tiers")


@dataclass(frozen=True)
class Saisie:
    """Clean values by field name. A field that is absent is left alone, None clears it."""

    valeurs: Mapping[str, Valeur]
    drapeaux: Mapping[str, bool] = field(default_factory=dict)
    notif_email: bool | None = None  # None: left alone
    notif_sms: bool | None = None
    changement_nom: str = "correction"  # or nouveau_nom, nouveau_nom_cache (R14)


CHANGEMENTS_NOM = {
    "correction": "C’est une correction",
    "nouveau_nom": "La personne a changé de nom : garder l’ancien pour la retrouver",
    "nouveau_nom_cache": "La personne a changé de nom : ne plus afficher l’ancien",
}


def row_values(saisie: Saisie, territoire_id: int, le: datetime) -> dict[str, Any]:
    """The columns of a fiche created now from this saisie, by a form or an import (R2).

    Both préférences are on unless the saisie says otherwise (R18).
    """
    return {
        "territoire_id": territoire_id,
        "cree_le": le,
        "modifie_le": le,
        "notif_email": saisie.notif_email is not False,
        "notif_sms": saisie.notif_sms is not False,
        **{nom: saisie.valeurs.get(nom) for nom in COLONNES},
        **{nom: saisie.drapeaux.get(nom, False) for nom in DRAPEAUX},
    }


def journal_values(saisie: Saisie) -> dict[str, Valeur]:
    """What the journal digests of a fiche created from this saisie: the fields that have a value."""
    return {nom: valeur for nom, valeur in saisie.valeurs.items() if valeur is not None}


def read_id(texte: str | None) -> int | None:
    """An id typed as 123 or #123; None when nothing was typed, INCONNU when it is no id."""
    chiffres = (texte or "").strip().removeprefix("#")
    if not chiffres:
        return None
    if not (chiffres.isascii() and chiffres.isdecimal()) or len(chiffres) > 10 or int(chiffres) > ID_MAXIMUM:
        return INCONNU
    return int(chiffres)
