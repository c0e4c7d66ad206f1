"""Understanding what is typed in the search box (PURE, R12)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from fiches.doublons.keys import key_dossier
from fiches.identite import (
    SaisieRefusee,
    compact,
    key_email,
    key_telephone,
    normal,
    parse_date_naissance,
    swap_day_month,
)
from fiches.usagers.rules import show_naissance
from fiches.usagers.saisie import INCONNU, read_id

LONGUEUR_MAXIMALE = 200  # characters read of a search
LONGUEUR_MINIMALE = 2  # letters or digits from which something is looked for
MOTS_MAXIMUM = 5  # name words read of a search

_DATE = re.compile(
    r"^(\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})|\d{1,2}[/.-]\d{4}|\d{4}-\d{1,2}(-\d{1,2})?|\d{8}|(19|20)\d\d)$"
)
_DEUX_CHIFFRES = re.compile(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})$")
_INACHEVE = re.compile(r"^(\d{1,3}|\d{1,2}[/.-](\d{0,2}|\d{1,2}[/.-]\d{0,3}))$")
_CHIFFRES = re.compile(r"^\+?[\d().-]*\d[\d().-]*$")


@dataclass(frozen=True)
class Donnee:
    """A datum that was typed, with the ways to read it, the likeliest first.

    A `lectures` entry is (genre, how a key of this genre begins); genres are those of the exact
    keys, and `numero`. `amorce` is the (field, text) that a new fiche would start with. `inacheve`:
    the first digits of something; a fiche that does not have them so far is not judged by them.
    """

    lectures: tuple[tuple[str, str], ...]
    amorce: tuple[str, str] | None = None
    inacheve: bool = False

    def read_as(self, genre: str) -> str | None:
        """How the key begins when this is a datum of that genre, None when it cannot be one."""
        return dict(self.lectures).get(genre)


@dataclass(frozen=True)
class Requete:
    """What a search is about: name words in normal form (`bruts`: as typed), and data.

    `entier` is all of it in one word when it may be a single numéro de dossier typed with spaces.
    """

    mots: tuple[str, ...] = ()
    bruts: tuple[str, ...] = ()
    donnees: tuple[Donnee, ...] = ()
    entier: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.mots or self.donnees)

    def first(self, genre: str) -> str | None:
        """The first datum of that genre that was typed, as the beginning of a key."""
        return next((cle for d in self.donnees if (cle := d.read_as(genre))), None)


def is_too_short(q: str) -> bool:
    """Whether so little is typed that the list says more than a search would."""
    return len(compact(q)) < LONGUEUR_MINIMALE and not (q.strip().startswith("#") and compact(q))


def parse_requete(q: str, aujourdhui: date) -> Requete:
    """Read a search typed in any order; what cannot be read is taken for a name."""
    texte = "".join(c if c.isprintable() else " " for c in q[:LONGUEUR_MAXIMALE])
    donnees: list[Donnee] = []
    noms: list[str] = []
    for mot in _units(texte.split(), aujourdhui):
        if mot.startswith("#") and (lu := read_id(mot)) and lu != INCONNU:
            donnees.append(Donnee((("numero", str(lu)),)))
        elif "@" in mot:
            donnees.append(Donnee((("email", _email_key(mot)),), ("email", mot.lower())))
        elif any(c.isdigit() for c in mot):
            donnees += _read_digits(mot, aujourdhui)
        elif normal(mot):
            noms.append(mot)
    mots = tuple(m for n in noms for m in normal(n).split())[:MOTS_MAXIMUM]
    entier = compact(texte) if mots and len(texte.split()) > 1 and any(c.isdigit() for c in texte) else None
    return Requete(mots, tuple(noms), tuple(donnees), entier)


def email_requete(lu: Requete) -> Requete | None:
    """The same search read as the beginning of an e-mail, when a single word may be one."""
    if len(lu.bruts) != 1 or lu.donnees:
        return None
    return Requete(donnees=(Donnee((("email", compact(lu.bruts[0])),)),))


# --- units --------------------------------------------------------------------------------


def _units(mots: Sequence[str], aujourdhui: date) -> Iterator[str]:
    """The words typed, those that make one datum joined: a phone in pairs, « 7 octobre 1982 »."""
    chiffres, i = "", 0
    while i < len(mots):
        trois = " ".join(mots[i : i + 3])
        en_lettres = len(mots[i : i + 3]) == 3 and mots[i + 1].isalpha() and parse_date(trois, aujourdhui)
        est_chiffres = bool(_CHIFFRES.match(mots[i])) and not en_lettres
        if chiffres and not (est_chiffres and _goes_on(chiffres, mots[i], aujourdhui)):
            yield chiffres
            chiffres = ""
        if en_lettres:
            yield trois
            i += 2
        elif est_chiffres:
            chiffres += mots[i]
        else:
            yield mots[i]
        i += 1
    if chiffres:
        yield chiffres


def _goes_on(chiffres: str, suite: str, aujourdhui: date) -> bool:
    """Whether these digits may be more of the same number."""
    if not re.fullmatch(r"\+?[\d()]+", chiffres + suite.replace(".", "")):
        return False
    complet = len(chiffres) == 10 if chiffres.startswith("0") else len(chiffres) == 12 and chiffres.startswith("+33")
    annee = suite.startswith("0") and len(chiffres) == 4 and parse_date(chiffres, aujourdhui)
    return not (complet or annee)


# --- data ---------------------------------------------------------------------------------


def parse_date(texte: str, aujourdhui: date) -> str | None:
    """A birth date as it is typed in a search, None when it is none.

    A year of two digits is the latest one that is not to come: what is looked for is shown.
    """
    texte = texte.replace(".", "/")
    essais = [texte]
    if court := _DEUX_CHIFFRES.match(texte):
        essais = [f"{court[1]}{siecle}{court[2]}" for siecle in (20, 19)]
    for essai in essais:
        try:
            return parse_date_naissance(essai, aujourdhui)
        except SaisieRefusee:
            continue
    return None


def near_dates(naissance: str) -> frozenset[str]:
    """The full dates that a slip makes of this one: day and month exchanged, one digit wrong, two
    neighbouring digits exchanged. Empty for a partial date."""
    if len(naissance) != 10:
        return frozenset()
    chiffres = naissance.replace("-", "")
    essais = {chiffres[:i] + c + chiffres[i + 1 :] for i in range(8) for c in "0123456789"}
    essais |= {chiffres[:i] + chiffres[i + 1] + chiffres[i] + chiffres[i + 2 :] for i in range(7)}
    proches = {f"{e[:4]}-{e[4:6]}-{e[6:]}" for e in essais} | {swap_day_month(naissance) or naissance}
    return frozenset(p for p in proches - {naissance} if _exists(p))


def _exists(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _read_digits(mot: str, aujourdhui: date) -> list[Donnee]:
    """What a word with digits may be: a date, a phone or its beginning or its end, a dossier."""
    lectures: list[tuple[str, str]] = []
    jour = parse_date(mot, aujourdhui) if _DATE.match(mot) or " " in mot else None
    if jour:
        lectures.append(("naissance", jour))
    nus = re.sub(r"[^\d+]", "", mot)
    if _CHIFFRES.match(mot):
        lectures += [("telephone", cle) for cle in _phone_keys(nus)]
    if (dossier := key_dossier(mot)) and " " not in mot:
        lectures.append(("dossier", dossier))
    if not lectures:
        return []
    if jour:
        amorce = ("date_naissance", show_naissance(jour))
    elif _DATE.match(mot) and re.search(r"[/.-]", mot):
        amorce = ("date_naissance", mot)  # a date that does not exist: the form says so
    elif lectures[0][0] == "telephone" and nus.startswith(("0", "+")):
        amorce = ("telephone", mot)
    else:
        amorce = ("numero_dossier", mot)
    return [Donnee(tuple(lectures), amorce, inacheve=not jour and bool(_INACHEVE.match(mot)))]


def _phone_keys(nus: str) -> Iterator[str]:
    """The beginnings of phone keys that these digits may be; eight digits are a whole key too."""
    if nus.startswith(("0", "+")) and len(nus) >= 4 and (debut := key_prefix_telephone(nus)):
        yield debut
    if len(nus) == 8 and nus.isdigit():
        yield nus


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


def _email_key(mot: str) -> str:
    """How the key of an e-mail begins that was typed whole or up to somewhere after its @."""
    fin = "" if mot.partition("@")[2] else "x"
    return key_email(mot + fin).removesuffix(fin)
