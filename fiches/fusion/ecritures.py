"""Which of two spellings of one value says more (PURE, F4)."""

import unicodedata

from fiches.usagers.champs import Valeur

# Of references (dossier, allocataire) capitals are the ordinary spelling and say nothing.
NOMS_ET_LIEUX = frozenset(("prenom", "nom", "nom_naissance", "adresse", "complement_adresse", "ville"))


def is_fuller(nom: str, riche: Valeur, pauvre: Valeur) -> bool:
    """Whether the first spelling has all that the second has, and more: small letters beside
    capitals, accents, spaces or hyphens. « De Oliveira » is fuller than « DEOLIVEIRA »."""
    if nom not in NOMS_ET_LIEUX or riche is None or pauvre is None:
        return False
    r, p = _richness(str(riche)), _richness(str(pauvre))
    return r != p and all(x >= y for x, y in zip(r, p, strict=True))


def _richness(texte: str) -> tuple[bool, int, int]:
    """Mixed case, how many accents, how many separators within."""
    mixte = texte != texte.upper() and texte != texte.lower()
    accents = sum(1 for c in unicodedata.normalize("NFD", texte) if unicodedata.combining(c)) + sum(
        texte.count(c) for c in "œæŒÆ"
    )
    return mixte, accents, sum(not c.isalnum() for c in texte.strip())
