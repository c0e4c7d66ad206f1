"""Whether two descriptions are of one person: a score, a niveau, and the reasons in words (PURE).

A pair is one of three things: two fiches of one person, two members of one household, or two
people brought together by chance. Each level of likeness speaks for one of them (`poids`); what
they say adds up as logarithms do, and the score is the share of the first. The household has a
case of its own because otherwise everything a family shares would look like a duplicate (R7).

Two rules stand above the score: `certain` is equal names and an equal full birth date with
nothing against, and names alone are at most `possible` unless they are rare.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fiches.doublons import poids
from fiches.doublons.comparisons import PROCHES, Niv, is_january_first
from fiches.doublons.examen import Examen, examine
from fiches.doublons.motifs import Motif, reasons
from fiches.doublons.personne import Personne
from fiches.doublons.poids import RARES, Frequences, Poids

__all__ = ["Examen", "Frequences", "Motif", "Niveau", "Personne", "Verdict", "judge", "question_to_ask"]

SCORE_CERTAIN = 0.99  # at least, whatever the names' frequency
# Names alone, equal and so rare that less than this many people out of 20,000 would bear them by chance.
NOMS_RARES = 0.02 / 20_000


class Niveau(StrEnum):
    """How likely two fiches are to be one person's."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"

    @property
    def fort(self) -> bool:
        """Whether it must be answered before a fiche is saved (R9)."""
        return self is not Niveau.POSSIBLE


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a pair. `niveau` is None when there is nothing worth saying."""

    score: float
    niveau: Niveau | None
    motifs: tuple[Motif, ...]
    noms_proches: bool  # both names are equal or close, in one of the ways of R6


def judge(saisie: Personne, fiche: Personne, frequences: Frequences = RARES, *, lies: bool = False) -> Verdict:
    """Judge whether what is typed and this fiche are one person.

    `lies`: one is the other's proche or responsable. The score is the same whichever of the two
    is typed; reasons name what is typed first.
    """
    examen = examine(saisie, fiche, frequences, lies=lies)
    score = _posterior(saisie, examen, frequences)
    niveau = _niveau(examen, score, frequences)
    motifs = reasons(saisie, fiche, examen) if niveau else ()
    if niveau is Niveau.CERTAIN and any(m.sens == "contre" for m in motifs):
        niveau = Niveau.PROBABLE
    if niveau is Niveau.CERTAIN:
        score = max(score, SCORE_CERTAIN)
    return Verdict(score, niveau, motifs, examen.names_close)


def _posterior(saisie: Personne, examen: Examen, frequences: Frequences) -> float:
    fiches = max(frequences.fiches, poids.FICHES_MINIMUM)
    double = poids.DOUBLES_PAR_PERSONNE / fiches
    foyer = poids.PROCHES_PAR_PERSONNE / fiches
    hasard = 1.0
    for p in _weights(saisie, examen, frequences):
        double *= p.double
        foyer *= p.foyer
        hasard *= p.hasard
    return double / (double + foyer + hasard)


def _weights(saisie: Personne, examen: Examen, frequences: Frequences) -> list[Poids]:
    weights = [*_name_weights(examen, frequences), _birth_weight(saisie, examen)]
    weights.append(_contact_weight(poids.EMAIL[examen.email], examen.email, examen.partage_email, frequences))
    weights.append(
        _contact_weight(poids.TELEPHONE[examen.telephone], examen.telephone, examen.partage_telephone, frequences)
    )
    if examen.adresse is Niv.EGAL:
        weights.append(poids.ADRESSE)
    if examen.noms_naissance_differents:
        weights.append(poids.NOMS_NAISSANCE_DIFFERENTS)
    if examen.lies:
        weights.append(poids.LIES)
    return weights


def _name_weights(examen: Examen, frequences: Frequences) -> list[Poids]:
    nom = poids.NOM[examen.nom]
    if examen.par_autre_nom:
        nom = poids.AUTRE_NOM if examen.nom is Niv.EGAL else poids.AUTRE_NOM_PROCHE
    elif examen.deux_noms:
        nom = replace(nom, double=nom.double * poids.DEUX_NOMS)
    prenom = poids.DEUX_PRENOMS if examen.deux_prenoms else poids.PRENOM[examen.prenom]
    part_nom, part_prenom = _shares(examen, frequences)
    weights = [_at_least(nom, examen.nom, part_nom), _at_least(prenom, examen.prenom, part_prenom)]
    return [*weights, poids.INVERSES] if examen.inverses else weights


def _shares(examen: Examen, frequences: Frequences) -> tuple[float, float]:
    """The shares of people who bear this surname and this first name; where they are exchanged,
    read the way in which they are more common."""
    lectures = [(examen.mots_nom, examen.mots_prenom)]
    if examen.inverses:
        lectures.append((examen.mots_prenom, examen.mots_nom))
    shares = [
        (
            max(map(frequences.share_of_surname, noms), default=0.0),
            max(map(frequences.share_of_first_name, prenoms), default=0.0),
        )
        for noms, prenoms in lectures
    ]
    return max(shares, key=lambda s: (s[0] * s[1], s))


def _at_least(p: Poids, niveau: Niv, part: float) -> Poids:
    return replace(p, hasard=max(p.hasard, part)) if niveau in PROCHES else p


def _birth_weight(saisie: Personne, examen: Examen) -> Poids:
    if examen.naissance is Niv.EGAL and is_january_first(saisie.naissance):
        return poids.PREMIER_JANVIER
    return poids.NAISSANCE[examen.naissance]


def _contact_weight(p: Poids, niveau: Niv, partage: int, frequences: Frequences) -> Poids:
    """An e-mail or phone that many fiches hold is a service's: it joins strangers (R7)."""
    if niveau is not Niv.EGAL or partage <= poids.CONTACT_FAMILIAL:
        return p
    return replace(p, hasard=p.hasard + partage / max(frequences.fiches, poids.FICHES_MINIMUM))


# --- niveaux ----------------------------------------------------------------------------


def _niveau(examen: Examen, score: float, frequences: Frequences) -> Niveau | None:
    if examen.memes_noms and examen.naissance is Niv.EGAL:
        return Niveau.CERTAIN  # unless a reason speaks against
    if score < poids.SEUIL_POSSIBLE or not examen.something_agrees:
        return None
    if score < poids.SEUIL_PROBABLE or _names_alone(examen, frequences) or _family_alone(examen):
        return Niveau.POSSIBLE
    return Niveau.PROBABLE


def _names_alone(examen: Examen, frequences: Frequences) -> bool:
    """Whether only names speak for the pair, and these are not rare ones written alike (R7)."""
    if examen.agrees_beside_names:
        return False
    if not examen.memes_noms:
        return True
    if examen.un_seul_nom:
        return True
    nom, prenom = examen.mots_nom[0], examen.mots_prenom[0]
    return frequences.share_of_surname(nom) * frequences.share_of_first_name(prenom) > NOMS_RARES


def _family_alone(examen: Examen) -> bool:
    """Whether the pair is what a family shares: a first name that differs or is not known on
    both sides, under one surname, contact or address (R7: twins, siblings, spouses)."""
    if examen.prenom in PROCHES and not examen.deux_prenoms:
        return False
    if examen.un_seul_nom:
        return False
    if examen.prenom is Niv.INCONNU:
        return not (examen.contact_equal and examen.un_prenom_connu)
    return True


# --- the question -----------------------------------------------------------------------

_QUESTIONS = (
    ("naissance", "Demandez la date de naissance"),
    ("telephones", "Demandez le numéro de téléphone"),
    ("emails", "Demandez l’adresse e-mail"),
)
_FORCE = {None: 0, Niveau.POSSIBLE: 1, Niveau.PROBABLE: 2, Niveau.CERTAIN: 3}


def question_to_ask(
    saisie: Personne, candidats: Sequence[tuple[Personne, Verdict]], frequences: Frequences = RARES
) -> str | None:
    """The one datum that would settle who this is, as a request to the agent (R5).

    It is one that was not typed, that the best candidate holds, and that would raise it if it were
    the same; where nothing would, the next one's turn comes.
    None when a candidate is certain already or nothing would help. Reveals no stored value.
    """
    if any(verdict.niveau is Niveau.CERTAIN for _, verdict in candidats):
        return None
    for fiche, verdict in candidats:
        for champ, question in _QUESTIONS:
            if _is_typed(saisie, champ):
                continue
            if (completee := _with_datum(saisie, fiche, champ)) is None:
                continue
            avec = judge(completee, fiche, frequences)
            if _FORCE[avec.niveau] > max(1, _FORCE[verdict.niveau]):
                return question
    return None


def _is_typed(saisie: Personne, champ: str) -> bool:
    if champ == "naissance":
        return saisie.naissance is not None and len(saisie.naissance) == 10
    return bool(saisie.telephones if champ == "telephones" else saisie.emails)


def _with_datum(saisie: Personne, fiche: Personne, champ: str) -> Personne | None:
    """What is typed with this field as the fiche has it, None when the fiche has none."""
    if champ == "naissance":
        entiere = fiche.naissance is not None and len(fiche.naissance) == 10
        return replace(saisie, naissance=fiche.naissance) if entiere else None
    if champ == "telephones":
        return replace(saisie, telephones=fiche.telephones) if fiche.telephones else None
    return replace(saisie, emails=fiche.emails) if fiche.emails else None
