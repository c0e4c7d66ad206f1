"""What is joined as a union: organisations, référents, remarques (PURE, F18).

Remarques belong to the organisation that wrote them: each keeps its own, and within one
organisation those of both fiches are joined with their dates (F4). The agent chooses only
among the remarques they may read; the others move silently.
"""

from dataclasses import dataclass

from fiches.fusion.etat import COTES, Attache, Choix, Cote, FicheLue, Lecture, Note, Suivi, other
from fiches.fusion.lignes import DEUX_COCHES, Ecart, Ligne, Refus
from fiches.usagers.rules import same_value, show_naissance


@dataclass(frozen=True)
class PlanUnions:
    """`retires_*`: organisations whose rattachement goes, on either side, because the other side's
    is older. `notes` are all the remarques of the result."""

    attaches: tuple[Attache, ...]
    retires_survivant: tuple[int, ...]
    retires_absorbe: tuple[int, ...]
    suivis: tuple[Suivi, ...]
    notes: tuple[Note, ...]
    ligne: Ligne | None = None
    refus: tuple[Refus, ...] = ()


def plan_unions(lecture: Lecture, choix: Choix, survivant: Cote) -> PlanUnions:
    """Organisations, référents and remarques of the result."""
    garde = {x.organisation_id: x for x in lecture.cote(survivant).attaches}
    apport = {x.organisation_id: x for x in lecture.cote(other(survivant)).attaches}
    communs = garde.keys() & apport.keys()
    cedes = {o for o in communs if apport[o].cree_le < garde[o].cree_le}
    attaches = {**apport, **{o: x for o, x in garde.items() if o not in cedes}}
    suivis = {(s.agent_id, s.organisation_id): s for c in COTES for s in lecture.cote(c).suivis}
    ligne = _notes_line(lecture, choix)
    coches = ligne.coches if ligne else frozenset()
    return PlanUnions(
        attaches=tuple(sorted(attaches.values(), key=lambda x: (x.cree_le, x.organisation_id))),
        retires_survivant=tuple(sorted(cedes)),
        retires_absorbe=tuple(sorted(communs - cedes)),
        suivis=tuple(suivis[k] for k in sorted(suivis)),
        notes=_join_notes(lecture, coches),
        ligne=ligne,
        refus=(Refus("remarques", DEUX_COCHES),) if ligne and ligne.trop_cochee else (),
    )


def _notes_line(lecture: Lecture, choix: Choix) -> Ligne | None:
    notes = {c: _readable(lecture.cote(c)) for c in COTES}
    remplis = frozenset(c for c in COTES if notes[c])
    if not remplis:
        return None
    ecart = Ecart.UN_COTE if len(remplis) == 1 else _compare(notes["a"], notes["b"])
    coches, raison = remplis, "chaque service garde ses remarques"
    if ecart in (Ecart.ECRITURE, Ecart.IDENTIQUE):
        coches, raison = frozenset({lecture.older}), "fiche la plus ancienne"
    repondu = choix.on("remarques")
    if repondu is not None and ecart is not Ecart.IDENTIQUE and (repondu or ecart is not Ecart.ECRITURE):
        coches = repondu
    plusieurs = ecart is Ecart.DIFFERENT
    return Ligne("remarques", "Remarques", ecart, _show(notes["a"]), _show(notes["b"]), coches, raison, plusieurs)


def _readable(fiche: FicheLue) -> dict[int, Note]:
    return {n.organisation_id: n for n in fiche.notes if n.lisible}


def _compare(a: dict[int, Note], b: dict[int, Note]) -> Ecart:
    if a.keys() != b.keys() or not all(same_value("remarques", a[o].texte, b[o].texte) for o in a):
        return Ecart.DIFFERENT
    return Ecart.IDENTIQUE if all(a[o].texte == b[o].texte for o in a) else Ecart.ECRITURE


def _show(notes: dict[int, Note]) -> str:
    textes = [notes[o] for o in sorted(notes)]
    if len(textes) == 1:
        return textes[0].texte
    return "\n\n".join(f"{n.organisation} :\n{n.texte}" for n in textes)


def _join_notes(lecture: Lecture, coches: frozenset[Cote]) -> tuple[Note, ...]:
    par_service: dict[int, list[Note]] = {}
    for c in COTES:
        for note in lecture.cote(c).notes:
            if c in coches or not note.lisible:
                par_service.setdefault(note.organisation_id, []).append(note)
    return tuple(_join(par_service[o]) for o in sorted(par_service))


def _join(notes: list[Note]) -> Note:
    """One note of what both fiches hold of one organisation, oldest first, each with its date."""
    notes = sorted(notes, key=lambda n: (n.modifie_le, n.texte))
    premiere, derniere = notes[0], notes[-1]
    if len(notes) == 1 or same_value("remarques", premiere.texte, derniere.texte):
        return derniere
    texte = "\n\n".join(f"Au {show_naissance(n.modifie_le.date().isoformat())} :\n{n.texte}" for n in notes)
    return Note(derniere.organisation_id, derniere.organisation, texte, derniere.modifie_le, derniere.lisible)
