"""What a merge reads of two fiches, as values (PURE).

`queries.read_fusion` fills these, `plan.plan_fusion` works on nothing else, and the `etat`
token (F9) is a digest of them: what is not here can neither be shown nor moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from fiches.notifications.plan import Ligne
from fiches.notifications.rules import Contact, RdvNotifie
from fiches.usagers.champs import Valeur
from fiches.usagers.rules import Preferences, full_name

Cote = Literal["a", "b"]
COTES: tuple[Cote, Cote] = ("a", "b")


def other(cote: Cote) -> Cote:
    """The side across."""
    return "b" if cote == "a" else "a"


@dataclass(frozen=True)
class Personne:
    """A fiche named in a link. Not `visible`: the agent may only learn that it exists (F7)."""

    id: int
    nom_complet: str
    visible: bool = True

    @property
    def nom(self) -> str:
        """The name as this agent may read it."""
        return self.nom_complet if self.visible else "une personne suivie par un autre service"


@dataclass(frozen=True)
class Changement:
    """The last deliberate change of a field: when, and whether the usager made it (F4)."""

    le: datetime
    par_usager: bool = False


@dataclass(frozen=True)
class Attache:
    """A rattachement. `nom` is what the agent may read: a discreet service is « un autre service » (R10)."""

    organisation_id: int
    nom: str
    cree_le: datetime
    lisible: bool  # one of the agent's own organisations


@dataclass(frozen=True)
class Suivi:
    """A référent and the organisation for which they follow the usager. Not `lisible`: of another
    service, counted and never named (R10); `nom` is then ''."""

    agent_id: int
    organisation_id: int
    nom: str
    lisible: bool = True


@dataclass(frozen=True)
class Note:
    """The remarques of one organisation."""

    organisation_id: int
    organisation: str
    texte: str
    modifie_le: datetime
    lisible: bool


@dataclass(frozen=True)
class Lien:
    """A proche–responsable link, seen from one of the two fiches: `autre` is who stands across."""

    autre: Personne
    nature: str
    fin: date | None
    cree_le: datetime
    confirme_le: date | None = None


@dataclass(frozen=True)
class Presence:
    """A participation, with what its RDV says. Not `lisible`: another organisation's, only counted (R13)."""

    id: int
    rdv_id: int
    organisation_id: int
    debut: datetime
    duree: int  # minutes
    annule: bool
    issue: str | None
    lisible: bool
    libelle: str  # « 12/03/2026 à 9 h 30, Entretien »; '' when it is not readable
    excuse_par: str | None = None  # of an excused one: None, an agent; 'usager'; 'deces'


@dataclass(frozen=True)
class CompteLu:
    """The compte that opens the fiche. `ailleurs`: how many fiches of other territoires it opens too."""

    id: int
    email: str
    etat: str
    ailleurs: int = 0


@dataclass(frozen=True)
class NomAncien:
    """A former name already known."""

    id: int
    prenom: str | None
    nom: str | None


@dataclass(frozen=True)
class ContactAncien:
    """A former address already known."""

    id: int
    genre: str
    valeur: str


@dataclass(frozen=True)
class FicheLue:
    """One side of the merge, whole."""

    id: int
    version: int
    cree_le: datetime
    valeurs: Mapping[str, Valeur]  # every column of champs.COLONNES
    preferences: Preferences
    prenom_pas_encore_donne: bool = False
    nom_unique: bool = False
    email_tiers: bool = False
    protegee: bool = False
    identite: str = "agent"
    attaches: tuple[Attache, ...] = ()
    suivis: tuple[Suivi, ...] = ()
    notes: tuple[Note, ...] = ()
    responsable: Lien | None = None
    proches: tuple[Lien, ...] = ()
    presences: tuple[Presence, ...] = ()
    compte: CompteLu | None = None
    anciens_noms: tuple[NomAncien, ...] = ()
    anciens_contacts: tuple[ContactAncien, ...] = ()
    changements: Mapping[str, Changement] | None = None
    decede_le: datetime | None = None
    a_verifier: tuple[tuple[str, str], ...] = ()  # (canal, address) whose holder said « pas moi » (R21)
    fermes: tuple[str, ...] = ()  # filled fields that this agent may not read (R10)

    @property
    def nom(self) -> str:
        """The full name as shown."""
        prenom, nom = self.valeurs["prenom"], self.valeurs["nom"]
        return full_name(
            None if prenom is None else str(prenom), None if nom is None else str(nom), self.prenom_pas_encore_donne
        )

    @property
    def declaree(self) -> bool:
        """Whether nobody but the person vouches for this identity (R24)."""
        return self.identite == "declaree"

    @property
    def verifiee(self) -> bool:
        """Whether FranceConnect vouches for this identity (F20)."""
        return self.identite == "franceconnect"

    @property
    def anciennete(self) -> tuple[datetime, int]:
        """Sorts the older fiche first, the smaller id among equals (F6)."""
        return self.cree_le, self.id


@dataclass(frozen=True)
class Ecarte:
    """« Pas un doublon », decided about these very fiches (F27)."""

    raison: str | None
    le: datetime | None


@dataclass(frozen=True)
class PaireLue:
    """A pair of the queue in which one of the fiches stands, and who stands across."""

    id: int
    cote: Cote
    autre_id: int
    etat: str
    score: float


@dataclass(frozen=True)
class Courrier:
    """The coming RDVs that concern either fiche, the rows of their outbox by RDV, oldest first, and who
    the responsables are to a message. `lisibles`: the RDVs of which this agent may read details (R13)."""

    rdvs: tuple[RdvNotifie, ...] = ()
    lignes: Mapping[int, tuple[Ligne, ...]] = field(default_factory=dict)
    contacts: Mapping[int, Contact] = field(default_factory=dict)
    lisibles: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Lecture:
    """Everything a merge reads. `ascendants`: each known proche's responsable, upwards from both."""

    a: FicheLue
    b: FicheLue
    ascendants: Mapping[int, Personne]
    ecarte: Ecarte | None = None
    paires: tuple[PaireLue, ...] = ()
    courrier: Courrier = Courrier()

    def cote(self, cote: Cote) -> FicheLue:
        """The fiche of one side."""
        return self.a if cote == "a" else self.b

    @property
    def older(self) -> Cote:
        """The side of the older fiche (F4, F6)."""
        return "a" if self.a.anciennete <= self.b.anciennete else "b"


@dataclass(frozen=True)
class Choix:
    """What the agent ticked: line → sides. A line that is absent was not answered: its default holds."""

    gardes: Mapping[str, frozenset[Cote]]
    identite_verifiee: bool = False

    def on(self, ligne: str) -> frozenset[Cote] | None:
        """The sides ticked on a line, None when it was not answered."""
        return self.gardes.get(ligne)
