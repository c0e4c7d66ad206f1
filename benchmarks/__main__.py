"""Run every benchmark, one after the other: `python -m benchmarks`."""

from benchmarks import echelle, erreurs, exemple

exemple.main()
print()
erreurs.main()
print()
echelle.main()
