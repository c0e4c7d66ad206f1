"""The words of a message cut into lines and links, for HTML and for the pages that show it (PURE, R21)."""

from dataclasses import dataclass

from fiches.notifications.textes import GSM_7

SEGMENT_SEUL, SEGMENT = 160, 153  # septets in an SMS alone, and in each part of a longer one
GSM_7_DOUBLES = frozenset("^{}\\[~]|€")  # written with an escape


@dataclass(frozen=True)
class Morceau:
    """A line of a message; `lien`: the address of ours that it ends with, whose words are then `texte`."""

    texte: str
    lien: str | None = None


def cut(corps: str, base: str) -> tuple[Morceau, ...]:
    """The lines of a text. Only addresses under `base` become links: a place may be called anything."""
    return tuple(_line(ligne, f"{base}/avis/") for ligne in corps.split("\n"))


def _line(ligne: str, prefixe: str) -> Morceau:
    debut, trouve, jeton = ligne.partition(prefixe)
    texte, deux_points, reste = debut.rpartition(":")
    if not trouve or not jeton or " " in jeton or not deux_points or reste.strip():
        return Morceau(ligne)
    return Morceau(texte.strip(), prefixe + jeton)


def count_segments(texte: str) -> int:
    """How many SMS a text in the GSM alphabet is sent as; each is paid for."""
    septets = sum(2 if c in GSM_7_DOUBLES else 1 for c in texte)
    assert set(texte) <= GSM_7
    return 1 if septets <= SEGMENT_SEUL else -(-septets // SEGMENT)
