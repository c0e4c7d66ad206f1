"""Which fiche survives, and whose compte stays (PURE, F6, F20)."""

from dataclasses import dataclass

from fiches.fusion.etat import COTES, Choix, CompteLu, Cote, Lecture, other
from fiches.fusion.lignes import A_CHOISIR, DEUX_COCHES, Ecart, Ligne, Refus

_FORCE = {"ferme": 0, "invite": 1, "actif": 2}
_LIBELLES = {"ferme": "compte fermé", "invite": "invitation envoyée", "actif": "compte actif"}


@dataclass(frozen=True)
class PlanComptes:
    """`garde`: the side whose compte opens the result, None too until it is chosen. `retire`: the
    compte that no longer opens it; `a_fermer` when nothing else is left for it to open."""

    survivant: Cote
    garde: Cote | None
    retire: CompteLu | None = None
    a_fermer: bool = False
    ligne: Ligne | None = None
    refus: tuple[Refus, ...] = ()

    @property
    def a_choisir(self) -> bool:
        """Whether the agent has yet to say which compte stays."""
        return bool(self.refus)

    def restant(self, lecture: Lecture) -> CompteLu | None:
        """The compte that opens the result; while it is to be chosen, the survivor's stands in."""
        return lecture.cote(self.garde or self.survivant).compte


def show_compte(compte: CompteLu | None) -> str:
    """« jeanne@exemple.fr (compte actif) », '' when there is none."""
    return "" if compte is None else f"{compte.email} ({_LIBELLES[compte.etat]})"


def plan_comptes(lecture: Lecture, choix: Choix) -> PlanComptes:
    """F20's compte and F6's survivor: active compte, else the older fiche, else the smaller id."""
    comptes = {c: k for c in COTES if (k := lecture.cote(c).compte) is not None}
    actifs = [c for c, compte in comptes.items() if compte.etat == "actif"]
    if len(comptes) < 2:
        seul = next(iter(comptes), None)
        return PlanComptes(actifs[0] if actifs else lecture.older, seul)
    ligne, garde, refus = _choose(lecture, choix, comptes)
    if garde is None:
        return PlanComptes(lecture.older, None, ligne=ligne, refus=refus)
    retire = comptes[other(garde)]
    return PlanComptes(
        survivant=garde if actifs else lecture.older,
        garde=garde,
        retire=retire,
        a_fermer=retire.etat != "ferme" and not retire.ailleurs,
        ligne=ligne,
        refus=refus,
    )


def _choose(
    lecture: Lecture, choix: Choix, comptes: dict[Cote, CompteLu]
) -> tuple[Ligne, Cote | None, tuple[Refus, ...]]:
    """The line of two comptes, the side whose compte stays, and what is still undecided."""
    force = {c: _FORCE[comptes[c].etat] for c in COTES}
    verrou, raison = "", ""
    if force["a"] != force["b"]:
        coches = frozenset[Cote]({"a" if force["a"] > force["b"] else "b"})
        verrou = "le compte le plus avancé reste"
    elif comptes["a"].etat == "actif":
        raison = A_CHOISIR
        coches = choix.on("compte") or frozenset()
    else:
        raison = "fiche la plus ancienne"
        coches = choix.on("compte") or frozenset({lecture.older})
    ligne = Ligne(
        nom="compte",
        libelle="Compte de l’usager",
        ecart=Ecart.DIFFERENT,
        a=show_compte(comptes["a"]),
        b=show_compte(comptes["b"]),
        coches=coches,
        raison=raison,
        verrou=verrou,
    )
    refus: tuple[Refus, ...] = ()
    if ligne.trop_cochee:
        refus = (Refus("compte", DEUX_COCHES),)
    elif not ligne.coches:
        refus = (
            Refus("compte", "Les deux fiches ont un compte actif : choisissez celui qui reste, l’autre sera fermé."),
        )
    return ligne, None if refus else next(iter(ligne.coches)), refus
