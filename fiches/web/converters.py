"""Ids in addresses."""

from werkzeug.routing import IntegerConverter, Map

from fiches.usagers.saisie import ID_MAXIMUM


class IdConverter(IntegerConverter):
    """An id that both databases can hold: a larger one is an unknown page, not an error."""

    def __init__(self, map: Map, max: int = ID_MAXIMUM) -> None:
        super().__init__(map, min=0, max=max)
