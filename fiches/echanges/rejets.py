"""The file of rejected lines: put in place only once it is complete, readable by its owner alone (R36)."""

import contextlib
import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from fiches.echanges.lecture import Table
from fiches.echanges.rules import LigneRejetee


class RejetsImpossibles(Exception):
    """The file cannot be used; the message is a French sentence."""


class FichierRejets:
    """Opened before anything is imported, so that what cannot be written is known early.

    A regular file is written beside its place and takes it at the end: until then whatever was
    there is left alone. A device or a pipe is written directly. Raises OSError.
    """

    def __init__(self, chemin: str, importe: str) -> None:
        self._place = Path(os.path.realpath(chemin))
        if importe != "-" and self._place.exists() and Path(importe).exists() and self._place.samefile(importe):
            raise RejetsImpossibles("Le fichier des rejets ne peut pas être le fichier importé.")
        self._provisoire: str | None = None
        if self._place.exists():
            descripteur = os.open(self._place, os.O_WRONLY)
            if self._place.is_file():
                os.close(descripteur)
                descripteur, self._provisoire = self._beside()
        else:
            descripteur, self._provisoire = self._beside()
        self._sortie = os.fdopen(descripteur, "w", encoding="utf-8", errors="replace", newline="")

    def _beside(self) -> tuple[int, str]:
        return tempfile.mkstemp(dir=self._place.parent, prefix=f".{self._place.name[:50]}.")

    def write(self, table: Table, rejetees: Sequence[LigneRejetee]) -> None:
        """Give the lines back with their columns, number and reason, and put the file in its place."""
        gardees = [i for i, nom in enumerate(table.colonnes) if nom not in ("ligne", "motif")]
        lignes = ([r.brute.cellules[i] for i in gardees] + [str(r.brute.numero), r.motif] for r in rejetees)
        entete = [*(table.colonnes[i] for i in gardees), "ligne", "motif"]
        with self._sortie:
            write_csv(self._sortie, entete, lignes, table.separateur)
        if self._provisoire is not None:
            os.replace(self._provisoire, self._place)
            self._provisoire = None

    def close(self) -> None:
        """Take away what was not put in place."""
        with contextlib.suppress(OSError):
            self._sortie.close()
        if self._provisoire is not None:
            Path(self._provisoire).unlink(missing_ok=True)


def write_csv(sortie: IO[str], entete: list[str], lignes: Iterable[list[str]], separateur: str) -> None:
    """Values go out exactly as they are: what was exported must come back the same."""
    ecrivain = csv.writer(sortie, delimiter=separateur, lineterminator="\n")
    ecrivain.writerow(entete)
    ecrivain.writerows(lignes)
