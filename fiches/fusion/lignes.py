"""The lines of the screen: one per value that can be chosen, with its default and why (PURE, F3, F4).

A line knows the two sides as shown, whether they differ, which sides are ticked, and why the
default is what it is. What a choice makes of the values is worked out in `valeurs.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fiches import identite
from fiches.fusion.ecritures import is_fuller
from fiches.fusion.etat import COTES, Choix, Cote, FicheLue, Lecture
from fiches.usagers.champs import CHAMP, COLONNES, Genre, Valeur
from fiches.usagers.rules import same_value, show_naissance

# A line that covers several fields: half from each side would be wrong.
GROUPES: dict[str, tuple[str, ...]] = {
    "adresse": ("adresse", "complement_adresse", "code_postal", "ville"),
    "caisse": ("caisse_affiliation", "numero_allocataire"),
}
LIBELLES_GROUPES = {"adresse": "Adresse", "caisse": "Caisse et numéro d’allocataire"}

# The lines of the fiche's own fields, in the order of the screen.
CHAMPS_DE_LIGNE: dict[str, tuple[str, ...]] = {}
for _nom in COLONNES:
    _groupe = next((g for g, noms in GROUPES.items() if _nom in noms), _nom)
    CHAMPS_DE_LIGNE.setdefault(_groupe, GROUPES.get(_groupe, (_nom,)))

# What FranceConnect certifies: locked when one side is verified (F20).
CHAMPS_VERIFIES = ("prenom", "nom", "nom_naissance", "date_naissance")


class Ecart(StrEnum):
    """How the two sides of a line relate, in the order in which lines are shown (F3)."""

    DIFFERENT = "different"
    UN_COTE = "un_cote"
    ECRITURE = "ecriture"
    IDENTIQUE = "identique"


LIBELLES_ECART = {
    Ecart.DIFFERENT: "différent",
    Ecart.UN_COTE: "d’un seul côté",
    Ecart.ECRITURE: "identique à l’écriture près",
    Ecart.IDENTIQUE: "identique",
}


@dataclass(frozen=True)
class Refus:
    """What stops the merge, in a sentence, and the line on which it can be mended ('' for none)."""

    ligne: str
    texte: str


A_CHOISIR = "à choisir"
FERME = "renseigné par un autre service"
DEUX_COCHES = "Les deux côtés sont cochés, un seul peut être gardé : décochez-en un."


@dataclass(frozen=True)
class Ligne:
    """One line. `plusieurs`: both sides may be kept; `verrou`: why nobody may choose, else ''."""

    nom: str
    libelle: str
    ecart: Ecart
    a: str
    b: str
    coches: frozenset[Cote]
    raison: str = ""
    plusieurs: bool = False
    verrou: str = ""

    @property
    def choisissable(self) -> bool:
        """Whether the line has boxes to tick."""
        return not self.verrou and self.ecart is not Ecart.IDENTIQUE

    @property
    def explication(self) -> str:
        """Why the default is what it is, or that there is none."""
        if not self.choisissable or not self.raison:
            return ""
        return self.raison if self.raison == A_CHOISIR else f"par défaut : {self.raison}"

    @property
    def trop_cochee(self) -> bool:
        """Whether both sides are ticked where only one can be kept."""
        return self.choisissable and not self.plusieurs and len(self.coches) == 2

    @property
    def semblable(self) -> bool:
        """Whether the line is shown among the similarities."""
        return self.ecart in (Ecart.ECRITURE, Ecart.IDENTIQUE)


def show_champ(nom: str, valeur: Valeur) -> str:
    """A stored value as the agent reads it, '' when there is none."""
    if valeur is None:
        return ""
    match CHAMP[nom].genre:
        case Genre.TELEPHONE:
            return identite.show_telephone(str(valeur))
        case Genre.NAISSANCE:
            return show_naissance(str(valeur))
    return str(valeur)


def show_groupe(valeurs: Mapping[str, Valeur], noms: tuple[str, ...]) -> str:
    """The parts of a line in one text: « 3 rue Neuve, 71100 Chalon »."""
    parts = {nom: show_champ(nom, valeurs[nom]) for nom in noms}
    if "code_postal" in parts:
        commune = " ".join(p for p in (parts.pop("code_postal"), parts.pop("ville")) if p)
        return ", ".join(p for p in (*parts.values(), commune) if p)
    return " ".join(p for p in parts.values() if p)


def show_side(fiche: FicheLue, noms: tuple[str, ...]) -> str:
    """What one fiche holds on a line, as this agent may read it (R10)."""
    return FERME if set(noms).intersection(fiche.fermes) else show_groupe(fiche.valeurs, noms)


def ecart_of(noms: tuple[str, ...], a: Mapping[str, Valeur], b: Mapping[str, Valeur]) -> Ecart | None:
    """How two sides relate on these fields; None when neither holds anything (F3)."""
    va, vb = [a[n] for n in noms], [b[n] for n in noms]
    vide_a, vide_b = all(v is None for v in va), all(v is None for v in vb)
    if vide_a and vide_b:
        return None
    if vide_a or vide_b:
        return Ecart.UN_COTE
    if va == vb:
        return Ecart.IDENTIQUE
    alike = all(same_value(n, x, y) for n, x, y in zip(noms, va, vb, strict=True))
    return Ecart.ECRITURE if alike else Ecart.DIFFERENT


def default_of(lecture: Lecture, noms: tuple[str, ...]) -> tuple[Cote | None, str]:
    """F4's default side of a line and its reason in words.

    A declared identity never wins by default, not even against nothing: then no side is ticked.
    """
    a, b = lecture.a, lecture.b
    remplis: list[Cote] = [c for c in COTES if any(lecture.cote(c).valeurs[n] is not None for n in noms)]
    if a.declaree != b.declaree:
        sure: Cote = "b" if a.declaree else "a"
        if sure not in remplis:
            return None, "identité déclarée : à cocher si elle est vérifiée"
        if len(remplis) == 2:
            return sure, "l’autre identité est seulement déclarée"
    if len(remplis) == 1:
        return remplis[0], "seul côté renseigné"
    dates = {c: _last_change(lecture.cote(c), noms) for c in COTES}
    par_usager = [c for c in COTES if dates[c][1]]
    if len(par_usager) == 1:
        return par_usager[0], "choisi par l’usager"
    complet = _more_complete(noms, a, b)
    if complet:
        return complet, "plus complet"
    da, db = dates["a"][0], dates["b"][0]
    if da != db and (da or db):
        recent: Cote = "a" if db is None or (da is not None and da > db) else "b"
        return recent, "plus récent"
    return lecture.older, "fiche la plus ancienne"


def _last_change(fiche: FicheLue, noms: tuple[str, ...]) -> tuple[datetime | None, bool]:
    connus = [c for n in noms if (c := (fiche.changements or {}).get(n)) is not None]
    if not connus:
        return None, False
    return max(c.le for c in connus), any(c.par_usager for c in connus)


def _more_complete(noms: tuple[str, ...], a: FicheLue, b: FicheLue) -> Cote | None:
    """The side that says what the other says, and more: a whole birth date against its year, the
    fuller spelling of a name."""
    tient = {
        c: all(_contains(n, grand.valeurs[n], petit.valeurs[n]) for n in noms)
        for c, grand, petit in (("a", a, b), ("b", b, a))
    }
    if tient["a"] and tient["b"]:
        return _better_written(noms, a, b)
    if tient["a"] == tient["b"]:
        return None
    return "a" if tient["a"] else "b"


def _better_written(noms: tuple[str, ...], a: FicheLue, b: FicheLue) -> Cote | None:
    mieux_a = any(is_fuller(n, a.valeurs[n], b.valeurs[n]) for n in noms)
    mieux_b = any(is_fuller(n, b.valeurs[n], a.valeurs[n]) for n in noms)
    if mieux_a == mieux_b:
        return None
    return "a" if mieux_a else "b"


def _contains(nom: str, grand: Valeur, petit: Valeur) -> bool:
    if petit is None or same_value(nom, grand, petit):
        return True
    return nom == "date_naissance" and grand is not None and str(grand).startswith(f"{petit}-")


def ticks(choix: Choix, ligne: str, defaut: Cote | None) -> frozenset[Cote]:
    """The sides that hold on a line: the agent's, else the default's."""
    coches = choix.on(ligne)
    if coches is None:
        return frozenset() if defaut is None else frozenset({defaut})
    return coches


def field_lines(lecture: Lecture, choix: Choix) -> dict[str, Ligne]:
    """The lines of the fiche's own fields, by name, in the order of the form."""
    lignes = {}
    for nom, noms in CHAMPS_DE_LIGNE.items():
        ecart = ecart_of(noms, lecture.a.valeurs, lecture.b.valeurs)
        if ecart is not None:
            lignes[nom] = _field_line(lecture, choix, nom, noms, ecart)
    return lignes


def _field_line(lecture: Lecture, choix: Choix, nom: str, noms: tuple[str, ...], ecart: Ecart) -> Ligne:
    defaut, raison = default_of(lecture, noms)
    coches = ticks(choix, nom, defaut)
    verrou = ""
    verifie: Cote = "a" if lecture.a.verifiee else "b"
    if nom in CHAMPS_VERIFIES and lecture.cote(verifie).verifiee and lecture.cote(verifie).valeurs[nom] is not None:
        coches, verrou, raison = frozenset({verifie}), "identité vérifiée par FranceConnect", ""
    elif ecart is Ecart.IDENTIQUE:
        coches, raison = frozenset({lecture.older}), ""
    elif ecart is Ecart.ECRITURE and not coches:
        coches = frozenset({defaut or lecture.older})
    return Ligne(
        nom=nom,
        libelle=LIBELLES_GROUPES.get(nom) or CHAMP[nom].libelle,
        ecart=ecart,
        a=show_side(lecture.a, noms),
        b=show_side(lecture.b, noms),
        coches=coches,
        raison=raison,
        plusieurs=nom == "telephone" and ecart is Ecart.DIFFERENT,
        verrou=verrou,
    )
