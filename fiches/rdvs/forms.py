"""The forms of RDVs and créneaux: plain WTForms, choices passed in, what was typed always kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, StringField, ValidationError

from fiches.dates import JOURS
from fiches.identite import SaisieRefusee
from fiches.rdvs.creneaux import SERIE_JOURS, Serie
from fiches.rdvs.moments import check_jour, make_debut, parse_duree, parse_heure, parse_jour
from fiches.rdvs.rules import Issue
from fiches.rdvs.saisie import Choix, Reponses, SaisieRdv
from fiches.usagers.saisie import read_id
from fiches.web.wtf import Bascule

PARTICIPANTS_MAXIMUM = 30  # in one RDV
MOTS_MAXIMUM = 200  # answers and ids read from one hidden field


@dataclass(frozen=True)
class Note:
    """What is written under a field."""

    aide: str | None = None


class ChampLu(StringField):  # type: ignore[misc]
    """A field typed on one line and read by a function; the clean value is `valeur`."""

    valeur: Any = None

    def __init__(
        self, label: str, lire: Callable[[str | None], Any], *, obligatoire: str | None = None, aide: str | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **kwargs)
        self.lire, self.obligatoire, self.champ = lire, obligatoire, Note(aide)

    def pre_validate(self, form: Any) -> None:
        try:
            self.valeur = self.lire(self.data)
        except SaisieRefusee as refus:
            raise ValidationError(str(refus)) from None
        if self.valeur is None and self.obligatoire:
            raise ValidationError(self.obligatoire)


class ChampListe(StringField):  # type: ignore[misc]
    """An id chosen from a list that is passed in; anything else comes back with a sentence."""

    valeur: int | None = None

    def __init__(self, label: str, *, obligatoire: str | None = None, aide: str | None = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.obligatoire, self.champ = obligatoire, Note(aide)
        self.choices: dict[str, str] = {}

    def offer(self, choix: Mapping[int, str]) -> None:
        """What may be chosen."""
        self.choices = {"": "—"} | {str(i): libelle for i, libelle in choix.items()}

    def pre_validate(self, form: Any) -> None:
        brut = (self.data or "").strip()
        if brut and brut not in self.choices:
            raise ValidationError("Ce choix n’existe pas ou n’est plus proposé.")
        self.valeur = int(brut) if brut else None
        if self.valeur is None and self.obligatoire:
            raise ValidationError(self.obligatoire)


class ChampIds(Field):  # type: ignore[misc]
    """Ids of check boxes of one name, in the order sent; what is no id counts as unknown."""

    data: tuple[int, ...]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = tuple(dict.fromkeys(i for v in valuelist if (i := read_id(v)) is not None))

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise ValidationError("Choisissez au moins une personne.")
        if len(self.data) > PARTICIPANTS_MAXIMUM:
            raise ValidationError(f"{PARTICIPANTS_MAXIMUM} personnes au plus dans un RDV.")


class ChampMots(Field):  # type: ignore[misc]
    """Words sent under one name, several times or separated by spaces. `data` is None when none was."""

    data: frozenset[str] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = frozenset(" ".join(valuelist).split()[:MOTS_MAXIMUM]) if valuelist else None


class _Choisi(Form):  # type: ignore[misc]
    """What RDVs and series have in common: an agent, a motif, a lieu, a duration."""

    agent = ChampListe("Agent", obligatoire="Choisissez l’agent.")
    motif = ChampListe("Motif", obligatoire="Choisissez le motif.")
    lieu = ChampListe("Lieu")
    duree = ChampLu("Durée en minutes", parse_duree, aide="Vide : la durée habituelle du motif.")

    def __init__(self, formdata: Any, choix: Choix, aujourdhui: date, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(formdata, data=data)
        self.choix, self.aujourdhui = choix, aujourdhui
        self.agent.offer(choix.agents)
        self.motif.offer(choix.motifs_montres())
        self.lieu.offer(choix.lieux)

    @property
    def minutes(self) -> int:
        """The duration typed, or the motif's usual one."""
        return int(self.duree.valeur or self.choix.durees.get(self.motif.valeur or 0, 30))


class RdvForm(_Choisi):
    """An RDV as typed; `debut` once date and hour can be read."""

    date = ChampLu("Date", parse_jour, obligatoire="Indiquez la date.", aide="Par exemple 14/03/2027.")
    heure = ChampLu("Heure", parse_heure, obligatoire="Indiquez l’heure.", aide="Par exemple 9:30.")
    usagers = ChampIds("Participants", default=())
    ne_pas_prevenir = Bascule("Ne pas prévenir de ce RDV")
    avis = HiddenField()
    vus = ChampMots()
    confirmer = ChampMots()
    version = HiddenField()
    debut: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate each field, then the moment as a whole."""
        valide = bool(super().validate(extra_validators))
        if self.date.errors or self.heure.errors:
            return False
        try:
            jour, heure = check_jour(self.date.valeur, self.aujourdhui), self.heure.valeur
        except SaisieRefusee as refus:
            self.date.errors = [str(refus)]
            return False
        try:
            self.debut = make_debut(jour, heure)
        except SaisieRefusee as refus:
            self.heure.errors = [str(refus)]
            return False
        return valide

    def forget_blanks(self) -> None:
        """Say nothing of what was simply not typed yet (while looking, not saving)."""
        for champ in self:
            if champ.errors and not champ.data:
                champ.errors = []

    def saisie(self) -> SaisieRdv | None:
        """The domain value, None while something that it needs is missing or wrong."""
        if (
            self.debut is None
            or not self.agent.valeur
            or not self.motif.valeur
            or self.lieu.errors
            or self.duree.errors
        ):
            return None
        return SaisieRdv(
            self.agent.valeur, self.motif.valeur, self.lieu.valeur, self.debut, self.minutes,
            bool(self.ne_pas_prevenir.data),
        )  # fmt: skip

    def reponses(self) -> Reponses:
        """What was shown and confirmed."""
        return Reponses(self.avis.data or "", self.confirmer.data or frozenset(), self.vus.data)

    def version_lue(self) -> int:
        """The version the form was drawn from, -1 when it says none."""
        brut = (self.version.data or "").strip()
        return int(brut) if brut.isascii() and brut.isdecimal() and len(brut) < 10 else -1


class SerieForm(_Choisi):
    """Créneaux to open: days, days of the week, hours."""

    du = ChampLu("Du", parse_jour, obligatoire="Indiquez le premier jour.", aide="Par exemple 14/03/2027.")
    au = ChampLu("Au", parse_jour, obligatoire="Indiquez le dernier jour.")
    jours = ChampMots("Jours de la semaine")
    de = ChampLu("De", parse_heure, obligatoire="Indiquez l’heure de début.", aide="Par exemple 9:00.")
    a = ChampLu("À", parse_heure, obligatoire="Indiquez l’heure de fin.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate each field, then that there is a stretch of days and hours."""
        super().validate(extra_validators)
        if not self._jours():
            self.jours.errors = ["Cochez au moins un jour."]
        if not self.du.errors and self.du.valeur < self.aujourdhui:
            self.du.errors = ["Ce jour est passé."]
        if not self.au.errors and not self.du.errors:
            self._check_au()
        if not self.a.errors and not self.de.errors and self.a.valeur <= self.de.valeur:
            self.a.errors = ["L’heure de fin doit venir après l’heure de début."]
        return not any(champ.errors for champ in self)

    def _check_au(self) -> None:
        if self.au.valeur < self.du.valeur:
            self.au.errors = ["Le dernier jour doit venir après le premier."]
        elif (self.au.valeur - self.du.valeur).days >= SERIE_JOURS:
            self.au.errors = ["Une série s’étend sur un an au plus."]
        else:
            try:
                check_jour(self.au.valeur, self.aujourdhui)
            except SaisieRefusee as refus:
                self.au.errors = [str(refus)]

    def _jours(self) -> frozenset[int]:
        return frozenset(JOURS.index(j) for j in (self.jours.data or ()) if j in JOURS)

    def serie(self) -> Serie:
        """The domain value of a valid form."""
        debut: time = self.de.valeur
        return Serie(
            self.agent.valeur or 0, self.motif.valeur or 0, self.lieu.valeur, self.du.valeur, self.au.valeur,
            self._jours(), debut, self.a.valeur, self.minutes,
        )  # fmt: skip


class AnnulationForm(Form):  # type: ignore[misc]
    """The cancelling of an RDV: whether people are told, and the preview that was seen."""

    ne_pas_prevenir = Bascule("Ne pas prévenir de cette annulation")
    avis = HiddenField()

    def reponses(self) -> Reponses:
        """What was shown."""
        return Reponses(self.avis.data or "")


def read_issues(envoi: MultiDict[str, str]) -> tuple[dict[int, str | None], int] | None:
    """Outcome by participation and the version the form was drawn from, None when something sent is neither
    an outcome nor empty."""
    issues: dict[int, str | None] = {}
    for nom, valeur in envoi.items():
        if not nom.startswith("issue_"):
            continue
        participation = read_id(nom.removeprefix("issue_"))
        if participation is None or valeur not in ("", *Issue):
            return None
        issues[participation] = valeur or None
    version = read_id(envoi.get("version"))
    return issues, -1 if version is None else version
