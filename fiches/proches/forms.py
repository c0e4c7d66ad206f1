"""Reading what the screens of links send. Nothing here is trusted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, RadioField, StringField, ValidationError

from fiches.identite import SaisieRefusee
from fiches.proches.rules import NATURES, LienVoulu, read_fin
from fiches.usagers.saisie import read_id

PROCHE, RESPONSABLE = "proche", "responsable"
PORTES = (PROCHE, RESPONSABLE)
RECHERCHE_MAXIMUM = 200  # characters


class LienForm(Form):  # type: ignore[misc]
    """Nature and end of a link, with the token of the preview that is being confirmed."""

    nature = RadioField("Nature du lien", choices=NATURES, validate_choice=False)
    fin = StringField("Fin du lien (facultatif)")
    avis = HiddenField()

    def __init__(self, formdata: Any = None, *, aujourdhui: date, data: dict[str, Any] | None = None) -> None:
        self.aujourdhui = aujourdhui
        self.fin_lue: date | None = None
        super().__init__(formdata, data=data)

    def validate_nature(self, champ: RadioField) -> None:
        """A nature that is sent is one of the two."""
        if champ.data and champ.data not in NATURES:
            raise ValidationError("Choisissez familial ou professionnel.")

    def validate_fin(self, champ: StringField) -> None:
        """A date that exists and is not over."""
        try:
            self.fin_lue = read_fin(champ.data, self.aujourdhui)
        except SaisieRefusee as refus:
            raise ValidationError(str(refus)) from None

    @property
    def avis_lu(self) -> str | None:
        """The token, None when the form held none (a script): then nothing was previewed."""
        return self.avis.data if self.avis.raw_data else None

    def voulu(self, proche_id: int, responsable_id: int) -> LienVoulu:
        """The domain value."""
        return LienVoulu(
            proche_id, responsable_id, self.nature.data or None, self.fin_lue, fin_connue=bool(self.fin.raw_data)
        )


@dataclass(frozen=True)
class Demande:
    """What the screen is asked for: which door, the fiche chosen there (INCONNU for nonsense), what
    was searched. `deux`: one was chosen in each door at once."""

    porte: str
    autre: int | None
    q: str
    deux: bool = False

    def ends(self, usager_id: int) -> tuple[int, int]:
        """Who is the proche and who the responsable, once a fiche is chosen."""
        autre = self.autre or 0
        return (autre, usager_id) if self.porte == PROCHE else (usager_id, autre)


def read_demande(valeurs: MultiDict[str, str]) -> Demande:
    """Read an address or a form; `lien` names the door when nobody is chosen yet."""
    proche, responsable = (read_id(valeurs.get(nom)) for nom in ("proche_id", "responsable_id"))
    porte = valeurs.get("lien", "")
    if responsable is not None:
        porte = RESPONSABLE
    elif proche is not None:
        porte = PROCHE
    return Demande(
        porte=porte if porte in PORTES else PROCHE,
        autre=responsable if responsable is not None else proche,
        q=valeurs.get("q", "").strip()[:RECHERCHE_MAXIMUM],
        deux=proche is not None and responsable is not None,
    )
