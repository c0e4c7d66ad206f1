"""A merge that was done, in words: no value is known here, only lines and counts (PURE, F26)."""

from collections.abc import Mapping
from typing import Any

from fiches.fusion.lignes import LIBELLES_GROUPES
from fiches.fusion.preferences import CANAUX
from fiches.usagers.champs import CHAMP

_AUTRES = {"responsable": "Responsable", "compte": "Compte de l’usager"}
_BILAN = {
    "rdvs": "RDV déplacés",
    "rdvs_communs": "RDV en commun, gardés une seule fois",
    "proches": "Proches déplacés",
    "liens_retires": "Liens entre proche et responsable retirés",
    "organisations": "Organisations ajoutées",
    "referents": "Référents ajoutés",
    "remarques": "Remarques reprises",
    "messages": "Messages en attente déplacés",
    "messages_abandonnes": "Messages qui ne partiront plus",
    "messages_ajoutes": "Messages ajoutés",
    "noms_anciens": "Anciens noms gardés pour la recherche",
    "contacts_anciens": "Anciennes adresses gardées pour la recherche",
}
_REGLES = {
    "usager": "Choisies par l’usager : elles l’ont emporté",
    "refus": "Choisies par l’usager sur les deux fiches : chaque refus l’a emporté",
    "agents": "Réglées par les services",
}


def show_fusion(choix: Mapping[str, str], bilan: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The lines chosen and the counts, each as (label, text)."""
    garde = str(bilan.get("cote_garde", "a"))
    lignes = [(_label(nom), _side(cotes, garde)) for nom, cotes in choix.items()]
    nombres = [(libelle, str(n)) for nom, libelle in _BILAN.items() if (n := bilan.get(nom))]
    if bilan.get("compte_ferme"):
        nombres.append(("Compte fermé", "1"))
    regle = _REGLES.get(str(bilan.get("preferences")))
    return {"choix": lignes, "bilan": nombres, "preferences": [("Préférences", regle)] if regle else []}


def _label(nom: str) -> str:
    if nom in LIBELLES_GROUPES:
        return LIBELLES_GROUPES[nom]
    if nom in CHAMP:
        return CHAMP[nom].libelle
    if nom.startswith("rdv_"):
        return "Statut d’un RDV en commun"
    return CANAUX.get(nom) or _AUTRES.get(nom, nom)


def _side(cotes: str, garde: str) -> str:
    if not cotes:
        return "Rien n’est gardé"
    if len(cotes) == 2:
        return "Les deux fiches"
    return "La fiche gardée" if cotes == garde else "L’autre fiche"
