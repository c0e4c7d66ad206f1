"""Understanding what is typed in the search box, and marking what matched (PURE, R12)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import JaroWinkler

from fiches.identite import SaisieRefusee, key_telephone, normal, parse_date_naissance
from fiches.usagers.saisie import INCONNU, read_id

LONGUEUR_MAXIMALE = 200  # characters read of a search
MOTS_MAXIMUM = 5  # name words read of a search
SEUIL_PROCHE = 0.84  # Jaro–Winkler from which two words count as spellings of each other

_DATE = re.compile(r"^(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{1,2}-\d{1,2})$")
_ANNEE = re.compile(r"^(19|20)\d\d$")
_CHIFFRES = re.compile(r"^\+?[\d().]+$")


@dataclass(frozen=True)
class Requete:
    """What a search is about: name words in normal form, and data that must match exactly."""

    mots: tuple[str, ...] = ()
    bruts: tuple[str, ...] = ()  # the name words as typed
    naissance: str | None = None
    annee: str | None = None
    email: str | None = None  # possibly only its beginning
    telephone: str | None = None  # digits as typed, possibly only the first
    dossier: str | None = None
    numero: int | None = None  # the number of a fiche, typed #123

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (
            self.mots or self.naissance or self.annee or self.email or self.telephone or self.dossier or self.numero
        )


def parse_requete(q: str, aujourdhui: date) -> Requete:
    """Read a search typed in any order; what cannot be read is taken for a name."""
    texte = "".join(c if c.isprintable() else " " for c in q[:LONGUEUR_MAXIMALE])
    champs: dict[str, str] = {}
    noms: list[str] = []
    chiffres = ""
    numero = None
    for mot in texte.split():
        if mot.startswith("#") and (lu := read_id(mot)) and lu != INCONNU:
            numero = lu
        elif "@" in mot:
            champs["email"] = mot.lower()
        elif _DATE.match(mot) and (jour := _date(mot, aujourdhui)):
            champs["naissance"] = jour
        elif _CHIFFRES.match(mot) and any(c.isdigit() for c in mot):
            chiffres += re.sub(r"[^\d+]", "", mot)
        elif any(c.isdigit() for c in mot):
            champs["dossier"] = mot
        elif normal(mot):
            noms.append(mot)
    if chiffres:
        champs |= _digits(chiffres)
    mots = tuple(m for n in noms for m in normal(n).split())[:MOTS_MAXIMUM]
    return Requete(mots=mots, bruts=tuple(noms), numero=numero, **champs)


def _date(mot: str, aujourdhui: date) -> str | None:
    try:
        return parse_date_naissance(mot.replace(".", "/"), aujourdhui)
    except SaisieRefusee:
        return None


def _digits(chiffres: str) -> dict[str, str]:
    """Digits are a phone when they begin like one, else a year or a numéro de dossier."""
    if chiffres.startswith(("0", "+")) and len(chiffres) >= 4:
        return {"telephone": chiffres, "dossier": chiffres}
    if _ANNEE.match(chiffres):
        return {"annee": chiffres, "dossier": chiffres}
    return {"dossier": chiffres}


def key_prefix_telephone(chiffres: str) -> str:
    """The beginning of the phone key (last eight digits) that these first digits allow.

    A French number is 0X and eight digits, +33X and the same eight.
    """
    nus = chiffres.lstrip("+")
    if chiffres.startswith("+33"):
        nus = "0" + nus[2:]
    elif chiffres.startswith("0033"):
        nus = "0" + nus[4:]
    if nus.startswith("0") and len(nus) <= 10:
        return nus[2:]
    return key_telephone(nus)


# --- judging and marking ------------------------------------------------------------------

EXACT, DEBUT, PROCHE = 3, 2, 1


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
