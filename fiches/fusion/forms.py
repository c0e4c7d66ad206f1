"""Reading the merge's form and address. Nothing here is trusted."""

from werkzeug.datastructures import MultiDict

from fiches.fusion.demande import Demande
from fiches.fusion.etat import COTES, Choix, Cote
from fiches.usagers.saisie import read_id


def read_demande(valeurs: MultiDict[str, str]) -> Demande:
    """Read an address or a form. A line whose `garder_…` is sent empty was shown and not ticked;
    one that is not sent at all keeps its default."""
    gardes: dict[str, frozenset[Cote]] = {}
    avant: dict[str, str] = {}
    for nom in valeurs:
        if nom.startswith("garder_"):
            gardes[nom.removeprefix("garder_")] = frozenset(c for c in COTES if c in valeurs.getlist(nom))
        elif nom.startswith("avant_"):
            avant[nom.removeprefix("avant_")] = valeurs.get(nom, "")
    return Demande(
        a=read_id(valeurs.get("a", "")),
        b=read_id(valeurs.get("b", "")),
        choix=Choix(gardes, _last(valeurs, "identite_verifiee") == "oui"),
        avant=avant,
        etat=valeurs.get("etat", ""),
        confirmer=_last(valeurs, "confirmer") == "oui",
        colonne=next((c for c in COTES if valeurs.get("colonne") == c), None),
        q=valeurs.get("q", "").strip()[:200],
    )


def _last(valeurs: MultiDict[str, str], nom: str) -> str | None:
    return next(reversed(valeurs.getlist(nom)), None)
