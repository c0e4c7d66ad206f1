"""Who will newly see what once the fiches are one (PURE, R28, F5)."""

from collections.abc import Mapping

from fiches.fusion.etat import COTES, Cote, Lecture, other
from fiches.fusion.lignes import CHAMPS_DE_LIGNE, Ligne
from fiches.usagers.champs import Valeur

CONTACT_PROTEGE = "le contact d’une fiche protégée"


def find_newly_visible(lecture: Lecture, lignes: Mapping[str, Ligne], valeurs: Mapping[str, Valeur]) -> tuple[str, ...]:
    """One sentence per organisation that knew only one of the fiches, and for a fiche protégée
    one for the référents that it gains."""
    return tuple(p for c in COTES for p in _organisations(lecture, lignes, valeurs, c)) + _referents(lecture)


def _organisations(
    lecture: Lecture, lignes: Mapping[str, Ligne], valeurs: Mapping[str, Valeur], cote: Cote
) -> list[str]:
    connue, nouvelle = lecture.cote(cote), lecture.cote(other(cote))
    deja = {x.organisation_id for x in nouvelle.attaches}
    arrivants = [x.nom for x in connue.attaches if x.organisation_id not in deja]
    champs = [
        ligne.libelle.lower()
        for nom, ligne in lignes.items()
        if any(valeurs[n] is not None and valeurs[n] != connue.valeurs[n] for n in CHAMPS_DE_LIGNE[nom])
    ]
    rdvs = len({p.rdv_id for p in nouvelle.presences} - {p.rdv_id for p in connue.presences})
    proches = len(nouvelle.proches)
    quoi = champs + [
        f"{n} {nom} de plus" for n, nom in ((rdvs, "RDV"), (proches, "proche" if proches == 1 else "proches")) if n
    ]
    if not quoi:
        return []
    return [f"{nom[:1].upper()}{nom[1:]} verra désormais : {', '.join(quoi)}." for nom in arrivants]


def _referents(lecture: Lecture) -> tuple[str, ...]:
    phrases = []
    for c in COTES:
        if lecture.cote(c).protegee:
            deja = {s.agent_id for s in lecture.cote(c).suivis}
            nouveaux = [s for s in lecture.cote(other(c)).suivis if s.agent_id not in deja]
            connus = {s.agent_id: s.nom for s in nouveaux if s.lisible}
            phrases += [f"{nom} verra désormais {CONTACT_PROTEGE}." for nom in sorted(connus.values())]
            n = len({s.agent_id for s in nouveaux} - connus.keys())
            if n == 1:
                phrases.append(f"Un référent d’un autre service verra désormais {CONTACT_PROTEGE}.")
            elif n:
                phrases.append(f"{n} référents d’autres services verront désormais {CONTACT_PROTEGE}.")
    return tuple(phrases)
