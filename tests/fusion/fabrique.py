"""Fiches as a merge reads them, for tests of the plan: the smallest ones that tell a story."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fiches.fusion.etat import (
    Changement,
    Choix,
    CompteLu,
    Cote,
    FicheLue,
    Lecture,
    Lien,
    Note,
    Personne,
    Presence,
)
from fiches.fusion.plan import PlanFusion, plan_fusion
from fiches.usagers.champs import COLONNES
from fiches.usagers.rules import Preference, Preferences

DEBUT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def une_fiche(id: int, *, anciennete: int = 0, prefs: Preferences | None = None, **tout: Any) -> FicheLue:
    """A fiche created `anciennete` days before the others, with these fields and links."""
    valeurs = {"prenom": "Jeanne", "nom": "Dupont"} | {n: tout.pop(n) for n in list(tout) if n in COLONNES}
    return FicheLue(
        id=id,
        version=1,
        cree_le=DEBUT - timedelta(days=anciennete),
        valeurs={nom: valeurs.get(nom) for nom in COLONNES},
        preferences=prefs or des_preferences(),
        **tout,
    )


def des_preferences(
    email: bool = True, sms: bool = True, auteur: str = "agent", jour: int | None = None
) -> Preferences:
    le = DEBUT + timedelta(days=jour) if jour is not None else None
    return Preferences(Preference(email, auteur, le), Preference(sms, auteur, le))


def des_cotes(**coches: str) -> Choix:
    """`des_cotes(nom="a", telephone="ab", email="")`: the sides ticked, line by line."""
    return Choix({ligne: frozenset[Cote](cotes) for ligne, cotes in coches.items()})  # type: ignore[arg-type]


def une_lecture(a: FicheLue, b: FicheLue, **tout: Any) -> Lecture:
    return Lecture(a, b, **({"ascendants": {}} | tout))


def un_plan(a: FicheLue, b: FicheLue, **coches: str) -> PlanFusion:
    """The plan of merging these two with these ticks."""
    return plan_fusion(une_lecture(a, b), des_cotes(**coches), DEBUT)


def un_lien(id: int, nom: str = "Paul Martin", nature: str = "familial", fin: date | None = None) -> Lien:
    return Lien(Personne(id, nom), nature, fin, DEBUT)


def une_presence(id: int, rdv: int, issue: str | None = None, jour: int = 0, **tout: Any) -> Presence:
    valeurs = {
        "organisation_id": 1,
        "debut": DEBUT + timedelta(days=jour),
        "duree": 30,
        "annule": False,
        "lisible": True,
        "libelle": f"RDV {rdv}",
    }
    return Presence(id=id, rdv_id=rdv, issue=issue, **(valeurs | tout))


def une_note(texte: str, organisation: int = 1, jour: int = 0, lisible: bool = True) -> Note:
    return Note(organisation, f"Service {organisation}", texte, DEBUT + timedelta(days=jour), lisible)


def un_compte(id: int, etat: str = "actif", ailleurs: int = 0) -> CompteLu:
    return CompteLu(id, f"compte{id}@exemple.test", etat, ailleurs)


def un_changement(jour: int, par_usager: bool = False) -> Changement:
    return Changement(DEBUT + timedelta(days=jour), par_usager)


AUCUN = des_cotes()
