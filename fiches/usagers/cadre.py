"""Where the form of a new fiche stands: alone, or under the banner of a link (PURE, R26)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fiches.usagers.saisie import read_id

PORTES = ("proche", "responsable")


@dataclass(frozen=True)
class Relier:
    """The fiche to which the one being created is to be linked, and as what (`proche`, `responsable`)."""

    usager_id: int
    porte: str


@dataclass(frozen=True)
class Cadre:
    """Where the form of a new fiche stands. `caches`: hidden fields that travel with it; `valeurs`:
    what the page shows besides; `refus`: why nothing can be created here."""

    page: str
    caches: Mapping[str, str] = field(default_factory=dict)
    valeurs: Mapping[str, object] = field(default_factory=dict)
    relier: Relier | None = None
    refus: str = ""


def read_relier(valeurs: Mapping[str, str]) -> Relier | None:
    """The link for which a form creates or attaches, None when it says none."""
    usager_id, porte = read_id(valeurs.get("relier")), valeurs.get("lien", PORTES[0])
    if usager_id is None or usager_id < 1 or porte not in PORTES:
        return None
    return Relier(usager_id, porte)
