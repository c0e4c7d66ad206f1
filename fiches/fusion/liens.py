"""Relatives of the resulting fiche: one responsable, all proches, no loop (PURE, R26, F11–F15)."""

from dataclasses import dataclass

from fiches.fusion.etat import COTES, Choix, Cote, Lecture, Lien, other
from fiches.fusion.lignes import A_CHOISIR, DEUX_COCHES, Ecart, Ligne, Refus, ticks
from fiches.proches.rules import Maillon, find_loop


@dataclass(frozen=True)
class PlanLiens:
    """`garde`: the side whose link to a responsable stays. `retires`: the proches whose row of
    lien_proche goes (the proche is its key). `soi`: a link would point at itself and is removed."""

    garde: Cote | None
    responsable: Lien | None
    proches: tuple[Lien, ...]
    retires: tuple[int, ...]
    soi: bool
    ligne: Ligne | None = None
    refus: tuple[Refus, ...] = ()

    @property
    def a_choisir(self) -> bool:
        """Whether the agent has yet to say which responsable stays."""
        return self.ligne is not None and (self.ligne.trop_cochee or bool(self.refus and self.garde is None))


def plan_liens(lecture: Lecture, choix: Choix, survivant: Cote) -> PlanLiens:
    """The links of the result, the line when there is a responsable, and what R26 forbids."""
    propres = {c: own_responsable(lecture, c) for c in COTES}
    retires = {lecture.cote(c).id for c in COTES if lecture.cote(c).responsable is not None and propres[c] is None}
    soi = bool(retires)
    ligne, garde, refus = _choose(lecture, choix, propres, survivant)
    for c in COTES:
        if propres[c] is not None and c != garde:
            retires.add(lecture.cote(c).id)
    responsable = propres[garde] if garde else None
    if responsable is not None and (boucle := _loop(lecture, responsable)):
        refus = (*refus, Refus("responsable", boucle))
    ids = {lecture.a.id, lecture.b.id}
    proches = tuple(lien for c in COTES for lien in lecture.cote(c).proches if lien.autre.id not in ids)
    ordre = tuple(sorted(proches, key=lambda lien: lien.autre.id))
    return PlanLiens(garde, responsable, ordre, tuple(sorted(retires)), soi, ligne, refus)


def own_responsable(lecture: Lecture, cote: Cote) -> Lien | None:
    """The responsable of one side, None when it is the other side itself (F14)."""
    lien = lecture.cote(cote).responsable
    return None if lien is None or lien.autre.id == lecture.cote(other(cote)).id else lien


def _choose(
    lecture: Lecture, choix: Choix, propres: dict[Cote, Lien | None], survivant: Cote
) -> tuple[Ligne | None, Cote | None, tuple[Refus, ...]]:
    la, lb = propres["a"], propres["b"]
    if la is None and lb is None:
        return None, None, ()
    if la is not None and lb is not None and la.autre.id == lb.autre.id:
        ligne = _line(propres, Ecart.IDENTIQUE, frozenset({survivant}))
        return ligne, survivant, ()
    if la is None or lb is None:
        seul: Cote = "b" if la is None else "a"
        ligne = _line(propres, Ecart.UN_COTE, ticks(choix, "responsable", seul), "seul côté renseigné")
        if ligne.trop_cochee:
            return ligne, seul, (Refus("responsable", DEUX_COCHES),)
        return ligne, seul if seul in ligne.coches else None, ()
    ligne = _line(propres, Ecart.DIFFERENT, ticks(choix, "responsable", None), A_CHOISIR)
    if len(ligne.coches) == 1:
        return ligne, next(iter(ligne.coches)), ()
    texte = DEUX_COCHES if ligne.trop_cochee else "Chaque fiche a son responsable : choisissez celui qui reste."
    return ligne, None, (Refus("responsable", texte),)


def _line(propres: dict[Cote, Lien | None], ecart: Ecart, coches: frozenset[Cote], raison: str = "") -> Ligne:
    return Ligne("responsable", "Responsable", ecart, _show(propres["a"]), _show(propres["b"]), coches, raison)


def _show(lien: Lien | None) -> str:
    if lien is None:
        return ""
    return f"{lien.autre.nom} (lien professionnel)" if lien.nature == "professionnel" else lien.autre.nom


def _loop(lecture: Lecture, responsable: Lien) -> str:
    """The sentence that names the chain when the result would be its own responsable, else '' (F15)."""
    obtenue = Maillon(lecture.a.id, "la fiche obtenue")
    ids = {lecture.a.id, lecture.b.id}
    ascendants = {
        proche: obtenue if personne.id in ids else Maillon(personne.id, personne.nom)
        for proche, personne in lecture.ascendants.items()
    }
    boucle = find_loop(obtenue, Maillon(responsable.autre.id, responsable.autre.nom), ascendants)
    if not boucle:
        return ""
    noms = " → ".join(maillon.nom for maillon in boucle)
    return f"Le responsable gardé formerait une boucle : {noms}. Décochez-le, ou gardez l’autre."
