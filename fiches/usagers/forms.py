"""The form of a fiche: the same fields to create and to modify."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from wtforms import Form, HiddenField

from fiches.doublons.personne import Personne
from fiches.usagers.champs import CHAMPS, CHAMPS_COMPARES, CHAMPS_NOTIFIES, NOMS_CHAMPS, check_noms
from fiches.usagers.rules import same_value
from fiches.usagers.saisie import CHANGEMENTS_NOM, DRAPEAUX, Saisie
from fiches.web.wtf import Bascule, Question, make_field

CANDIDATS_MAXIMUM = 200  # ids accepted in the hidden field `candidats`


class _Form(Form):  # type: ignore[misc]
    aujourdhui: date


class UsagerForm(
    type("_Champs", (_Form,), {champ.nom: make_field(champ) for champ in CHAMPS})  # type: ignore[misc]
):
    """What an agent types about a person; `masques` are the fields the organisation does not use."""

    prenom_pas_encore_donne = Bascule("Prénom pas encore donné")
    nom_unique = Bascule("N’a qu’un seul nom")
    email_tiers = Bascule("C’est l’adresse d’un tiers (proche, service…)")
    notif_email = Bascule("Par e-mail", default=True)  # on for a new fiche, address or not (R18)
    notif_sms = Bascule("Par SMS", default=True)
    changement_nom = Question("Le nom change", choices=CHANGEMENTS_NOM, validate_choice=False)
    autre_personne = Bascule("C’est une autre personne")
    candidats = HiddenField()
    version = HiddenField()

    def __init__(
        self,
        formdata: Any = None,
        *,
        aujourdhui: date,
        masques: Collection[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.aujourdhui = aujourdhui
        super().__init__(formdata, data=data)
        for nom in masques:
            if nom in NOMS_CHAMPS:
                del self[nom]

    def validate_creation(self) -> bool:
        """Validate, the names being mandatory (R1)."""
        return self._validate_with(None)

    def validate_modification(self, actuel: Mapping[str, Any]) -> bool:
        """Validate against the present fiche: names that were not posted are those it has.

        When a name becomes another one, the form asks why (R14); a form that does not hold the
        question (a script) makes a correction.
        """
        valide = self._validate_with(actuel)
        if valide and self.changement_nom.posee and not self.changement_nom.data and self._renames(actuel):
            self.changement_nom.errors = ["Est-ce une correction, ou la personne a-t-elle changé de nom ?"]
            return False
        return valide

    def _renames(self, actuel: Mapping[str, Any]) -> bool:
        return any(
            actuel[nom] is not None and self[nom].present and not same_value(nom, actuel[nom], self[nom].valeur)
            for nom in ("prenom", "nom")
        )

    def _validate_with(self, actuel: Mapping[str, Any] | None) -> bool:
        self.validate()

        def present_or_former(nom: str) -> Any:
            champ = self[nom]
            if champ.present:
                return champ.data if isinstance(champ, Bascule) else champ.valeur
            return actuel[nom] if actuel else None

        noms = [present_or_former(n) for n in ("prenom", "nom", "prenom_pas_encore_donne", "nom_unique")]
        for nom, erreur in check_noms(noms[0], noms[1], bool(noms[2]), bool(noms[3])).items():
            if not self[nom].errors:
                self[nom].errors = [erreur]
        return not any(champ.errors for champ in self)

    def saisie(self) -> Saisie:
        """The domain value, of the fields that were posted and are in order."""
        changement = self.changement_nom.data or ""
        return Saisie(
            valeurs={n: self[n].valeur for n in NOMS_CHAMPS if n in self and self[n].present and not self[n].errors},
            drapeaux={n: bool(self[n].reponse) for n in DRAPEAUX if self[n].present},
            notif_email=self.notif_email.reponse,
            notif_sms=self.notif_sms.reponse,
            changement_nom=changement if changement in CHANGEMENTS_NOM else "correction",
        )

    def contacts(self) -> dict[str, Any]:
        """Of what decides who hears of RDVs, what was posted and is in order (R14)."""
        saisie = self.saisie()
        tous = {**saisie.valeurs, "notif_email": saisie.notif_email, "notif_sms": saisie.notif_sms}
        return {
            nom: tous[nom]
            for nom in CHAMPS_NOTIFIES
            if nom in tous and (nom in saisie.valeurs or tous[nom] is not None)
        }

    def personne(self, actuel: Mapping[str, Any] | None = None) -> Personne:
        """Who is being typed, for the matching: what cannot be read yet counts as not typed."""
        lu: dict[str, Any] = {}
        for nom in (*CHAMPS_COMPARES, "adresse", "code_postal"):
            champ = self._fields.get(nom)
            if champ is None or not champ.present:
                lu[nom] = actuel[nom] if actuel else None
                continue
            if not champ.errors and champ.valeur is None:
                champ.validate(self)
            lu[nom] = None if champ.errors else champ.valeur
        unique = self.nom_unique.reponse
        lu["nom_unique"] = bool(actuel and actuel["nom_unique"]) if unique is None else unique
        return make_personne(lu)

    def typed(self) -> dict[str, str]:
        """What was typed in each field that was posted, as it was typed."""
        return {n: (self[n].data or "").strip() for n in NOMS_CHAMPS if n in self and self[n].present}

    def candidats_vus(self) -> frozenset[int] | None:
        """The ids that were on the page when the tick was made, None when it does not say (R9)."""
        brut = self.candidats.raw_data
        if not brut:
            return None
        mots = " ".join(brut).replace(",", " ").split()[:CANDIDATS_MAXIMUM]
        return frozenset(int(m) for m in mots if m.isdecimal() and len(m) < 11)

    def version_lue(self) -> int | None:
        """The version the form was drawn from; None without one, -1 when it is nonsense."""
        brut = (self.version.data or "").strip()
        if not brut:
            return None
        return int(brut) if brut.isdecimal() and len(brut) < 11 else -1


def make_personne(lu: Mapping[str, Any]) -> Personne:
    """Who these clean values describe, for the matching."""
    return Personne(
        prenom=lu.get("prenom"),
        nom=lu.get("nom"),
        nom_naissance=lu.get("nom_naissance"),
        naissance=lu.get("date_naissance"),
        emails=tuple(e for e in (lu.get("email"),) if e),
        telephones=tuple(t for t in (lu.get("telephone"), lu.get("telephone_2")) if t),
        adresse=lu.get("adresse"),
        code_postal=lu.get("code_postal"),
        nom_unique=bool(lu.get("nom_unique")),
    )
