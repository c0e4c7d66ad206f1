"""From the bytes of a CSV file to its lines, whatever the bytes are (PURE).

A file that cannot be understood as a whole is refused (`FichierRefuse`, a French sentence); a
line that cannot be understood is handed on with its reason, and reading goes on behind it. What
is not text in the file's encoding becomes lone surrogates, by which the line is later rejected:
no byte is ever guessed at.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

TAILLE_MAXIMALE = 200 * 1024 * 1024  # bytes; more is surely no list of fiches
LIGNE_MAXIMALE = 200_000  # characters of one physical line
LIGNES_PAR_CELLULE = 500  # lines over which one quoted cell may run, before its quote counts as unclosed
APERCU = 1_000  # characters of an unreadable line that are given back

SEPARATEURS = (",", ";")


class FichierRefuse(Exception):
    """The whole file cannot be taken; the message is a French sentence without personal data."""


@dataclass(frozen=True)
class LigneBrute:
    """One record of the file. `numero` counts physical lines from 1, as an editor shows them.

    `motif`: why it cannot even be cut into cells, None when it can.
    """

    numero: int
    cellules: tuple[str, ...]
    motif: str | None = None


@dataclass(frozen=True)
class Table:
    """A file that was understood: its column names in order, and its lines."""

    colonnes: tuple[str, ...]
    separateur: str
    lignes: tuple[LigneBrute, ...]


def read_table(octets: bytes) -> Table:
    """Cut a file into named columns and lines; blank lines are left out. Raises FichierRefuse."""
    physiques = list(io.StringIO(decode(octets), newline=""))
    debut = next((i for i, ligne in enumerate(physiques) if ligne.strip()), None)
    if debut is None:
        raise FichierRefuse("Ce fichier est vide.")
    separateur = max(SEPARATEURS, key=physiques[debut].count)
    records = _read_records(physiques, debut, separateur)
    entete = next(records, None)
    if entete is None:
        raise FichierRefuse("Ce fichier est vide.")
    if entete.motif:
        raise FichierRefuse("La première ligne, celle des noms de colonnes, est illisible.")
    colonnes = tuple(cellule.strip().lower() for cellule in entete.cellules)
    lignes = tuple(_fitted(ligne, len(colonnes), separateur) for ligne in records)
    return Table(colonnes, separateur, lignes)


def decode(octets: bytes) -> str:
    """The text of a file in UTF-8 (with or without BOM) or Windows-1252. Raises FichierRefuse.

    UTF-8 is kept when most of what is not ASCII is valid UTF-8, so that one spoiled byte does
    not turn every accent of the file into two wrong letters.
    """
    if len(octets) > TAILLE_MAXIMALE:
        raise FichierRefuse(f"Ce fichier est trop gros : {TAILLE_MAXIMALE // 1024**2} Mo au plus.")
    tete = octets[:200]
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")) or tete.count(0) * 4 > len(tete) > 0:
        raise FichierRefuse(
            "Ce fichier est en UTF-16 ou n’est pas un fichier texte : enregistrez-le au format CSV UTF-8."
        )
    if octets.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FichierRefuse("Ce fichier est un classeur ou une archive : enregistrez-le au format CSV UTF-8.")
    texte = octets.decode("utf-8", "surrogateescape")
    if octets.startswith(b"\xef\xbb\xbf"):
        return texte[1:]
    faux = sum(0xDC80 <= ord(c) <= 0xDCFF for c in texte)
    justes = sum(ord(c) > 127 for c in texte) - faux
    return octets.decode("cp1252", "surrogateescape") if faux > justes else texte


def _read_records(physiques: list[str], debut: int, separateur: str) -> Iterator[LigneBrute]:
    """Each record from line `debut` on. An unclosed quote spoils its own line, not what follows."""
    i = debut
    while i < len(physiques):
        numero = i + 1
        if len(physiques[i]) > LIGNE_MAXIMALE:
            yield LigneBrute(numero, (_shortened(physiques[i]),), "Cette ligne est trop longue.")
            i += 1
            continue
        suite = (physiques[j] for j in range(i, min(i + LIGNES_PAR_CELLULE, len(physiques))))
        lecteur = csv.reader(suite, delimiter=separateur, strict=True)
        try:
            cellules = next(lecteur)
        except csv.Error:
            motif = "Cette ligne est illisible : guillemet mal placé ou jamais refermé, ou cellule trop longue."
            yield LigneBrute(numero, (_shortened(physiques[i]),), motif)
            i += 1
            continue
        i += lecteur.line_num
        if any(cellule.strip() for cellule in cellules):
            yield LigneBrute(numero, tuple(cellules))


def _fitted(ligne: LigneBrute, combien: int, separateur: str) -> LigneBrute:
    """The line with as many cells as there are columns, marked when it had not."""
    trouve = len(ligne.cellules)
    if ligne.motif is None and trouve == combien:
        return ligne
    motif = ligne.motif or f"Cette ligne a {trouve} cellules, il en faut {combien}."
    debut, reste = ligne.cellules[: combien - 1], ligne.cellules[combien - 1 :]
    cellules = (*debut, *([separateur.join(reste)] if reste else []))
    return LigneBrute(ligne.numero, cellules + ("",) * (combien - len(cellules)), motif)


def _shortened(ligne: str) -> str:
    """What is given back of a line that cannot be cut into cells."""
    propre = ligne.rstrip("\r\n")
    return propre if len(propre) <= APERCU else propre[:APERCU] + "…"
