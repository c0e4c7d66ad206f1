"""What live look-up finds in the sample of 5,000 fiches of which the duplicates are known.

Each known pair is typed both ways: one side is what the agent types, in three stages, against the
base without that fiche. Every fiche is typed as well, so that the share of wrong warnings counts
the many who have no duplicate. The truth is for measuring: no weight was chosen by looking at it.
"""

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.base import a_base, percentile, write_results
from fiches.acces.rules import Contexte
from fiches.doublons.queries import Recherche, find_doublons, read_personne
from fiches.doublons.score import Niveau, Personne
from fiches.identite import SaisieRefusee
from fiches.usagers.champs import CHAMP, COLONNES, check_noms, read_champ

DONNEES = Path(__file__).parents[1] / "tests" / "data"
AUJOURDHUI = date(2026, 11, 24)

STAGES: dict[str, Callable[[Personne], Personne]] = {
    "noms": lambda p: Personne(prenom=p.prenom, nom=p.nom),
    "noms et naissance": lambda p: Personne(prenom=p.prenom, nom=p.nom, naissance=p.naissance),
    "tout": lambda p: p,
}
REACH = {"noms": 0.90, "noms et naissance": 0.95, "tout": 0.98}


def main() -> None:
    """Measure and print."""
    fiches, dossiers, rejets = read_sample()
    verite = read_truth(dossiers)
    print(f"Échantillon : {len(fiches)} fiches, {rejets} lignes rejetées, {sum(map(len, verite.values())) // 2} paires")
    with a_base(fiches) as (session, contexte):
        resultats = {stage: measure(session, contexte, stage, [f["id"] for f in fiches], verite) for stage in STAGES}
    print_table(resultats)
    write_results("exemple", resultats)


def read_sample() -> tuple[list[dict[str, Any]], dict[str, int], int]:
    """The fiches that can be read, the id of each numéro de dossier, and how many lines cannot."""
    fiches: list[dict[str, Any]] = []
    dossiers: dict[str, int] = {}
    rejets = 0
    with open(DONNEES / "usagers_exemple.csv", encoding="cp1252", errors="replace", newline="") as fichier:
        for ligne in csv.DictReader(fichier, delimiter=";"):
            fiche = read_line(ligne)
            if fiche is None:
                rejets += 1
                continue
            fiche["id"] = len(fiches) + 1
            dossiers[ligne["numero_dossier"]] = fiche["id"]
            fiches.append(fiche)
    return fiches, dossiers, rejets


def read_line(ligne: dict[str, str]) -> dict[str, Any] | None:
    """The columns of one fiche, without the numéro de dossier; None when the line is spoiled."""
    if None in ligne or None in ligne.values():
        return None
    try:
        fiche = {nom: read_champ(CHAMP[nom], ligne.get(nom), AUJOURDHUI) for nom in COLONNES}
    except SaisieRefusee:
        return None
    fiche["numero_dossier"] = None
    return None if check_noms(fiche["prenom"], fiche["nom"], False, False) else fiche


def read_truth(dossiers: dict[str, int]) -> dict[int, set[int]]:
    """The ids of each person's other fiches, by id; a pair counts both ways and onwards."""
    groupes: dict[int, set[int]] = {}
    with open(DONNEES / "usagers_exemple_verite.csv", encoding="utf-8", newline="") as fichier:
        for ligne in csv.DictReader(fichier):
            paire = [dossiers.get(ligne[f"numero_dossier_{cote}"]) for cote in ("a", "b")]
            a, b = paire
            if a is None or b is None:
                continue
            groupe = groupes.get(a, {a}) | groupes.get(b, {b})
            for membre in groupe:
                groupes[membre] = groupe
    return {i: groupe - {i} for i, groupe in groupes.items()}


def measure(
    session: Session, contexte: Contexte, stage: str, ids: list[int], verite: dict[int, set[int]]
) -> dict[str, Any]:
    """Type every fiche at this stage, and count what is shown."""
    niveaux: dict[str, Counter[str]] = {"doubles": Counter(), "toutes": Counter()}
    paires = trouvees = fortes = silencieuses = 0
    durees: list[float] = []
    for usager_id in ids:
        saisie = STAGES[stage](read_personne(session, usager_id))
        depart = time.perf_counter()
        recherche = find_doublons(session, contexte, saisie, sauf=usager_id)
        durees.append(time.perf_counter() - depart)
        vrais = verite.get(usager_id, set())
        count_niveaux(niveaux["toutes"], recherche, vrais)
        silencieuses += not recherche.candidats
        if vrais:
            count_niveaux(niveaux["doubles"], recherche, vrais)
            montres = {c.usager_id: c for c in recherche.candidats}
            paires += len(vrais)
            trouvees += len(vrais & montres.keys())
            fortes += sum(1 for v in vrais if v in montres and montres[v].fort)
    return {
        "requetes": len(ids),
        "paires_typees": paires,
        "rappel": round(trouvees / paires, 4),
        "vrais_forts": round(fortes / paires, 4),
        "forts_faux_des_doubles": wrong_share(niveaux["doubles"]),
        "forts_faux_de_toutes": wrong_share(niveaux["toutes"]),
        "niveaux": dict(sorted(niveaux["toutes"].items())),
        "sans_avertissement": round(silencieuses / len(ids), 4),
        "p50_ms": round(percentile(durees, 0.50), 2),
        "p95_ms": round(percentile(durees, 0.95), 2),
    }


def count_niveaux(compte: Counter[str], recherche: Recherche, vrais: set[int]) -> None:
    """Add the shown candidates, by niveau and whether they are right."""
    for c in recherche.candidats:
        compte[f"{c.niveau} {'juste' if c.usager_id in vrais else 'faux'}"] += 1


def wrong_share(compte: Counter[str]) -> float:
    """Of what is shown as certain or probable, the share that is wrong."""
    tous: defaultdict[str, int] = defaultdict(int)
    for niveau in (Niveau.CERTAIN, Niveau.PROBABLE):
        for sens in ("juste", "faux"):
            tous[sens] += compte[f"{niveau} {sens}"]
    return round(tous["faux"] / max(1, tous["juste"] + tous["faux"]), 4)


def print_table(resultats: dict[str, dict[str, Any]]) -> None:
    """One line per stage, then the niveaux."""
    print(
        f"{'saisie':<18} {'rappel':>7} {'(visé)':>7} {'vrais forts':>12} {'forts faux':>11} "
        f"{'(parmi doubles)':>16} {'rien à dire':>12} {'p50 ms':>7} {'p95 ms':>7}"
    )
    for stage, r in resultats.items():
        print(
            f"{stage:<18} {r['rappel']:>7.3f} {REACH[stage]:>7.2f} {r['vrais_forts']:>12.3f} "
            f"{r['forts_faux_de_toutes']:>11.3f} {r['forts_faux_des_doubles']:>16.3f} "
            f"{r['sans_avertissement']:>12.3f} {r['p50_ms']:>7.2f} {r['p95_ms']:>7.2f}"
        )
    for stage, r in resultats.items():
        print(f"{stage} : " + ", ".join(f"{nom} {nombre}" for nom, nombre in r["niveaux"].items()))


if __name__ == "__main__":
    main()
