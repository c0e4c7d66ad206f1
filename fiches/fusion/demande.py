"""What the merge's form asks for, as a value (PURE). Ids may be anything that was typed."""

from dataclasses import dataclass

from fiches.fusion.etat import Choix, Cote


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
