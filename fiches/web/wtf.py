"""Form pieces that every feature shares: plain WTForms, no request, no session."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, ValidationError

from fiches.identite import SaisieRefusee
from fiches.usagers.champs import Champ, Genre, Valeur, read_champ


class ChampMixin:
    """A field of the fiche: keeps what was typed in `data`, its clean value in `valeur`."""

    champ: Champ
    valeur: Valeur = None
    present = False  # whether the form posted it at all

    def __init__(self, champ: Champ, **kwargs: Any) -> None:
        super().__init__(champ.libelle, **kwargs)  # type: ignore[call-arg]
        self.champ = champ

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.present = True
            self.data = valuelist[0]

    def pre_validate(self, form: Any) -> None:
        if not self.present:
            return
        try:
            self.valeur = read_champ(self.champ, self.data, form.aujourdhui)
        except SaisieRefusee as refus:
            raise ValidationError(str(refus)) from None


class ChampTexte(ChampMixin, StringField):  # type: ignore[misc]
    """A field typed on one line."""


class ChampLong(ChampMixin, TextAreaField):  # type: ignore[misc]
    """A field typed on several lines."""


class ChampChoix(ChampMixin, SelectField):  # type: ignore[misc]
    """A field chosen from a list; an unknown choice comes back with what was sent."""

    def __init__(self, champ: Champ, **kwargs: Any) -> None:
        choices = {"": "—", **(champ.choix or {})}
        super().__init__(champ, choices=choices, validate_choice=False, **kwargs)


def make_field(champ: Champ) -> Any:
    """The unbound WTForms field of a field of the fiche."""
    match champ.genre:
        case Genre.CHOIX:
            return ChampChoix(champ)
        case Genre.LONG:
            return ChampLong(champ)
    return ChampTexte(champ)


class Bascule(BooleanField):  # type: ignore[misc]
    """A check box whose value is `oui`, with a hidden `non` before it: the last value counts.

    `present` is False when the form posted neither, so that the datum is left alone.
    """

    present = False
    brut = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.present = True
            self.brut = valuelist[-1]
            self.data = self.brut == "oui"

    def pre_validate(self, form: Any) -> None:
        if self.present and self.brut not in ("oui", "non", ""):
            raise ValidationError("Répondez par oui ou par non.")

    @property
    def reponse(self) -> bool | None:
        """True, False, or None when nothing was posted."""
        return bool(self.data) if self.present else None


class Question(RadioField):  # type: ignore[misc]
    """Radio buttons with a hidden empty value before them: the last value counts.

    `posee` tells whether the form held the question at all.
    """

    posee = False

    def process_formdata(self, valuelist: list[str]) -> None:
        self.posee = bool(valuelist)
        if valuelist:
            self.data = valuelist[-1] or None
