"""How a fiche meets what was searched for, and the marks that show it (PURE, R12).

A hit meets everything that was typed. A fiche that meets the names and not a datum is kept as a
near one, with what differs; a datum that the agent may not read neither helps nor harms (R11).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from rapidfuzz.distance import JaroWinkler

from fiches.identite import normal
from fiches.usagers.requete import Donnee, Requete, near_dates

SEUIL_PROCHE = 0.84  # Jaro–Winkler from which two words count as spellings of each other

EXACT, DEBUT, PROCHE = 3, 2, 1


class Accord(IntEnum):
    """How a fiche meets a datum that was typed."""

    AUTRE = 0  # it holds another one
    INCONNU = 1  # it holds none, or none that may be compared
    VOISIN = 2  # it holds one that a slip turns into what was typed
    TENU = 3


_AUTRE = {
    "naissance": "autre date de naissance",
    "telephone": "autre téléphone",
    "email": "autre adresse e-mail",
    "dossier": "autre numéro de dossier",
    "numero": "autre numéro de fiche",
}
_INCONNU = {
    "naissance": "date de naissance inconnue",
    "telephone": "téléphone inconnu",
    "email": "adresse e-mail inconnue",
    "dossier": "numéro de dossier inconnu",
}
_NON_COMPARE = {
    "telephone": "téléphone non comparé",
    "email": "adresse e-mail non comparée",
    "dossier": "numéro de dossier non comparé",
}
_PAR = {
    "telephone_2": "second téléphone",
    "ancien_telephone": "ancien téléphone",
    "ancien_email": "ancienne adresse e-mail",
}


@dataclass(frozen=True)
class Portrait:
    """What of a fiche a search is compared with.

    `anciens`: (prénom, nom, where it comes from) of former names. `cles`: genre → (field, key);
    the fields of former data begin with `ancien_`. `fermes`: genres that are not compared, because
    the agent may not read them.
    """

    usager_id: int
    prenom: str | None
    nom: str | None
    nom_naissance: str | None = None
    anciens: Sequence[tuple[str | None, str | None, str]] = ()
    cles: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    fermes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Juge:
    """A fiche that was judged. `accord`: how the datum is met that is met the least; `champs`: the
    fields through which data were met."""

    usager_id: int
    rang: int
    score: float
    accord: Accord = Accord.TENU
    champs: frozenset[str] = frozenset()
    mention: str | None = None

    @property
    def ordre(self) -> tuple[int, int, float, int]:
        """Sorts the best first."""
        return (-min(self.rang, DEBUT), -self.accord, -self.score, self.usager_id)


def judge_fiche(lu: Requete, fiche: Portrait) -> Juge | None:
    """How a fiche meets a search; None when it is no find.

    Of names and data together, near names or a datum that differs may be forgiven, not both,
    unless the two dates are a slip apart. Of data alone, one at least is met.
    """
    if lu.entier and any(cle.startswith(lu.entier) for _, cle in _compared(fiche, "dossier")):
        return Juge(fiche.usager_id, EXACT, 1.0, champs=frozenset({"numero_dossier"}))
    rang, score, par_nom = _judge_names(lu.mots, fiche)
    juges = [(d, *_judge_donnee(d, fiche)) for d in lu.donnees]
    juges = [j for j in juges if j[1] is Accord.TENU or not (lu.mots and j[0].inacheve)]
    accord = min((a for _, a, _, _ in juges), default=Accord.TENU)
    if not rang or (accord is Accord.AUTRE and rang == PROCHE):
        return None
    if not lu.mots and all(a < Accord.TENU for _, a, _, _ in juges):
        return None
    mentions = dict.fromkeys(m for m in (par_nom, *(m for *_, m in juges)) if m)
    champs = frozenset(champ for _, _, champ, _ in juges if champ)
    rang = rang if accord is Accord.TENU else PROCHE
    return Juge(fiche.usager_id, rang, score, accord, champs, " · ".join(mentions) or None)


def _compared(fiche: Portrait, genre: str) -> Sequence[tuple[str, str]]:
    return () if genre in fiche.fermes else fiche.cles.get(genre, ())


def _judge_donnee(donnee: Donnee, fiche: Portrait) -> tuple[Accord, str | None, str | None]:
    """(how it is met, the field that meets it, what to say of it)."""
    for genre, debut in donnee.lectures:
        for champ, cle in _compared(fiche, genre):
            if cle == debut or (genre != "numero" and cle.startswith(debut)):
                absorbe = f"fusionnée avec la fiche n°\u00a0{cle}" if champ == "ancien_numero" else None
                return Accord.TENU, champ, absorbe or _PAR.get(champ)
    genre, debut = donnee.lectures[0]
    if genre in fiche.fermes:
        return Accord.INCONNU, None, _NON_COMPARE[genre]
    cles = [cle for _, cle in _compared(fiche, genre)]
    if not cles:
        return Accord.INCONNU, None, _INCONNU.get(genre)
    if genre == "naissance" and any(debut.startswith(cle) for cle in cles):
        return Accord.INCONNU, None, "date de naissance incomplète"
    if genre == "naissance" and near_dates(debut).intersection(cles):
        return Accord.VOISIN, None, _AUTRE[genre]
    return Accord.AUTRE, None, _AUTRE[genre]


# --- names --------------------------------------------------------------------------------


def _judge_names(mots: Sequence[str], fiche: Portrait) -> tuple[int, float, str | None]:
    rang, score = _rank(mots, _tokens(fiche.prenom, fiche.nom, fiche.nom_naissance))
    mention = None
    for prenom, nom, origine in fiche.anciens:
        autre = _rank(mots, _tokens(prenom or fiche.prenom, nom or fiche.nom, None))
        if autre > (rang, score):
            rang, score = autre
            quoi = "réunit aussi la fiche de" if origine == "fusion" else "avant\u00a0:"
            mention = f"{quoi} {' '.join(p for p in (prenom, nom) if p)}"
    return rang, score, mention


def _tokens(*noms: str | None) -> list[str]:
    tokens: list[str] = []
    for nom in noms:
        mots = normal(nom).split()
        tokens += mots
        if len(mots) > 1:
            tokens.append("".join(mots))
    return tokens


def _rank(mots: Sequence[str], tokens: Sequence[str]) -> tuple[int, float]:
    """The weakest way in which a word is met, and the mean of the scores; (0, 0) when one is not.

    Words typed apart that make one name (« le goff » / « legoff ») are met together.
    """
    if not mots:
        return EXACT, 1.0
    met = [match_mot(mot, tokens) for mot in mots]
    if not all(rang for rang, _ in met):
        ensemble = match_mot("".join(mots), tokens)
        return ensemble if len(mots) > 1 else (0, 0.0)
    return min(rang for rang, _ in met), sum(score for _, score in met) / len(met)


def match_mot(mot: str, tokens: Sequence[str]) -> tuple[int, float]:
    """How a typed word meets the words of a fiche: EXACT, DEBUT (a beginning), PROCHE, or 0,
    with a score in 0..1 to order by."""
    best = (0, 0.0)
    for token in tokens:
        if token == mot:
            return EXACT, 1.0
        if token.startswith(mot):
            best = max(best, (DEBUT, len(mot) / len(token)))
            continue
        score = JaroWinkler.similarity(mot, token, score_cutoff=SEUIL_PROCHE)
        debut = token[: len(mot)]
        if len(mot) >= 4:
            score = max(score, 0.97 * JaroWinkler.similarity(mot, debut, score_cutoff=SEUIL_PROCHE + 0.02))
        if score:
            best = max(best, (PROCHE, score))
    return best


# --- marks --------------------------------------------------------------------------------


def mark(texte: str, mots: Sequence[str]) -> list[tuple[str, bool]]:
    """The text cut into (part, whether it matched): beginnings of words that were typed, and
    whole words that are spelled nearly so. Accents and case do not matter."""
    morceaux: list[tuple[str, bool]] = []
    for part in re.split(r"([\s’'-]+)", texte):
        nu = normal(part)
        longueur = max((len(m) for m in mots if nu.startswith(m)), default=0)
        if nu and not longueur and any(match_mot(m, [nu])[0] == PROCHE for m in mots):
            longueur = len(nu)
        coupe = _cut(part, longueur)
        if coupe:
            morceaux.append((part[:coupe], True))
        if part[coupe:]:
            morceaux.append((part[coupe:], False))
    return morceaux


def _cut(part: str, longueur: int) -> int:
    """How many characters of `part` have a normal form of `longueur` letters."""
    vus = 0
    for i, c in enumerate(part):
        if vus >= longueur:
            return i
        vus += len(normal(c).replace(" ", ""))
    return len(part) if longueur else 0
