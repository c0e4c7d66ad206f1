"""One record of the imaginary population, with the truth about it (PURE)."""

from dataclasses import dataclass


@dataclass(slots=True)
class Enregistrement:
    """A fiche as somebody typed it. Fields named as those of a fiche hold clean values
    (birth dates as ISO text, phones in E.164); the others are the truth that matching must find.

    `personne`: records with the same number are one person. `foyer`: records of one household.
    `original`, `erreur`: for a duplicate, the rank of the first record and what went wrong.
    `piege`, `piege_avec`: for a hard non-duplicate (R7), its kind and the rank of its look-alike.
    `responsable`: rank of the record that accompanies this one (R26).
    """

    rang: int
    personne: int
    foyer: int
    sexe: str
    prenom: str
    nom: str
    nom_naissance: str | None = None
    date_naissance: str | None = None
    email: str | None = None
    telephone: str | None = None
    telephone_2: str | None = None
    adresse: str | None = None
    complement_adresse: str | None = None
    code_postal: str | None = None
    ville: str | None = None
    caisse_affiliation: str | None = None
    numero_allocataire: str | None = None
    situation_familiale: str | None = None
    nombre_enfants: int | None = None
    logement: str | None = None
    ancien_nom: str | None = None
    responsable: int | None = None
    original: int | None = None
    erreur: str | None = None
    piege: str | None = None
    piege_avec: int | None = None
