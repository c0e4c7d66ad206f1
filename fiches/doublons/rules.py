"""What an agent still has to be asked before a fiche is saved (PURE, R9)."""

from collections.abc import Collection


def unconfirmed(strong: Collection[int], ticked: bool, shown: Collection[int] | None) -> set[int]:
    """The strong candidates that the tick « C'est une autre personne » does not cover.

    Without a tick, all of them. A tick covers the candidates that were on the page when it
    was made (`shown`); a form that does not say which were (None) covers all.
    """
    if not ticked:
        return set(strong)
    return set() if shown is None else set(strong) - set(shown)
