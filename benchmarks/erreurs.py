"""What look-up finds by kind of error (R6), and what it says of look-alikes (R7), in an imaginary population.

The weights of the score were chosen with these figures, never with the sample's truth.
"""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from benchmarks.base import a_base, write_results
from benchmarks.exemple import STAGES
from fiches.demo.personnes import Enregistrement
from fiches.demo.population import make_population
from fiches.doublons.queries import find_doublons, read_personne
from fiches.doublons.score import Niveau

AUJOURDHUI = date(2026, 11, 24)
TAILLE, GRAINE = 6_000, 20
COLONNES = (
    "prenom", "nom", "nom_naissance", "date_naissance", "email", "telephone", "telephone_2", "adresse",
    "complement_adresse", "code_postal", "ville",
)  # fmt: skip


def to_fiche(e: Enregistrement) -> dict[str, Any]:
    """The columns of a record, its rank plus one as the id."""
    return {"id": e.rang + 1} | {nom: getattr(e, nom) for nom in COLONNES}


def main() -> None:
    """Measure and print."""
    population = list(make_population(TAILLE, GRAINE, AUJOURDHUI))
    with a_base([to_fiche(e) for e in population]) as (session, contexte):
        resultats = {}
        for stage, typed in STAGES.items():
            par_erreur: defaultdict[str, Counter[str]] = defaultdict(Counter)
            par_piege: defaultdict[str, Counter[str]] = defaultdict(Counter)
            forts: Counter[str] = Counter()
            personnes = {e.rang + 1: e.personne if e.original is None else e.original for e in population}
            for e in population:
                saisie = typed(read_personne(session, e.rang + 1))
                montres = {
                    c.usager_id: c.niveau for c in find_doublons(session, contexte, saisie, sauf=e.rang + 1).candidats
                }
                for autre, niveau in montres.items():
                    juste = personnes[autre] == personnes[e.rang + 1]
                    forts[f"{niveau} {'juste' if juste else 'faux'}"] += 1
                if e.erreur is not None and e.original is not None:
                    par_erreur[e.erreur][str(montres.get(e.original + 1, "manqué"))] += 1
                if e.piege is not None and e.piege_avec is not None:
                    par_piege[e.piege][str(montres.get(e.piege_avec + 1, "rien"))] += 1
            print_stage(stage, par_erreur, par_piege, forts)
            resultats[stage] = {"erreurs": par_erreur, "pieges": par_piege, "niveaux": forts}
    write_results("erreurs", resultats)


def print_stage(
    stage: str, par_erreur: dict[str, Counter[str]], par_piege: dict[str, Counter[str]], forts: Counter[str]
) -> None:
    """One line per kind."""
    print(f"\n{stage}\n{'erreur':<20} {'trouvées':>9} {'fortes':>7} {'sur':>5}")
    for erreur, compte in sorted(par_erreur.items()):
        total = compte.total()
        fortes = compte[Niveau.CERTAIN] + compte[Niveau.PROBABLE]
        print(f"{erreur:<20} {(total - compte['manqué']) / total:>9.2f} {fortes / total:>7.2f} {total:>5}")
    for piege, compte in sorted(par_piege.items()):
        print(f"{piege:<20} " + ", ".join(f"{quoi} {n}" for quoi, n in compte.most_common()))
    print("montrés : " + ", ".join(f"{quoi} {n}" for quoi, n in sorted(forts.items())))


if __name__ == "__main__":
    main()
