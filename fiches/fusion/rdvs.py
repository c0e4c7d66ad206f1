"""What becomes of the RDVs: all of them stay, a common one once (PURE, F16, F17)."""

from dataclasses import dataclass
from datetime import timedelta

from fiches.fusion.etat import COTES, Choix, Cote, Lecture, Presence, other
from fiches.fusion.lignes import DEUX_COCHES, Ecart, Ligne, Refus, ticks
from fiches.rdvs.rules import ISSUES_PAR_FORCE, LIBELLES_STATUT, Issue, Statut

_EXCUSE_PAR = ("usager", None, "deces")


@dataclass(frozen=True)
class PlanRdvs:
    """`retirees`: the absorbed side's participations in common RDVs. `issues`: the outcome that a
    kept participation takes over, and who excused. `deplacees` are re-pointed, never made anew."""

    total: int
    autres: int  # of other organisations, only counted
    communs: int
    deplacees: tuple[int, ...]
    retirees: tuple[int, ...]
    issues: tuple[tuple[int, str, str | None], ...]
    lignes: tuple[Ligne, ...] = ()
    refus: tuple[Refus, ...] = ()


def plan_rdvs(lecture: Lecture, choix: Choix, survivant: Cote) -> PlanRdvs:
    """One participation per RDV; two different outcomes are a line to choose on (F16)."""
    gardes = {p.rdv_id: p for p in lecture.cote(survivant).presences}
    apportees = {p.rdv_id: p for p in lecture.cote(other(survivant)).presences}
    communs = sorted(gardes.keys() & apportees.keys())
    issues: list[tuple[int, str, str | None]] = []
    lignes: list[Ligne] = []
    for rdv_id in communs:
        cotes = {survivant: gardes[rdv_id], other(survivant): apportees[rdv_id]}
        issue, ligne = _outcome(choix, cotes)
        if ligne is not None:
            lignes.append(ligne)
        par = _excused_by(issue, cotes)
        if issue is not None and (issue, par) != (gardes[rdv_id].issue, gardes[rdv_id].excuse_par):
            issues.append((gardes[rdv_id].id, issue, par))
    toutes = gardes | apportees
    return PlanRdvs(
        total=len(toutes),
        autres=sum(not p.lisible for p in toutes.values()),
        communs=len(communs),
        deplacees=tuple(sorted(p.id for r, p in apportees.items() if r not in gardes)),
        retirees=tuple(sorted(apportees[r].id for r in communs)),
        issues=tuple(issues),
        lignes=tuple(lignes),
        refus=tuple(Refus(ligne.nom, DEUX_COCHES) for ligne in lignes if ligne.trop_cochee),
    )


def _outcome(choix: Choix, cotes: dict[Cote, Presence]) -> tuple[str | None, Ligne | None]:
    a, b = cotes["a"], cotes["b"]
    if a.issue is None or b.issue is None or a.issue == b.issue:
        return a.issue or b.issue, None
    defaut: Cote = "a" if _force(a.issue) < _force(b.issue) else "b"
    if a.annule or not a.lisible:
        return cotes[defaut].issue, None
    nom = f"rdv_{a.rdv_id}"
    coches = ticks(choix, nom, defaut) or frozenset({defaut})
    ligne = Ligne(
        nom=nom,
        libelle=f"RDV du {a.libelle}",
        ecart=Ecart.DIFFERENT,
        a=LIBELLES_STATUT[Statut(a.issue)],
        b=LIBELLES_STATUT[Statut(b.issue)],
        coches=coches,
        raison="statut le plus sûr",
    )
    cote = next(iter(coches)) if len(coches) == 1 else defaut
    return cotes[cote].issue, ligne


def _excused_by(issue: str | None, cotes: dict[Cote, Presence]) -> str | None:
    """Who excused, where the outcome is that. What somebody said beats what a death was taken to mean:
    it holds on when the death is taken back."""
    if issue != Issue.EXCUSE:
        return None
    return min((p.excuse_par for p in cotes.values() if p.issue == issue), key=_EXCUSE_PAR.index)


def _force(issue: str) -> int:
    return ISSUES_PAR_FORCE.index(Issue(issue))


def find_overlaps(lecture: Lecture) -> tuple[tuple[Presence, Presence], ...]:
    """The pairs (of a, of b) of different RDVs at the same time: one person cannot be at both (F17).

    Cancelled RDVs and those that were not attended are no evidence.
    """
    suite = sorted(
        ((p.debut, c, p) for c in COTES for p in lecture.cote(c).presences if _attends(p)),
        key=lambda e: (e[0], e[1], e[2].rdv_id),
    )
    ouvertes: list[tuple[Cote, Presence]] = []
    trouvees = []
    for debut, cote, presence in suite:
        ouvertes = [(c, p) for c, p in ouvertes if p.debut + timedelta(minutes=p.duree) > debut]
        for c, p in ouvertes:
            if c != cote and p.rdv_id != presence.rdv_id:
                trouvees.append((p, presence) if c == "a" else (presence, p))
        ouvertes.append((cote, presence))
    return tuple(trouvees)


def _attends(presence: Presence) -> bool:
    return not presence.annule and presence.issue in (None, Issue.VU)
