"""The forms of a motif and of a lieu. A field that was not posted keeps its value."""

from collections.abc import Callable
from typing import Any

from wtforms import StringField, ValidationError

from fiches.identite import SaisieRefusee, clean_text, normal
from fiches.organisations.forms import FormDate, read_entier
from fiches.rdvs.reglages import (
    ADRESSE_MAXIMUM,
    DUREE_MAXIMUM,
    DUREE_MINIMUM,
    NOM_MAXIMUM,
    VISIBILITES,
    LieuSaisi,
    MotifSaisi,
    NomPris,
)
from fiches.web.wtf import Bascule

MOTIF_NOUVEAU = MotifSaisi("", "visible_notifie", 30, False, False)
LIEU_NOUVEAU = LieuSaisi("", None)


class _Reglage(FormDate):
    """Holds what was read beside what was typed."""

    nom = StringField("Nom")

    def __init__(self, formdata: Any, actuel: MotifSaisi | LieuSaisi) -> None:
        self.lus: dict[str, Any] = dict(vars(actuel))
        montres = {nom: v if isinstance(v, bool) or v is None else str(v) for nom, v in self.lus.items()}
        super().__init__(formdata, self.lus, montres)

    def validate_nom(self, field: StringField) -> None:
        """A name with a letter or a digit in it."""
        self.read("nom", field, _read_nom)
        if not self.lus["nom"]:
            raise ValidationError("Donnez un nom.")

    def read(self, nom: str, field: StringField, lire: Callable[[str | None], Any]) -> None:
        """Keep the clean value, or say beside the field why it is none."""
        if not field.raw_data:
            return
        try:
            self.lus[nom] = lire(field.data)
        except SaisieRefusee as refus:
            raise ValidationError(str(refus)) from None

    def en_mots(self, nom: str, valeur: Any) -> str:
        """A visibility by its name, a tick as one."""
        if isinstance(valeur, bool):
            return "coché" if valeur else "non coché"
        return VISIBILITES[valeur][0] if nom == "visibilite" else super().en_mots(nom, valeur)

    def refuse_name(self, refus: NomPris, quoi: str) -> None:
        """Say beside the name that another has it."""
        suite = "\u00a0: il est archivé, reprenez-le." if refus.archive else "."
        self.nom.errors = [f"Un autre {quoi} de l’organisation porte déjà ce nom{suite}"]


class MotifForm(_Reglage):
    """What an RDV is about."""

    visibilite = StringField("Qui en est informé")  # drawn as radio buttons
    duree = StringField("Durée proposée, en minutes")
    dire_motif = Bascule("Écrire le nom du motif dans les messages")
    dire_service = Bascule("Écrire le nom du service et du lieu dans les messages")

    def validate_visibilite(self, field: StringField) -> None:
        """One of R17's three."""
        if field.raw_data and field.data not in VISIBILITES:
            raise ValidationError("Choisissez une des trois visibilités.")

    def validate_duree(self, field: StringField) -> None:
        """In minutes."""
        self.read("duree", field, lambda b: read_entier(b, DUREE_MINIMUM, DUREE_MAXIMUM, "un nombre de minutes"))

    def motif(self) -> MotifSaisi:
        """The domain value."""
        lus = dict(self.lus)
        if self.visibilite.raw_data:
            lus["visibilite"] = self.visibilite.data
        for champ in (self.dire_motif, self.dire_service):
            if champ.reponse is not None:
                lus[champ.name] = champ.reponse
        return MotifSaisi(**lus)


class LieuForm(_Reglage):
    """Where RDVs take place."""

    adresse = StringField("Adresse")

    def validate_adresse(self, field: StringField) -> None:
        """On one line."""
        self.read("adresse", field, lambda b: clean_text(b, ADRESSE_MAXIMUM))

    def lieu(self) -> LieuSaisi:
        """The domain value."""
        return LieuSaisi(**self.lus)


def _read_nom(brut: str | None) -> str | None:
    nom = clean_text(brut, NOM_MAXIMUM)
    if nom is not None and not normal(nom):
        raise SaisieRefusee("Ce nom ne contient aucune lettre.")
    return nom
