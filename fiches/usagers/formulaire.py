"""The form of a fiche as drawn for modifying: the present values, what is proposed beside
them, and what somebody else changed meanwhile."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from fiches.acces.rules import Contexte
from fiches.usagers.champs import COLONNES, NOMS_CHAMPS
from fiches.usagers.forms import UsagerForm
from fiches.usagers.models import Remarque, Usager
from fiches.usagers.presentation import show_value
from fiches.usagers.queries import preferences_of
from fiches.usagers.rules import same_value
from fiches.usagers.saisie import DRAPEAUX

# Names under which a proposal travels: the value typed elsewhere, and the tick that takes it.
PROPOSE = "propose_"
REMPLACER = "remplacer"


@dataclass(frozen=True)
class Formulaire:
    """`propositions`: field → value typed elsewhere that a tick would take (R5).
    `conflits`: field → what somebody else saved there meanwhile (R14)."""

    form: UsagerForm
    actuel: Mapping[str, Any]
    version: int
    verrou: datetime | None
    propositions: Mapping[str, str] = field(default_factory=dict)
    conflits: Mapping[str, str] = field(default_factory=dict)
    perime: bool = False
    propose: bool = False

    @classmethod
    def of_fiche(cls, masques: Collection[str], usager: Usager, actuel: Mapping[str, Any], jour: date) -> "Formulaire":
        """The form filled with the fiche as it is."""
        return _make(cls, masques, usager, actuel, jour, None)

    @classmethod
    def of_proposal(
        cls, masques: Collection[str], usager: Usager, actuel: Mapping[str, Any], typed: MultiDict[str, str], jour: date
    ) -> "Formulaire":
        """The fiche with what was typed on another form beside it: empty fields are filled,
        nothing is replaced without a tick (R5)."""
        saisi = UsagerForm(typed, aujourdhui=jour, masques=masques)
        saisi.validate()
        filled, propositions = dict(actuel), {}
        for nom, brut in saisi.typed().items():
            champ = saisi[nom]
            if not brut or (not champ.errors and same_value(nom, champ.valeur, actuel[nom])):
                continue
            if actuel[nom] is None and not champ.errors:
                filled[nom] = champ.valeur
            else:
                propositions[nom] = brut
        drawn = _make(cls, masques, usager, filled, jour, None, propositions=propositions, propose=True)
        return cls(**{**drawn.__dict__, "actuel": actuel})

    @classmethod
    def of_post(
        cls, masques: Collection[str], usager: Usager, actuel: Mapping[str, Any], typed: MultiDict[str, str], jour: date
    ) -> "Formulaire":
        """The form as it was sent; ticked proposals take the place of the fields' values."""
        pris = MultiDict(typed)
        for nom in typed.getlist(REMPLACER):
            if nom in NOMS_CHAMPS and PROPOSE + nom in typed:
                pris[nom] = typed[PROPOSE + nom]
        restant = {
            n: typed[PROPOSE + n] for n in NOMS_CHAMPS if PROPOSE + n in typed and pris.get(n) != typed[PROPOSE + n]
        }
        return _make(cls, masques, usager, actuel, jour, pris, propositions=restant)

    @classmethod
    def of_stale(
        cls, masques: Collection[str], usager: Usager, actuel: Mapping[str, Any], typed: MultiDict[str, str], jour: date
    ) -> "Formulaire":
        """What was typed, with what the fiche holds now beside each field that differs (R14)."""
        drawn = cls.of_post(masques, usager, actuel, typed, jour)
        drawn.form.validate()
        conflits = {
            nom: show_value(nom, actuel[nom]) or "(vide)"
            for nom in drawn.form.typed()
            if drawn.form[nom].valeur != actuel[nom]
        }
        return cls(**{**drawn.__dict__, "conflits": conflits, "perime": True})


def _make(
    cls: type[Formulaire],
    masques: Collection[str],
    usager: Usager,
    shown: Mapping[str, Any],
    jour: date,
    typed: MultiDict[str, str] | None,
    **more: Any,
) -> Formulaire:
    data = {nom: show_value(nom, shown[nom]) for nom in NOMS_CHAMPS} | {
        nom: shown[nom] for nom in (*DRAPEAUX, "notif_email", "notif_sms")
    }
    form = UsagerForm(typed, aujourdhui=jour, masques=masques, data=data)
    verrou = preferences_of(usager).locked_since()
    return cls(form=form, actuel=shown, version=usager.version, verrou=verrou, **more)


def values_of(session: Session, contexte: Contexte, usager: Usager) -> dict[str, Any]:
    """The present values of a fiche by field name, the organisation's own remarques included."""
    remarque = session.get(Remarque, (usager.id, contexte.organisation_id))
    names = (*COLONNES, *DRAPEAUX, "notif_email", "notif_sms")
    return {nom: getattr(usager, nom) for nom in names} | {"remarques": remarque.texte if remarque else None}
