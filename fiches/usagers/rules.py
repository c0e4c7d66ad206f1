"""Rules of the fiche (PURE): préférences and their lock (R18), names shown, who may be read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fiches import identite


@dataclass(frozen=True)
class Preference:
    """One channel: whether it is on, who set it ('agent' or 'usager') and when."""

    active: bool
    auteur: str
    le: datetime | None


@dataclass(frozen=True)
class Preferences:
    """Both channels of a fiche."""

    email: Preference
    sms: Preference

    def locked_since(self) -> datetime | None:
        """When the usager last set them, None while agents may still (R18).

        One act of the usager locks both switches.
        """
        dates = [p.le for p in (self.email, self.sms) if p.auteur == "usager" and p.le is not None]
        return max(dates) if dates else None

    @property
    def locked(self) -> bool:
        """Whether agents can no longer change them; every way in asks this (R18)."""
        return "usager" in (self.email.auteur, self.sms.auteur)


class PreferencesVerrouillees(Exception):
    """The usager has set their préférences: no agent, import or merge changes them (R18)."""


def check_preferences_open(preferences: Preferences) -> None:
    """Raise PreferencesVerrouillees when an agent may not change them (R18)."""
    if preferences.locked:
        raise PreferencesVerrouillees


# What attaching a fiche of another service opens (R10): identity and contact. The rest stays
# with whoever wrote it, until this service writes it itself.
OUVERTS_PAR_RATTACHEMENT = frozenset(
    (
        *("prenom", "nom", "nom_naissance", "date_naissance"),
        *("telephone", "telephone_2", "email", "adresse", "complement_adresse", "code_postal", "ville"),
        "remarques",  # each service has its own
    )
)
RAISONS_R10 = ("demande_usager", "orientation", "accueil_commun")


def closed_fields(raisons: Collection[str], remplis: Collection[str], ecrits_ici: Collection[str]) -> frozenset[str]:
    """The filled fields that a service may not read (R10).

    `raisons`: why the agent's organisations are attached; `remplis`: fields that hold a value;
    `ecrits_ici`: fields these organisations wrote themselves. A service that made the fiche reads all.
    """
    if any(raison not in RAISONS_R10 for raison in raisons):
        return frozenset()
    return frozenset(remplis) - OUVERTS_PAR_RATTACHEMENT - frozenset(ecrits_ici)


def full_name(prenom: str | None, nom: str | None, prenom_pas_encore_donne: bool = False) -> str:
    """The name in one line, as typed: « Jeanne Dupont », « (prénom à venir) Dupont »."""
    premier = prenom or ("(prénom à venir)" if prenom_pas_encore_donne else None)
    return " ".join(p for p in (premier, nom) if p)


def show_naissance(naissance: str | None) -> str:
    """A stored birth date as read: « 14/03/1984 », « 03/1984 », « 1984 », '' when unknown (R3)."""
    return "/".join(reversed((naissance or "").split("-")))


def show_age(naissance: str | None, aujourdhui: date) -> str:
    """« 42 ans », « 7 mois » under two years, « 12 jours » under two months, '' when unknown."""
    age = identite.age_on(naissance, aujourdhui)
    if age is None or naissance is None:
        return ""
    if age >= 2:
        return f"{age} ans"
    ne_le = date.fromisoformat(naissance)
    mois = (aujourdhui.year - ne_le.year) * 12 + aujourdhui.month - ne_le.month - (aujourdhui.day < ne_le.day)
    jours = (aujourdhui - ne_le).days
    return f"{mois} mois" if mois >= 2 else f"{jours} jour{'s' * (jours > 1)}"


def of_nom(nom: str) -> str:
    """« de Paul », « d’Agathe »: the name after « de », elided before a vowel."""
    return f"d’{nom}" if identite.normal(nom)[:1] in tuple("aeiouy") else f"de {nom}"


def join_words(mots: Sequence[str]) -> str:
    """« A, B et C »."""
    return " et ".join(filter(None, (", ".join(mots[:-1]), *mots[-1:])))


def same_value(nom_champ: str, a: object, b: object) -> bool:
    """Whether two values of a field are written alike (F3): accents, case, spaces, phone format."""
    if a is None or b is None:
        return a is b
    if nom_champ in ("date_naissance", "telephone", "telephone_2", "nombre_enfants"):
        return a == b
    if nom_champ == "email":
        return str(a).lower() == str(b).lower()
    if nom_champ == "remarques":
        return " ".join(str(a).split()) == " ".join(str(b).split())
    return identite.compact(str(a)) == identite.compact(str(b))
