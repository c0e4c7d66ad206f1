"""The reasons of a judgement in words that an agent can read (PURE, R5, R7)."""

from dataclasses import dataclass
from typing import Literal

from fiches.doublons.comparisons import Niv, is_compound
from fiches.doublons.examen import Examen
from fiches.doublons.personne import Personne
from fiches.doublons.poids import CONTACT_FAMILIAL

Sens = Literal["pour", "proche", "contre"]


@dataclass(frozen=True, slots=True)
class Motif:
    """One reason. `code` is what the queue keeps (never a value), `texte` what is shown."""

    code: str
    sens: Sens
    texte: str


# Levels whose text names no value: (field, level) → reason.
_TEXTES: dict[tuple[str, Niv], Motif] = {
    ("naissance", Niv.EGAL): Motif("naissance_egale", "pour", "même date de naissance"),
    ("naissance", Niv.INVERSE): Motif("naissance_inversee", "proche", "jour et mois de naissance inversés"),
    ("naissance", Niv.FAUTE): Motif("naissance_proche", "proche", "date de naissance proche"),
    ("naissance", Niv.PARTIEL): Motif("naissance_partielle", "proche", "dates de naissance compatibles"),
    ("naissance", Niv.ANNEE): Motif("naissance_differente", "contre", "dates de naissance différentes (même année)"),
    ("naissance", Niv.DIFFERENT): Motif("naissance_differente", "contre", "dates de naissance différentes"),
    ("telephone", Niv.EGAL): Motif("telephone_egal", "pour", "même téléphone"),
    ("telephone", Niv.FAUTE): Motif("telephone_proche", "proche", "téléphone à un chiffre près"),
    ("telephone", Niv.DIFFERENT): Motif("telephone_different", "contre", "téléphones différents"),
    ("email", Niv.EGAL): Motif("email_egal", "pour", "même adresse e-mail"),
    ("email", Niv.FAUTE): Motif("email_proche", "proche", "adresse e-mail proche"),
    ("email", Niv.DIFFERENT): Motif("email_different", "contre", "adresses e-mail différentes"),
    ("adresse", Niv.EGAL): Motif("adresse_egale", "pour", "même adresse"),
}
_ORDRE = {"pour": 0, "proche": 1, "contre": 2}


def reasons(saisie: Personne, fiche: Personne, examen: Examen) -> tuple[Motif, ...]:
    """Every reason for and against, those for first; names lead."""
    motifs = [
        *_name_reasons(saisie, fiche, examen),
        _TEXTES.get(("naissance", examen.naissance)),
        _contact_reason("telephone", examen.telephone, examen.partage_telephone),
        _contact_reason("email", examen.email, examen.partage_email),
        _TEXTES.get(("adresse", examen.adresse)),
    ]
    if examen.noms_naissance_differents:
        motifs.append(Motif("noms_naissance_differents", "contre", "noms de naissance différents"))
    if examen.lies:
        motifs.append(Motif("lies", "contre", "liés comme proche et responsable"))
    return tuple(sorted((m for m in motifs if m is not None), key=lambda m: _ORDRE[m.sens]))


def _name_reasons(saisie: Personne, fiche: Personne, examen: Examen) -> list[Motif | None]:
    if examen.memes_noms:
        return [Motif("noms_egaux", "pour", "mêmes prénom et nom")]
    if examen.inverses:
        exact = examen.nom is Niv.EGAL and examen.prenom is Niv.EGAL
        suite = "" if exact else " et proches"
        return [Motif("noms_inverses", "proche", f"nom et prénom inversés{suite}")]
    return [_first_name_reason(saisie, fiche, examen), _surname_reason(saisie, fiche, examen)]


def _first_name_reason(saisie: Personne, fiche: Personne, examen: Examen) -> Motif | None:
    ancien = examen.noms.ancien_prenom
    if ancien is not None:
        return Motif("ancien_prenom", "proche", f"ancien prénom\u00a0: {ancien.brut}")
    deux = f"{saisie.prenom} / {fiche.prenom}"
    match examen.prenom:
        case Niv.EGAL:
            return Motif("prenom_egal", "pour", "même prénom")
        case Niv.INCONNU:
            return None
        case Niv.DIFFERENT:
            return Motif("prenom_different", "contre", "prénoms différents")
        case Niv.SURNOM:
            return Motif("prenom_surnom", "proche", f"autre forme du prénom\u00a0: {deux}")
        case Niv.PARTIE if is_compound(saisie.prenom) or is_compound(fiche.prenom):
            return Motif("prenom_partie", "proche", f"prénom en partie le même\u00a0: {deux}")
    if examen.deux_prenoms:
        return Motif("prenoms_voisins", "contre", f"deux prénoms qui se ressemblent\u00a0: {deux}")
    return Motif("prenom_proche", "proche", f"prénom proche\u00a0: {deux}")


def _surname_reason(saisie: Personne, fiche: Personne, examen: Examen) -> Motif | None:
    if examen.noms.autre_nom is not None:
        return _other_name_reason(saisie, fiche, examen)
    deux = f"{saisie.nom} / {fiche.nom}"
    match examen.nom:
        case Niv.EGAL:
            return Motif("nom_egal", "pour", "même nom")
        case Niv.INCONNU:
            return None
        case Niv.DIFFERENT:
            return Motif("nom_different", "contre", "noms différents")
        case Niv.PARTIE:
            return Motif("nom_partie", "proche", f"nom en partie le même\u00a0: {deux}")
    return Motif("nom_proche", "proche", f"nom proche\u00a0: {deux}")


def _other_name_reason(saisie: Personne, fiche: Personne, examen: Examen) -> Motif:
    paire = examen.noms.autre_nom or ()
    bruts = [lu.brut for lu in paire]
    quoi = "nom de naissance" if {saisie.nom_naissance, fiche.nom_naissance}.intersection(bruts) else "ancien nom"
    egal = examen.nom is Niv.EGAL
    texte = f"{quoi}\u00a0: {bruts[1]}" if egal else f"{quoi} proche\u00a0: {bruts[0]} / {bruts[1]}"
    return Motif("nom_naissance" if quoi == "nom de naissance" else "ancien_nom", "proche", texte)


def _contact_reason(champ: str, niveau: Niv, partage: int) -> Motif | None:
    motif = _TEXTES.get((champ, niveau))
    if motif is None or niveau is not Niv.EGAL or partage <= CONTACT_FAMILIAL:
        return motif
    return Motif(f"{champ}_partage", "proche", f"{motif.texte}, mais sur les fiches de {partage} personnes")
