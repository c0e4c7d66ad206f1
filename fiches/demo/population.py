"""An imaginary population, household by household, with duplicates and look-alikes (PURE).

Used by the demonstration and by the benchmarks: a generator, so that a million records cost no
memory. Real French name frequencies; households share surname, address, phone or e-mail (R7);
about one record in eight is a duplicate with one error of R6, the kinds taking turns. Phones come
from the ranges kept for fiction as long as those suffice, e-mails from domains that exist nowhere.
"""

import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, islice

from fiches.demo.erreurs import ERREURS, ERREURS_RARES, strip_accents
from fiches.demo.personnes import Enregistrement
from fiches.demo.tirage import read_noms

PART_DOUBLONS = 0.12  # of the persons, how many have a second record
TAILLE_FICTIVE = 4_000  # records up to which the phone ranges kept for fiction suffice
COMMUNES = (
    ("71100", "Chalon-sur-Saône"), ("71000", "Mâcon"), ("71200", "Le Creusot"), ("71300", "Montceau-les-Mines"),
    ("71400", "Autun"), ("71500", "Louhans"), ("71700", "Tournus"), ("71250", "Cluny"), ("71640", "Givry"),
    ("71850", "Charnay-lès-Mâcon"), ("71530", "Champforgeuil"), ("71160", "Digoin"),
)  # fmt: skip
_VOIES = ("rue", "avenue", "impasse", "place", "chemin", "allée", "boulevard", "quai")
_LIEUX = (
    "de la République", "des Lilas", "Victor-Hugo", "du Moulin", "de l’Église", "Jean-Jaurès", "des Tanneurs",
    "de la Gare", "du 8-Mai-1945", "des Vignes", "Pasteur", "de la Citadelle", "des Jardins", "Gambetta",
    "de Bourgogne", "du Port", "des Écoles", "Saint-Vincent", "de la Fontaine", "des Acacias",
)  # fmt: skip
_MESSAGERIES = ("messagerie.test", "courriel.test", "boite.test", "laposte.test", "mail.test")

# Kinds of household and how many in a hundred.
_FOYERS = (
    ("seul", 46), ("conjoints", 17), ("couple_enfants", 15), ("parent_enfants", 9), ("jumeaux", 3),
    ("parent_age", 4), ("meme_prenom", 2), ("homonyme", 3), ("adresse_service", 1),
)  # fmt: skip

PART_ORIGINES = 0.1  # of the households, beside the names of all origins that INSEE's lists hold
_ORIGINES = ("maghreb",) * 4 + ("afrique",) * 2 + ("lusophone",) * 2 + ("turc", "est", "asie")


def make_population(
    taille: int,
    graine: int,
    aujourdhui: date,
    *,
    part_doublons: float = PART_DOUBLONS,
    communes: tuple[tuple[str, str], ...] = COMMUNES,
) -> Iterator[Enregistrement]:
    """`taille` records, the same ones for the same arguments, ranks 0, 1, 2…

    A responsable always comes before the proches, an original before its duplicates.
    """
    fabrique = _Fabrique(random.Random(graine), aujourdhui, communes, fictif=taille <= TAILLE_FICTIVE)
    return islice(fabrique.run(part_doublons), taille)


class _Fabrique:
    """Makes households from one source of chance."""

    def __init__(
        self, hasard: random.Random, aujourdhui: date, communes: tuple[tuple[str, str], ...], *, fictif: bool
    ) -> None:
        self.hasard, self.aujourdhui, self.communes, self.fictif = hasard, aujourdhui, communes, fictif
        self.noms = read_noms()
        self.rangs, self.foyers = count(), count()
        self.recents: deque[Enregistrement] = deque(maxlen=500)
        self.tours: Counter[str] = Counter()
        self._manquantes = set(ERREURS_RARES)  # rare kinds of error of which there is none yet
        self._genres = [genre for genre, poids in _FOYERS for _ in range(poids)]

    def run(self, part_doublons: float) -> Iterator[Enregistrement]:
        """Households for ever, each followed by the duplicates of its members."""
        while True:
            membres = self.make_foyer(self.hasard.choice(self._genres))
            yield from membres
            for membre in membres:
                while self.hasard.random() < part_doublons or (part_doublons and self._is_occasion(membre)):
                    yield self.duplicate(membre)

    # --- households ---

    def make_foyer(self, genre: str) -> list[Enregistrement]:
        """The members of one household of this kind, responsables first."""
        hasard = self.hasard
        foyer = next(self.foyers)
        origine = hasard.choice(_ORIGINES) if hasard.random() < PART_ORIGINES else None
        sexe = hasard.choice("ffm")
        annee = self.aujourdhui.year - self._age(genre)
        premier = self._person(foyer, sexe, annee, self.noms.draw_nom(hasard, origine), origine)
        self._settle(premier)
        membres = [premier]
        if genre == "homonyme" and self.recents:
            self._become_homonym(premier, hasard.choice(self.recents))
        elif genre == "adresse_service":
            premier.email = f"accueil{hasard.randrange(3)}@foyer.test"
        if genre in ("conjoints", "couple_enfants"):
            membres.append(self._spouse(premier, annee, origine))
        if genre in ("couple_enfants", "parent_enfants", "jumeaux"):
            membres += self._children(premier, genre == "jumeaux", origine)
        elif genre in ("parent_age", "meme_prenom"):
            membres.append(self._grown_child(premier, annee, genre == "meme_prenom", origine))
        self.recents.append(premier)
        return membres

    def _age(self, genre: str) -> int:
        bornes = {"parent_age": (50, 92), "meme_prenom": (45, 85), "seul": (18, 95), "conjoints": (20, 90)}
        bas, haut = bornes.get(genre, (19, 48))
        return int(self.hasard.triangular(bas, haut, bas + (haut - bas) * 0.35))

    def _person(self, foyer: int, sexe: str, annee: int, nom: str, origine: str | None) -> Enregistrement:
        rang = next(self.rangs)
        prenom = self.noms.draw_prenom(self.hasard, sexe, annee, origine)
        if not origine and self.hasard.random() < 0.03 and "-" not in prenom:
            prenom = f"{prenom}-{self.noms.draw_prenom(self.hasard, sexe, annee, None)}"
        return Enregistrement(rang, rang, foyer, sexe, prenom, nom, date_naissance=self._birth(annee))

    def _birth(self, annee: int) -> str | None:
        tirage = self.hasard.random()
        if tirage < 0.05:
            return None
        if tirage < 0.06:
            return f"{annee}"
        dernier = min(date(annee, 12, 31), self.aujourdhui)
        jour = date(annee, 1, 1) + timedelta(days=self.hasard.randrange((dernier - date(annee, 1, 1)).days + 1))
        return jour.isoformat()[:7] if tirage < 0.07 else jour.isoformat()

    def _settle(self, e: Enregistrement) -> None:
        """Contact, address and situation of an adult."""
        hasard = self.hasard
        if hasard.random() < 0.7:
            e.email = self._email(e)
        if hasard.random() < 0.85:
            e.telephone = self._phone(mobile=hasard.random() < 0.85)
        if hasard.random() < 0.1:
            e.telephone_2 = self._phone(mobile=False)
        if hasard.random() < 0.8:
            e.adresse = f"{hasard.randrange(1, 120)} {hasard.choice(_VOIES)} {hasard.choice(_LIEUX)}"
            e.code_postal, e.ville = hasard.choice(self.communes)
        if hasard.random() < 0.5:
            e.caisse_affiliation = hasard.choice(("CAF", "CAF", "CAF", "MSA", "aucune"))
            if e.caisse_affiliation != "aucune":
                e.numero_allocataire = f"{hasard.randrange(10**6, 10**7)}"
            e.logement = hasard.choice(("locataire", "locataire", "propriétaire", "hébergé", "SDF", "autre"))
        e.situation_familiale = hasard.choice((None, "célibataire", "divorcé", "séparé"))
        if e.sexe == "f" and hasard.random() < 0.3:
            self._marry(e)

    def _marry(self, e: Enregistrement) -> None:
        """A change of name behind this person: birth name kept beside, or a former name."""
        autre = self.noms.draw_nom(self.hasard, None)
        if self.hasard.random() < 0.7:
            e.nom_naissance = autre
        else:
            e.ancien_nom = autre

    def _spouse(self, premier: Enregistrement, annee: int, origine: str | None) -> Enregistrement:
        hasard = self.hasard
        sexe = "m" if premier.sexe == "f" else "f"
        propre = self.noms.draw_nom(hasard, origine)
        annee = min(annee + hasard.randrange(-6, 7), self.aujourdhui.year - 18)
        e = self._person(premier.foyer, sexe, annee, premier.nom, origine)
        e.piege, e.piege_avec = "conjoints", premier.rang
        if hasard.random() < 0.35:
            e.nom = propre
        elif sexe == "f":
            e.nom_naissance = propre
        self._share_home(e, premier)
        e.email = premier.email if hasard.random() < 0.3 else self._email(e)
        e.telephone = premier.telephone if hasard.random() < 0.4 else self._phone(mobile=True)
        e.situation_familiale = premier.situation_familiale = hasard.choice(("marié", "marié", "pacsé", "en couple"))
        return e

    def _children(self, parent: Enregistrement, jumeaux: bool, origine: str | None) -> list[Enregistrement]:
        hasard = self.hasard
        annee_parent = int((parent.date_naissance or "1990")[:4])
        enfants: list[Enregistrement] = []
        combien = 2 if jumeaux else hasard.choice((1, 1, 2, 2, 3))
        for _ in range(combien):
            age = min(hasard.randrange(18), max(0, self.aujourdhui.year - annee_parent - 17))
            e = self._person(parent.foyer, hasard.choice("fm"), self.aujourdhui.year - age, parent.nom, origine)
            while any(e.prenom == autre.prenom for autre in enfants):
                e.prenom = self.noms.draw_prenom(hasard, e.sexe, self.aujourdhui.year - age, origine)
            self._share_home(e, parent)
            e.email = parent.email if hasard.random() < 0.4 else None
            e.telephone = parent.telephone if hasard.random() < 0.7 else None
            e.responsable = parent.rang
            if enfants:
                e.piege, e.piege_avec = ("jumeaux" if jumeaux else "fratrie"), enfants[-1].rang
            if jumeaux and enfants:
                e.date_naissance = enfants[0].date_naissance
            enfants.append(e)
        parent.nombre_enfants = combien
        return enfants

    def _grown_child(
        self, parent: Enregistrement, annee: int, meme_prenom: bool, origine: str | None
    ) -> Enregistrement:
        sexe = parent.sexe if meme_prenom else self.hasard.choice("fm")
        e = self._person(parent.foyer, sexe, annee + self.hasard.randrange(20, 32), parent.nom, origine)
        if meme_prenom:
            e.prenom = parent.prenom
        e.piege, e.piege_avec = "parent_enfant", parent.rang
        self._share_home(e, parent)
        e.telephone = parent.telephone if self.hasard.random() < 0.5 else self._phone(mobile=True)
        e.email = self._email(e)
        return e

    def _become_homonym(self, e: Enregistrement, autre: Enregistrement) -> None:
        e.prenom, e.nom, e.sexe = autre.prenom, autre.nom, autre.sexe
        e.nom_naissance = e.ancien_nom = None
        e.piege, e.piege_avec = "homonymes", autre.rang
        if e.date_naissance == autre.date_naissance:
            e.date_naissance = "1971-03-09" if autre.date_naissance != "1971-03-09" else "1964-10-21"

    def _share_home(self, e: Enregistrement, autre: Enregistrement) -> None:
        e.adresse, e.code_postal, e.ville = autre.adresse, autre.code_postal, autre.ville
        e.logement, e.caisse_affiliation = autre.logement, autre.caisse_affiliation
        if autre.telephone_2:
            e.telephone_2 = autre.telephone_2

    # --- contact ---

    def _email(self, e: Enregistrement) -> str:
        hasard = self.hasard
        prenom, nom = (strip_accents(t).lower() for t in (e.prenom, e.nom))
        local = hasard.choice((f"{prenom}.{nom}", f"{nom}.{prenom}", f"{prenom[0]}.{nom}", f"{prenom}{nom}"))
        local = "".join(c for c in local if c.isascii() and (c.isalnum() or c == ".")).strip(".") or "contact"
        if hasard.random() < 0.7:
            local += str(hasard.randrange(100))
        return f"{local}@{hasard.choice(_MESSAGERIES)}"

    def _phone(self, *, mobile: bool) -> str:
        if self.fictif:
            return f"+33{'63998' if mobile else '35301'}{self.hasard.randrange(10_000):04d}"
        debut = self.hasard.choice(("6", "7")) if mobile else "3"
        reste = self.hasard.randrange(10**7)
        return f"+33{debut}{self.hasard.randrange(50, 90) if mobile else 85}{reste // 10:06d}"

    # --- duplicates ---

    def _is_occasion(self, e: Enregistrement) -> bool:
        """Whether a rare kind of error that is still missing applies to this record."""
        return any(ERREURS[erreur](e, self.hasard) is not None for erreur in sorted(self._manquantes))

    def duplicate(self, e: Enregistrement) -> Enregistrement:
        """A second record of the same person, with one error; the kinds take turns."""
        hasard = self.hasard
        for erreur in sorted(ERREURS, key=self.tours.__getitem__):
            champs = ERREURS[erreur](e, hasard)
            if champs is not None:
                break
        self.tours[erreur] += 1
        self._manquantes.discard(erreur)
        double = replace(
            e, rang=next(self.rangs), original=e.rang, erreur=erreur, ancien_nom=None, piege=None, piege_avec=None
        )
        self._lose_some(double)
        for champ, valeur in (champs or {}).items():
            setattr(double, champ, valeur)
        return double

    def _lose_some(self, double: Enregistrement) -> None:
        """What the second agent did not ask for, or was told otherwise."""
        hasard = self.hasard
        tirage = hasard.random()
        if tirage < 0.35:
            double.email = None
        elif tirage < 0.5:
            double.email = self._email(double)
        tirage = hasard.random()
        if double.erreur != "chiffre_telephone" and tirage < 0.25:
            double.telephone = None
        elif double.erreur != "chiffre_telephone" and tirage < 0.4:
            double.telephone = self._phone(mobile=True)
        if hasard.random() < 0.1:
            double.date_naissance = None
        if hasard.random() < 0.5:
            double.adresse = double.code_postal = double.ville = None
        if hasard.random() < 0.5:
            double.caisse_affiliation = double.numero_allocataire = double.logement = None
            double.situation_familiale, double.nombre_enfants = None, None
        if hasard.random() < 0.5:
            double.nom_naissance, double.responsable, double.telephone_2 = None, None, None
