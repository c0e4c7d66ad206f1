"""What goes wrong when a fiche is typed a second time: the errors of R6, one function each (PURE).

Each function takes a record and returns the fields as mistyped, or None when the error does
not apply to this record (no accent to forget, no birth name…).
"""

import random
import re
import unicodedata
from collections.abc import Callable

from fiches.demo.personnes import Enregistrement
from fiches.demo.tirage import read_noms

Champs = dict[str, str | None]
Erreur = Callable[[Enregistrement, random.Random], Champs | None]

PARTICULES = re.compile(r"^(de |du |des |d['’]|le |la |el |ben |da |dos |ait )", re.IGNORECASE)

# Writings that sound alike, tried in random order.
_HOMOPHONES = (
    ("ph", "f"), ("th", "t"), ("eau", "o"), ("ault", "aut"), ("ck", "k"), ("ch", "sh"), ("y", "i"), ("qu", "k"),
    ("ai", "é"), ("an", "en"), ("in", "ain"), ("ss", "s"), ("ll", "l"), ("nn", "n"), ("tt", "t"), ("mm", "m"),
    ("rr", "r"), ("c", "k"), ("z", "s"), ("x", "ks"), ("ie", "i"), ("i", "y"), ("au", "o"),
)  # fmt: skip
_LETTRES = "aeiourstnlmpdc"


def strip_accents(texte: str) -> str:
    """The text without its accents; other letters stay."""
    return "".join(c for c in unicodedata.normalize("NFD", texte) if not unicodedata.combining(c))


def _accents(e: Enregistrement, hasard: random.Random) -> Champs | None:
    prenom, nom = strip_accents(e.prenom), strip_accents(e.nom)
    return {"prenom": prenom, "nom": nom} if (prenom, nom) != (e.prenom, e.nom) else None


def _casse(e: Enregistrement, hasard: random.Random) -> Champs | None:
    return {"prenom": e.prenom if hasard.random() < 0.5 else e.prenom.upper(), "nom": e.nom.upper()}


def _trait_union(e: Enregistrement, hasard: random.Random) -> Champs | None:
    if "-" in e.prenom:
        return {"prenom": e.prenom.replace("-", hasard.choice((" ", "")), 1).capitalize()}
    return {"nom": e.nom.replace(" ", "-")} if " " in e.nom else None


def _particule(e: Enregistrement, hasard: random.Random) -> Champs | None:
    trouve = PARTICULES.match(e.nom)
    if not trouve:
        return None
    reste = e.nom[trouve.end() :]
    return {"nom": reste if hasard.random() < 0.5 else e.nom.replace(" ", "").capitalize()}


def _prenom_compose(e: Enregistrement, hasard: random.Random) -> Champs | None:
    morceaux = re.split(r"[- ]", e.prenom)
    return {"prenom": morceaux[0]} if len(morceaux) > 1 else None


def _surnom(e: Enregistrement, hasard: random.Random) -> Champs | None:
    formes = read_noms().surnoms.get(e.prenom)
    return {"prenom": hasard.choice(formes)} if formes else None


def _typo(texte: str, hasard: random.Random) -> str:
    """One letter dropped, doubled, replaced or added, never the first one."""
    i = hasard.randrange(1, len(texte))
    lettre = hasard.choice(_LETTRES)
    sorte = hasard.randrange(4)
    if sorte == 0 and len(texte) > 3:
        return texte[:i] + texte[i + 1 :]
    if sorte == 1:
        return texte[:i] + texte[i] + texte[i:]
    if sorte == 2:
        return texte[:i] + lettre + texte[i + 1 :]
    return texte[:i] + lettre + texte[i:]


def _mistyped(texte: str, hasard: random.Random, fois: int = 1) -> str | None:
    """The text with `fois` typos, None when it is too short to stay recognisable."""
    if len(texte) < 4 + fois:
        return None
    faux = texte
    while faux.lower() == texte.lower():
        faux = texte
        for _ in range(fois):
            faux = _typo(faux, hasard)
    return faux


def _faute_prenom(e: Enregistrement, hasard: random.Random) -> Champs | None:
    faux = _mistyped(e.prenom, hasard)
    return {"prenom": faux} if faux else None


def _faute_nom(e: Enregistrement, hasard: random.Random) -> Champs | None:
    faux = _mistyped(e.nom, hasard)
    return {"nom": faux} if faux else None


def _deux_fautes(e: Enregistrement, hasard: random.Random) -> Champs | None:
    if hasard.random() < 0.5 and (faux := _mistyped(e.nom, hasard, 2)):
        return {"nom": faux}
    prenom, nom = _mistyped(e.prenom, hasard), _mistyped(e.nom, hasard)
    return {"prenom": prenom, "nom": nom} if prenom and nom else None


def _transposition(e: Enregistrement, hasard: random.Random) -> Champs | None:
    champ = hasard.choice(("prenom", "nom"))
    texte: str = getattr(e, champ)
    places = [i for i in range(1, len(texte) - 1) if texte[i] != texte[i + 1] and texte[i : i + 2].isalpha()]
    if not places:
        return None
    i = hasard.choice(places)
    return {champ: texte[:i] + texte[i + 1] + texte[i] + texte[i + 2 :]}


def _homophone(e: Enregistrement, hasard: random.Random) -> Champs | None:
    for champ in hasard.sample(("prenom", "nom"), 2):
        texte: str = getattr(e, champ)
        bas = texte.lower()
        for avant, apres in hasard.sample(_HOMOPHONES, len(_HOMOPHONES)):
            if avant != apres and avant in bas[1:]:
                i = bas.index(avant, 1)
                return {champ: texte[:i] + apres + texte[i + len(avant) :]}
    return None


def _inversion(e: Enregistrement, hasard: random.Random) -> Champs | None:
    return {"prenom": e.nom, "nom": e.prenom}


def _nom_naissance(e: Enregistrement, hasard: random.Random) -> Champs | None:
    if not e.nom_naissance or e.nom_naissance == e.nom:
        return None
    return {"nom": e.nom_naissance, "nom_naissance": None}


def _ancien_nom(e: Enregistrement, hasard: random.Random) -> Champs | None:
    return {"nom": e.ancien_nom, "nom_naissance": None} if e.ancien_nom else None


def _jour_mois(e: Enregistrement, hasard: random.Random) -> Champs | None:
    annee, mois, jour = _parts(e.date_naissance)
    if not jour or int(jour) > 12 or jour == mois:
        return None
    return {"date_naissance": f"{annee}-{jour}-{mois}"}


def _chiffre_date(e: Enregistrement, hasard: random.Random) -> Champs | None:
    annee, mois, jour = _parts(e.date_naissance)
    if not jour:
        return None
    if hasard.random() < 0.5:
        autre = 1 + (int(jour) - 1 + hasard.choice((1, 10, -1))) % 28
        return {"date_naissance": f"{annee}-{mois}-{autre:02d}"}
    autre = int(annee) - hasard.choice((1, 2, 10))
    return {"date_naissance": f"{autre}-{mois}-{min(int(jour), 28):02d}"}


def _date_partielle(e: Enregistrement, hasard: random.Random) -> Champs | None:
    annee, mois, jour = _parts(e.date_naissance)
    return {"date_naissance": hasard.choice((annee, f"{annee}-{mois}"))} if jour else None


def _chiffre_telephone(e: Enregistrement, hasard: random.Random) -> Champs | None:
    if not e.telephone:
        return None
    i = hasard.randrange(len(e.telephone) - 4, len(e.telephone))
    chiffre = str((int(e.telephone[i]) + hasard.randrange(1, 10)) % 10)
    return {"telephone": e.telephone[:i] + chiffre + e.telephone[i + 1 :]}


def _incomplet(e: Enregistrement, hasard: random.Random) -> Champs | None:
    vides: tuple[str, ...] = ("date_naissance", "adresse", "code_postal", "ville", "nom_naissance")
    return dict.fromkeys(vides) if e.email or e.telephone else None


def _identique(e: Enregistrement, hasard: random.Random) -> Champs | None:
    return {}


def _parts(naissance: str | None) -> tuple[str, str, str]:
    annee, mois, jour = [*(naissance or "").split("-"), "", "", ""][:3]
    return annee, mois, jour


# The kinds in the order in which they take turns: rare occasions first, so that none is missed.
ERREURS: dict[str, Erreur] = {
    "ancien_nom": _ancien_nom,
    "particule": _particule,
    "trait_union": _trait_union,
    "prenom_compose": _prenom_compose,
    "surnom": _surnom,
    "nom_naissance": _nom_naissance,
    "jour_mois": _jour_mois,
    "accents": _accents,
    "homophone": _homophone,
    "transposition": _transposition,
    "faute_prenom": _faute_prenom,
    "faute_nom": _faute_nom,
    "deux_fautes": _deux_fautes,
    "inversion": _inversion,
    "chiffre_date": _chiffre_date,
    "chiffre_telephone": _chiffre_telephone,
    "date_partielle": _date_partielle,
    "casse": _casse,
    "incomplet": _incomplet,
    "identique": _identique,
}
ERREURS_RARES = ("ancien_nom", "particule", "trait_union", "prenom_compose", "surnom", "nom_naissance")
