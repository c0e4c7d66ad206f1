"""Ids in addresses and forms."""

from werkzeug.routing import IntegerConverter, Map


ID_MAXIMUM = 2**31 - 1  # what both databases hold


def read_id(brut: str | None) -> int | None:
    """The id that a form or query string names; None for none, 0 (nobody's) for nonsense."""
    if not brut:
        return None
    lisible = brut.isascii() and brut.isdecimal() and len(brut) <= 10 and int(brut) <= ID_MAXIMUM
    return int(brut) if lisible else 0


class IdConverter(IntegerConverter):
    """An id that both databases can hold: a larger one is an unknown page, not an error."""

    def __init__(self, map: Map, max: int = ID_MAXIMUM) -> None:
        super().__init__(map, min=0, max=max)
