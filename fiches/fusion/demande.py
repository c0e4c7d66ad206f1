"""What the merge's form asks for, as a value (PURE). Ids may be anything that was typed."""

from dataclasses import dataclass

from fiches.fusion.etat import Choix, Cote

ID_MAXIMUM = 2**31 - 1
INCONNU = -1  # typed, but no id that exists


@dataclass(frozen=True)
class Demande:
    """The two ids (None: not chosen), the ticks, and what the previous preview was drawn from."""

    a: int | None
    b: int | None
    choix: Choix
    avant: dict[str, str]
    etat: str = ""
    confirmer: bool = False
    colonne: Cote | None = None
    q: str = ""

    def id_of(self, cote: Cote) -> int | None:
        """The id asked for on one side."""
        return self.a if cote == "a" else self.b


def read_id(texte: str) -> int | None:
    """An id typed as 123 or #123; None when nothing was typed, INCONNU when it is no id."""
    chiffres = texte.strip().removeprefix("#")
    if not chiffres:
        return None
    if not (chiffres.isascii() and chiffres.isdecimal()) or len(chiffres) > 10 or int(chiffres) > ID_MAXIMUM:
        return INCONNU
    return int(chiffres)
