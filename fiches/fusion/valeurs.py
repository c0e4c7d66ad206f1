"""From lines and ticks to the values of the resulting fiche, and what is given up (PURE, F3, F21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fiches.fusion.deces import death_of
from fiches.fusion.etat import COTES, Cote, FicheLue, Lecture, other
from fiches.fusion.lignes import CHAMPS_DE_LIGNE, DEUX_COCHES, Ecart, Ligne, Refus, show_groupe
from fiches.usagers.champs import COLONNES, Valeur, check_noms
from fiches.usagers.rules import same_value

TELEPHONES = ("telephone", "telephone_2")


@dataclass(frozen=True)
class Abandon:
    """A value that the result does not keep. `recherche`: it stays findable as a former one (F21)."""

    libelle: str
    valeur: str
    recherche: bool


@dataclass(frozen=True)
class PlanValeurs:
    """The resulting columns, what becomes a former name or address, and what is lost."""

    valeurs: Mapping[str, Valeur]
    prenom_pas_encore_donne: bool
    nom_unique: bool
    email_tiers: bool
    protegee: bool
    identite: str
    decede_le: datetime | None
    cree_le: datetime
    noms_anciens: tuple[tuple[str | None, str | None], ...]
    contacts_anciens: tuple[tuple[str, str], ...]
    contacts_retires: tuple[int, ...]  # rows of ancien_contact that are current again, or double
    abandons: tuple[Abandon, ...]
    refus: tuple[Refus, ...]


def plan_valeurs(lecture: Lecture, lignes: Mapping[str, Ligne], survivant: Cote) -> PlanValeurs:
    """The fields of the result. Refuses two ticks on an either/or line, a third phone, a missing name."""
    a, b = lecture.a, lecture.b
    valeurs: dict[str, Valeur] = dict.fromkeys(COLONNES)
    for nom, ligne in lignes.items():
        cote = _side(ligne, lecture)
        for champ in CHAMPS_DE_LIGNE[nom]:
            valeurs[champ] = None if cote is None else lecture.cote(cote).valeurs[champ]
    principal, second, tiers = _phones(lecture, lignes, survivant)
    valeurs["telephone"], valeurs["telephone_2"] = principal, second
    sans_prenom = valeurs["prenom"] is None and (a.prenom_pas_encore_donne or b.prenom_pas_encore_donne)
    incomplet = valeurs["prenom"] is None or valeurs["nom"] is None
    nom_unique = incomplet and (a.nom_unique or b.nom_unique)
    email = valeurs["email"]
    return PlanValeurs(
        valeurs=valeurs,
        prenom_pas_encore_donne=sans_prenom,
        nom_unique=nom_unique,
        email_tiers=email is not None and any(f.email_tiers and f.valeurs["email"] == email for f in (a, b)),
        protegee=a.protegee or b.protegee,
        identite=_identity(a, b),
        decede_le=death_of(lecture),
        cree_le=min(a.cree_le, b.cree_le),
        noms_anciens=_former_names(lecture, valeurs),
        contacts_anciens=_former_contacts(lecture, valeurs),
        contacts_retires=_useless_contacts(lecture, valeurs, survivant),
        abandons=_given_up(lecture, lignes, valeurs),
        refus=_refusals(lignes, valeurs, sans_prenom, nom_unique, tiers),
    )


def _side(ligne: Ligne, lecture: Lecture) -> Cote | None:
    """The side whose value is kept; while two are ticked, the older fiche's stands in."""
    if len(ligne.coches) == 2:
        return lecture.older
    return next(iter(ligne.coches), None)


def _phones(lecture: Lecture, lignes: Mapping[str, Ligne], survivant: Cote) -> tuple[Valeur, Valeur, str | None]:
    """Main phone, second phone, and the third that finds no room (F21).

    With both main phones ticked the survivor's is the main one.
    """
    ordre = (survivant, other(survivant))
    numeros: dict[str, list[Valeur]] = {nom: [] for nom in TELEPHONES}
    for nom in TELEPHONES:
        ligne = lignes.get(nom)
        if ligne is not None and not ligne.trop_cochee:
            numeros[nom] = [v for c in ordre if c in ligne.coches and (v := lecture.cote(c).valeurs[nom]) is not None]
    principal, *suite = numeros["telephone"] or [None]
    seconds = [v for v in dict.fromkeys([*suite, *numeros["telephone_2"]]) if v != principal]
    tiers = show_groupe({"telephone_2": seconds[1]}, ("telephone_2",)) if len(seconds) > 1 else None
    return principal, seconds[0] if seconds else None, tiers


def _identity(a: FicheLue, b: FicheLue) -> str:
    genres = {a.identite, b.identite}
    if "franceconnect" in genres:
        return "franceconnect"
    return "declaree" if genres == {"declaree"} else "agent"


def _former_names(lecture: Lecture, valeurs: Mapping[str, Valeur]) -> tuple[tuple[str | None, str | None], ...]:
    """The names of either side that the result no longer bears, once each (F21)."""
    connus = [(n.prenom, n.nom) for c in COTES for n in lecture.cote(c).anciens_noms]
    anciens: list[tuple[str | None, str | None]] = []
    for c in sorted(COTES, key=lambda c: lecture.cote(c).anciennete):
        v = lecture.cote(c).valeurs
        prenom, nom, naissance = (_text(v[n]) for n in ("prenom", "nom", "nom_naissance"))
        if not all(same_value(n, v[n], valeurs[n]) or v[n] is None for n in ("prenom", "nom")):
            anciens.append((prenom, nom))
        restes = [valeurs["nom_naissance"], valeurs["nom"]]
        if naissance is not None and not any(same_value("nom", naissance, r) for r in restes):
            anciens.append((None, naissance))
    uniques: list[tuple[str | None, str | None]] = []
    for prenom, nom in anciens:
        if not any(same_value("prenom", prenom, p) and same_value("nom", nom, n) for p, n in [*connus, *uniques]):
            uniques.append((prenom, nom))
    return tuple(uniques)


def _text(valeur: Valeur) -> str | None:
    return None if valeur is None else str(valeur)


def _contacts(valeurs: Mapping[str, Valeur]) -> set[tuple[str, str]]:
    genres = (("email", "email"), ("telephone", "telephone"), ("telephone", "telephone_2"))
    return {(genre, str(valeurs[nom])) for genre, nom in genres if valeurs[nom] is not None}


def _former_contacts(lecture: Lecture, valeurs: Mapping[str, Valeur]) -> tuple[tuple[str, str], ...]:
    """The addresses that the result no longer has: never written to, still searched (F21)."""
    connus = {(x.genre, x.valeur) for c in COTES for x in lecture.cote(c).anciens_contacts}
    eus = _contacts(lecture.a.valeurs) | _contacts(lecture.b.valeurs)
    return tuple(sorted(eus - _contacts(valeurs) - connus))


def _useless_contacts(lecture: Lecture, valeurs: Mapping[str, Valeur], survivant: Cote) -> tuple[int, ...]:
    gardes = {(x.genre, x.valeur) for x in lecture.cote(survivant).anciens_contacts}
    actuels = _contacts(valeurs)
    retires = [x.id for c in COTES for x in lecture.cote(c).anciens_contacts if (x.genre, x.valeur) in actuels]
    retires += [x.id for x in lecture.cote(other(survivant)).anciens_contacts if (x.genre, x.valeur) in gardes]
    return tuple(sorted(set(retires)))


def _given_up(lecture: Lecture, lignes: Mapping[str, Ligne], valeurs: Mapping[str, Valeur]) -> tuple[Abandon, ...]:
    abandons = []
    for nom, ligne in lignes.items():
        if ligne.ecart is Ecart.IDENTIQUE:
            continue
        for c in sorted(COTES, key=lambda c: lecture.cote(c).anciennete):
            texte = ligne.a if c == "a" else ligne.b
            if texte and not _kept(nom, lecture.cote(c).valeurs, valeurs):
                recherche = nom in ("prenom", "nom", "nom_naissance", "email", *TELEPHONES)
                abandons.append(Abandon(ligne.libelle, texte, recherche))
    return tuple(abandons)


def _kept(nom: str, cote: Mapping[str, Valeur], valeurs: Mapping[str, Valeur]) -> bool:
    if nom in TELEPHONES:
        return cote[nom] in (valeurs["telephone"], valeurs["telephone_2"])
    return all(cote[champ] == valeurs[champ] for champ in CHAMPS_DE_LIGNE[nom])


def _refusals(
    lignes: Mapping[str, Ligne], valeurs: Mapping[str, Valeur], sans_prenom: bool, nom_unique: bool, tiers: str | None
) -> tuple[Refus, ...]:
    refus = [Refus(ligne.nom, DEUX_COCHES) for ligne in lignes.values() if ligne.trop_cochee]
    for nom in check_noms(valeurs["prenom"], valeurs["nom"], sans_prenom, nom_unique):
        refus.append(Refus(nom, f"Le {'prénom' if nom == 'prenom' else 'nom'} est obligatoire : cochez un côté."))
    if tiers is not None:
        ligne = "telephone_2" if "telephone_2" in lignes else "telephone"
        texte = f"Une fiche garde deux numéros au plus, et le {tiers} serait le troisième : décochez-en un."
        refus.append(Refus(ligne, texte))
    return tuple(refus)
