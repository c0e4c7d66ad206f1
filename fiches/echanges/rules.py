"""What a CSV of fiches may hold: its columns, and what each line means (PURE, R34)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from fiches import identite
from fiches.echanges.lecture import FichierRefuse, LigneBrute
from fiches.identite import SaisieRefusee
from fiches.usagers.champs import CHAMP, NOMS_CHAMPS, Valeur, check_noms, read_champ
from fiches.usagers.saisie import DRAPEAUX, INCONNU, Saisie, read_id

# The columns of an export, in the order of docs; import takes them in any order.
CHAMPS_CSV = (
    "prenom", "nom", "nom_naissance", "date_naissance", "email", "telephone", "telephone_2", "adresse",
    "complement_adresse", "code_postal", "ville", "caisse_affiliation", "numero_allocataire",
    "situation_familiale", "nombre_enfants", "logement", "numero_dossier", "remarques",
    "notif_email", "notif_sms", "responsable_id",
)  # fmt: skip
OBLIGATOIRES = ("prenom", "nom")
IGNOREES = ("id", "ligne", "motif")  # an export's and a file of rejects' own columns
CITEES = 5  # columns named in a refusal, at most
ADMISES = frozenset((*CHAMPS_CSV, *DRAPEAUX, *IGNOREES))

assert set(NOMS_CHAMPS) < set(CHAMPS_CSV)


@dataclass(frozen=True)
class LigneBonne:
    """A line that can become a fiche."""

    brute: LigneBrute
    saisie: Saisie
    responsable_id: int | None


@dataclass(frozen=True)
class LigneRejetee:
    """A line that cannot, with the reason: a French sentence without personal data."""

    brute: LigneBrute
    motif: str


def check_colonnes(colonnes: tuple[str, ...]) -> None:
    """Raise FichierRefuse for unknown, doubled or missing columns.

    An unknown name is repeated only beside a known one: a file without its first line would
    otherwise have a person's name printed.
    """
    if not ADMISES.intersection(colonnes):
        raise FichierRefuse("La première ligne doit donner les noms des colonnes, par exemple « prenom;nom ».")
    inconnues = [nom for nom in colonnes if nom not in ADMISES]
    if inconnues:
        raise FichierRefuse(f"Colonne inconnue : {_quoted(inconnues)}. Colonnes admises : {', '.join(CHAMPS_CSV)}.")
    doubles = [nom for nom, fois in Counter(colonnes).items() if fois > 1]
    if doubles:
        raise FichierRefuse(f"Colonne présente deux fois : {_quoted(doubles)}.")
    manquantes = [nom for nom in OBLIGATOIRES if nom not in colonnes]
    if manquantes:
        raise FichierRefuse(f"Colonne obligatoire absente : {_quoted(manquantes)}.")


def read_ligne(colonnes: tuple[str, ...], brute: LigneBrute, aujourdhui: date) -> LigneBonne | LigneRejetee:
    """What a line means, or why it is rejected: every field at fault, by its label (R3)."""
    if brute.motif:
        return LigneRejetee(brute, brute.motif)
    if any(0xD800 <= ord(c) <= 0xDFFF for cellule in brute.cellules for c in cellule):
        return LigneRejetee(brute, "Cette ligne contient un caractère illisible.")
    cellules = {nom: texte for nom, texte in zip(colonnes, brute.cellules, strict=True) if nom not in IGNOREES}
    lus = _Lecture(cellules)
    valeurs: dict[str, Valeur] = {}
    for nom in cellules:
        if nom in CHAMP:
            valeurs[nom] = lus.read_valeur(nom, aujourdhui)
    drapeaux = {nom: bool(lus.read_oui_non(nom)) for nom in DRAPEAUX if nom in cellules}
    saisie = Saisie(
        valeurs, drapeaux, notif_email=lus.read_oui_non("notif_email"), notif_sms=lus.read_oui_non("notif_sms")
    )
    responsable_id = lus.read_responsable()
    noms = check_noms(
        valeurs["prenom"],
        valeurs["nom"],
        drapeaux.get("prenom_pas_encore_donne", False),
        drapeaux.get("nom_unique", False),
    )
    lus.erreurs = {CHAMP[nom].libelle: "cette case est vide." for nom in noms} | lus.erreurs
    if lus.erreurs:
        return LigneRejetee(brute, " ".join(f"{libelle} : {texte}" for libelle, texte in lus.erreurs.items()))
    return LigneBonne(brute, saisie, responsable_id)


def sort_out(
    lignes: Iterable[LigneBonne], dossiers: Collection[str], responsables: Collection[int]
) -> tuple[list[LigneBonne], list[LigneRejetee]]:
    """Reject also what only the base can tell: a dossier that the organisation has (`dossiers`: keys of
    `key_dossier`) or that came on a line above, a responsable that is not one of its fiches."""
    pris = set(dossiers)
    bonnes: list[LigneBonne] = []
    rejetees: list[LigneRejetee] = []
    for ligne in lignes:
        dossier = key_dossier(ligne.saisie.valeurs.get("numero_dossier"))
        if dossier and dossier in pris:
            rejetees.append(LigneRejetee(ligne.brute, "Déjà importé\u00a0: ce numéro de dossier existe déjà."))
        elif ligne.responsable_id is not None and ligne.responsable_id not in responsables:
            motif = "responsable_id\u00a0: ce numéro n’est pas celui d’une fiche de cette organisation."
            rejetees.append(LigneRejetee(ligne.brute, motif))
        else:
            pris.add(dossier)
            bonnes.append(ligne)
    return bonnes, rejetees


class _Lecture:
    """The cells of one line by column, and what was wrong with them by label."""

    def __init__(self, cellules: Mapping[str, str]) -> None:
        self.cellules = cellules
        self.erreurs: dict[str, str] = {}

    def read_valeur(self, nom: str, aujourdhui: date) -> Valeur:
        """The clean value of a field; None, and a reason, when it is refused."""
        try:
            return read_champ(CHAMP[nom], self.cellules[nom], aujourdhui)
        except SaisieRefusee as refus:
            self.erreurs[CHAMP[nom].libelle] = str(refus)
            return None

    def read_oui_non(self, nom: str) -> bool | None:
        """A cell that says `oui` or `non`; None when it is empty or absent."""
        texte = self.cellules.get(nom, "").strip().lower()
        if texte not in ("", "oui", "non"):
            self.erreurs[nom] = "écrivez « oui » ou « non »."
        return {"oui": True, "non": False}.get(texte)

    def read_responsable(self) -> int | None:
        """The id of the fiche that accompanies this one."""
        texte = self.cellules.get("responsable_id", "").strip()
        numero = read_id(texte)
        if numero == INCONNU:
            self.erreurs["responsable_id"] = "écrivez le numéro d’une fiche."
            return None
        return numero


def key_dossier(numero: Valeur) -> str:
    """What makes two numéros de dossier the same; '' when there is none."""
    return identite.normal(str(numero)) or str(numero) if numero is not None else ""


def _quoted(noms: list[str]) -> str:
    """The first of these names, and how many others there are."""
    autres = len(noms) - CITEES
    reste = [f"et {autres} autre{'s' if autres > 1 else ''}"] if autres > 0 else []
    return ", ".join([*(f"« {nom[:60]} »" if nom else "(sans nom)" for nom in noms[:CITEES]), *reste])
