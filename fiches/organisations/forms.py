"""The form of an organisation's settings."""

from collections.abc import Mapping
from typing import Any

from wtforms import Form, HiddenField, StringField, ValidationError

from fiches.identite import SaisieRefusee, clean_text, parse_telephone, show_telephone
from fiches.organisations.reglages import RAPPEL_HEURE_MAXIMUM, RAPPEL_JOURS_MAXIMUM, Reglages, etat_of


def read_entier(brut: str | None, minimum: int, maximum: int, quoi: str) -> int:
    """A whole number as typed; raises SaisieRefusee with the bounds."""
    texte = clean_text(brut, 100) or ""
    if not texte.isascii() or not texte.isdecimal() or len(texte) > 6 or not minimum <= int(texte) <= maximum:
        raise SaisieRefusee(f"Écrivez {quoi}, de {minimum} à {maximum}.")
    return int(texte)


class FormDate(Form):  # type: ignore[misc]
    """A form of settings that says what it was drawn from; one that does not (a script) was drawn from
    what this request read. `conflits`: field → what was stored meanwhile, in words."""

    etat = HiddenField()
    perime = False  # whether something else is stored than what it was drawn from

    def __init__(self, formdata: Any, stockes: Mapping[str, Any], montres: Mapping[str, Any]) -> None:
        super().__init__(formdata, data={**montres, "etat": etat_of(stockes)})
        self.conflits: dict[str, str] = {}

    def face(self, stockes: Mapping[str, Any], saisis: Mapping[str, Any]) -> None:
        """Show what is stored now wherever something else was sent; saving again then goes through."""
        self.perime, self.etat.data = True, etat_of(stockes)
        self.conflits = {
            nom: self.en_mots(nom, valeur) or "—"
            for nom, valeur in stockes.items()
            if self[nom].raw_data and saisis[nom] != valeur
        }

    def en_mots(self, nom: str, valeur: Any) -> str:
        """A stored value as a person reads it."""
        return "" if valeur is None else str(valeur)


class ReglagesForm(FormDate):
    """The phone and the reminder; a field that was not posted keeps its value."""

    telephone = StringField("Téléphone du service")
    rappel_jours = StringField("Jours avant le rendez-vous")
    rappel_heure = StringField("Heure d’envoi")

    def __init__(self, formdata: Any, actuels: Reglages) -> None:
        self._lus = {
            "telephone": actuels.telephone,
            "rappel_jours": actuels.rappel_jours,
            "rappel_heure": actuels.rappel_heure,
        }
        montres = {**self._lus, "telephone": show_telephone(actuels.telephone)}
        super().__init__(formdata, self._lus, {nom: str(v) for nom, v in montres.items()})

    def validate_telephone(self, field: StringField) -> None:
        """A phone like any other (R3)."""
        self._read("telephone", field, parse_telephone)

    def validate_rappel_jours(self, field: StringField) -> None:
        """0: no reminder."""
        self._read("rappel_jours", field, lambda b: read_entier(b, 0, RAPPEL_JOURS_MAXIMUM, "un nombre de jours"))

    def validate_rappel_heure(self, field: StringField) -> None:
        """A whole hour."""
        self._read("rappel_heure", field, lambda b: read_entier(b, 0, RAPPEL_HEURE_MAXIMUM, "une heure entière"))

    def _read(self, nom: str, field: StringField, lire: Any) -> None:
        if not field.raw_data:
            return
        try:
            self._lus[nom] = lire(field.data)
        except SaisieRefusee as refus:
            raise ValidationError(str(refus)) from None

    def en_mots(self, nom: str, valeur: Any) -> str:
        """A phone is shown as it is typed."""
        return show_telephone(valeur) if nom == "telephone" else super().en_mots(nom, valeur)

    def reglages(self) -> Reglages:
        """The domain value."""
        return Reglages(**self._lus)  # type: ignore[arg-type]
