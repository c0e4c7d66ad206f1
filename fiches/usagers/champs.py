"""The fields of a fiche, declared once (PURE).

Forms, CSV, the fiche, the merge and the journal all take names, labels, order and limits
from this table; `read_champ` is the one place where a typed value is judged (R1, R3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fiches import identite
from fiches.identite import SaisieRefusee

NOM_MAXIMUM = 200  # characters in a name; R3
REMARQUES_MAXIMUM = 10_000
NOMBRE_ENFANTS_MAXIMUM = 40


class Genre(StrEnum):
    """How a field is typed, judged and shown."""

    TEXTE = "texte"
    NAISSANCE = "naissance"
    EMAIL = "email"
    TELEPHONE = "telephone"
    CODE_POSTAL = "code_postal"
    CHOIX = "choix"
    NOMBRE = "nombre"
    LONG = "long"


@dataclass(frozen=True)
class Champ:
    """One field. `groupe` is the section of the form; `choix` maps a stored value to its label."""

    nom: str
    libelle: str
    genre: Genre
    groupe: str
    maximum: int = NOM_MAXIMUM
    choix: Mapping[str, str] | None = None
    aide: str | None = None
    autocomplete: str = "off"


def _same(*valeurs: str) -> dict[str, str]:
    return {valeur: valeur for valeur in valeurs}


CAISSES = _same("aucune", "CAF", "MSA")
SITUATIONS = _same("célibataire", "en couple", "marié", "pacsé", "séparé", "divorcé", "veuf")
LOGEMENTS = _same("locataire", "propriétaire", "en accession à la propriété", "hébergé", "SDF", "autre")

CHAMPS: tuple[Champ, ...] = (
    Champ("prenom", "Prénom", Genre.TEXTE, "identite"),
    Champ("nom", "Nom", Genre.TEXTE, "identite"),
    Champ("nom_naissance", "Nom de naissance", Genre.TEXTE, "identite"),
    Champ(
        "date_naissance",
        "Date de naissance",
        Genre.NAISSANCE,
        "identite",
        40,
        aide="jj/mm/aaaa, ou seulement l’année",
    ),
    Champ("telephone", "Téléphone", Genre.TELEPHONE, "contact", 60),
    Champ("email", "E-mail", Genre.EMAIL, "contact", 320),
    Champ("telephone_2", "Second téléphone", Genre.TELEPHONE, "plus", 60),
    Champ("adresse", "Adresse", Genre.TEXTE, "plus"),
    Champ("complement_adresse", "Complément d’adresse", Genre.TEXTE, "plus"),
    Champ("code_postal", "Code postal", Genre.CODE_POSTAL, "plus", 10),
    Champ("ville", "Ville", Genre.TEXTE, "plus"),
    Champ("caisse_affiliation", "Caisse d’affiliation", Genre.CHOIX, "plus", choix=CAISSES),
    Champ("numero_allocataire", "Numéro d’allocataire", Genre.TEXTE, "plus", 50),
    Champ("situation_familiale", "Situation familiale", Genre.CHOIX, "plus", choix=SITUATIONS),
    Champ("nombre_enfants", "Nombre d’enfants", Genre.NOMBRE, "plus"),
    Champ("logement", "Logement", Genre.CHOIX, "plus", choix=LOGEMENTS),
    Champ("numero_dossier", "Numéro de dossier", Genre.TEXTE, "plus", 100),
    Champ("remarques", "Remarques", Genre.LONG, "plus", REMARQUES_MAXIMUM),
)
CHAMP = {champ.nom: champ for champ in CHAMPS}
NOMS_CHAMPS = tuple(CHAMP)

# Remarques belong to an organisation, so they are no column of the fiche itself.
COLONNES = tuple(nom for nom in NOMS_CHAMPS if nom != "remarques")

# The fields that can raise a duplicate warning (R5).
CHAMPS_COMPARES = ("prenom", "nom", "nom_naissance", "date_naissance", "email", "telephone", "telephone_2")

# What decides by which way an usager hears of RDVs (R19).
CHAMPS_NOTIFIES = ("email", "telephone", "notif_email", "notif_sms")

Valeur = str | int | None

# Digits, and letters for other countries' codes (« SW1A 1AA », « L-1009 »).
_CODE_POSTAL = re.compile(r"^(?=.*[0-9])[0-9A-Za-z]+(?:[ -][0-9A-Za-z]+)*$")


def read_champ(champ: Champ, brut: str | None, aujourdhui: date) -> Valeur:
    """The clean value of a typed text, None when it is empty. Raises SaisieRefusee."""
    match champ.genre:
        case Genre.NAISSANCE:
            return identite.parse_date_naissance(brut, aujourdhui)
        case Genre.EMAIL:
            return identite.parse_email(brut)
        case Genre.TELEPHONE:
            return identite.parse_telephone(brut)
        case Genre.LONG:
            return identite.clean_text(brut, champ.maximum, multiline=True)
    texte = identite.clean_text(brut, champ.maximum)
    if texte is None:
        return None
    match champ.genre:
        case Genre.CHOIX:
            return _read_choix(champ, texte)
        case Genre.NOMBRE:
            return _read_nombre(texte)
        case Genre.CODE_POSTAL if not _CODE_POSTAL.match(texte):
            raise SaisieRefusee("Code postal incorrect : il s’écrit comme 71100.")
    if champ.nom in ("prenom", "nom", "nom_naissance") and not identite.normal(texte):
        raise SaisieRefusee("Ce nom ne contient aucune lettre.")
    return texte


def _read_choix(champ: Champ, texte: str) -> str:
    for valeur in champ.choix or {}:
        if identite.normal(valeur) == identite.normal(texte):
            return valeur
    admis = ", ".join((champ.choix or {}).values())
    raise SaisieRefusee(f"Choix inconnu. Possibles : {admis}.")


def _read_nombre(texte: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,100}", texte):
        raise SaisieRefusee("Écrivez un nombre entier.")
    nombre = int(texte)
    if nombre < 0:
        raise SaisieRefusee("Ce nombre ne peut pas être négatif.")
    if nombre > NOMBRE_ENFANTS_MAXIMUM:
        raise SaisieRefusee(f"Ce nombre est trop grand : {NOMBRE_ENFANTS_MAXIMUM} au plus.")
    return nombre


def check_noms(prenom: object, nom: object, prenom_pas_encore_donne: bool, nom_unique: bool) -> dict[str, str]:
    """What is missing of the two mandatory names, by field (R1).

    « Prénom pas encore donné » stands for the prénom, « N'a qu'un seul nom » for either one
    of the two; neither stands for both.
    """
    erreurs: dict[str, str] = {}
    if nom is None and not (nom_unique and prenom is not None):
        erreurs["nom"] = "Indiquez le nom, ou cochez « N’a qu’un seul nom » si la personne n’en a qu’un."
    if prenom is None and not (prenom_pas_encore_donne or (nom_unique and nom is not None)):
        erreurs["prenom"] = "Indiquez le prénom, ou cochez « Prénom pas encore donné »."
    return erreurs
