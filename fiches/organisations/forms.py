"""The form of an organisation's settings."""

from typing import Any

from wtforms import Form, StringField, ValidationError

from fiches.identite import SaisieRefusee, clean_text, parse_telephone, show_telephone
from fiches.organisations.reglages import RAPPEL_HEURE_MAXIMUM, RAPPEL_JOURS_MAXIMUM, Reglages


def read_entier(brut: str | None, minimum: int, maximum: int, quoi: str) -> int:
    """A whole number as typed; raises SaisieRefusee with the bounds."""
    texte = clean_text(brut, 100) or ""
    if not texte.isascii() or not texte.isdecimal() or len(texte) > 6 or not minimum <= int(texte) <= maximum:
        raise SaisieRefusee(f"Écrivez {quoi}, de {minimum} à {maximum}.")
    return int(texte)


class ReglagesForm(Form):  # type: ignore[misc]
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
        super().__init__(formdata, data={nom: str(v) for nom, v in montres.items()})

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

    def reglages(self) -> Reglages:
        """The domain value."""
        return Reglages(**self._lus)  # type: ignore[arg-type]
