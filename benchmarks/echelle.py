"""Live look-up in 5,000 and in 50,000 fiches, in one run: what counts is the ratio (reach: at most 3).

The same people are typed against both bases, in turns, so that a busy machine slows both alike.
"""

import random
import time
from contextlib import ExitStack
from datetime import date
from typing import Any

from benchmarks.base import a_base, percentile, write_results
from benchmarks.erreurs import to_fiche
from benchmarks.exemple import STAGES
from fiches.demo.population import make_population
from fiches.doublons.queries import find_doublons, read_personne

AUJOURDHUI = date(2026, 11, 24)
PETITE, GRANDE, GRAINE = 5_000, 50_000, 7
SAISIES = 400  # people typed at each stage
RATIO_VISE = 3.0


def main() -> None:
    """Measure and print."""
    tailles = {PETITE: [to_fiche(e) for e in make_population(PETITE, GRAINE, AUJOURDHUI)]}
    tailles[GRANDE] = [to_fiche(e) for e in make_population(GRANDE, GRAINE, AUJOURDHUI)]
    ids = random.Random(GRAINE).sample(range(1, PETITE + 1), SAISIES)
    with ExitStack() as pile:
        bases = {taille: pile.enter_context(a_base(fiches)) for taille, fiches in tailles.items()}
        personnes = [read_personne(bases[PETITE][0], i) for i in ids]
        resultats: dict[str, Any] = {}
        for stage, typed in STAGES.items():
            durees: dict[int, list[float]] = {taille: [] for taille in bases}
            for personne in personnes:
                for taille, (session, contexte) in bases.items():
                    saisie = typed(personne)
                    depart = time.perf_counter()
                    find_doublons(session, contexte, saisie)
                    durees[taille].append(time.perf_counter() - depart)
            resultats[stage] = {
                str(t): {f"p{p}_ms": percentile(d, p / 100) for p in (50, 95)} for t, d in durees.items()
            }
    print_table(resultats)
    write_results("echelle", resultats)


def print_table(resultats: dict[str, Any]) -> None:
    """One line per stage and percentile, with the ratio."""
    print(f"{'saisie':<18} {'':<4} {PETITE:>8} {GRANDE:>8} {'rapport':>8} {'(visé)':>7}")
    for stage, tailles in resultats.items():
        for nom in ("p50_ms", "p95_ms"):
            petit, grand = tailles[str(PETITE)][nom], tailles[str(GRANDE)][nom]
            print(f"{stage:<18} {nom[:3]:<4} {petit:>8.2f} {grand:>8.2f} {grand / petit:>8.2f} {RATIO_VISE:>7.1f}")


if __name__ == "__main__":
    main()
