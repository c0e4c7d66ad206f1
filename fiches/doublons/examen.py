"""What is seen when two people are compared, field by field (PURE). Nothing is weighed here."""

from dataclasses import dataclass

from fiches.doublons.comparisons import (
    PROCHES,
    RANG,
    Niv,
    NomLu,
    compare_addresses,
    compare_births,
    compare_emails,
    compare_first_names,
    compare_phones,
    compare_surnames,
    is_gender_pair,
    read_name,
)
from fiches.doublons.personne import Personne
from fiches.doublons.poids import FOYER_MAXIMUM, Frequences
from fiches.identite import key_email, key_telephone

# Levels at which two first names that both exist may well be those of two people.
_RESSEMBLANTS = (Niv.FAUTE, Niv.FAUTES, Niv.PARTIE)


@dataclass(frozen=True, slots=True)
class Noms:
    """How the names of two people compare, read one way (or with nom and prénom exchanged)."""

    nom: Niv
    prenom: Niv
    autre_nom: tuple[NomLu, NomLu] | None = None  # the surnames that agree, when not those in use
    mots_nom: tuple[str, ...] = ()
    mots_prenom: tuple[str, ...] = ()
    inverses: bool = False
    ancien_prenom: NomLu | None = None  # the first names agree through this former one


@dataclass(frozen=True, slots=True)
class Examen:
    """The levels of a pair."""

    noms: Noms
    naissance: Niv
    email: Niv
    telephone: Niv
    adresse: Niv
    partage_email: int  # fiches of the territoire under the shared e-mail
    partage_telephone: int
    memes_noms: bool  # prénom and nom written alike, accents, case and hyphens aside
    deux_prenoms: bool  # the first names look alike, but both exist
    deux_noms: bool
    un_seul_nom: bool  # somebody of one name only, and the other has one name too
    noms_naissance_differents: bool
    un_prenom_connu: bool  # on one side at least
    lies: bool

    @property
    def nom(self) -> Niv:
        """The level of the surnames."""
        return self.noms.nom

    @property
    def prenom(self) -> Niv:
        """The level of the first names."""
        return self.noms.prenom

    @property
    def par_autre_nom(self) -> bool:
        """Whether the surnames meet through a birth or former name."""
        return self.noms.autre_nom is not None

    @property
    def inverses(self) -> bool:
        """Whether nom and prénom are exchanged."""
        return self.noms.inverses

    @property
    def mots_nom(self) -> tuple[str, ...]:
        """The words whose frequency counts for the surname."""
        return self.noms.mots_nom

    @property
    def mots_prenom(self) -> tuple[str, ...]:
        """The words whose frequency counts for the first name."""
        return self.noms.mots_prenom

    @property
    def names_close(self) -> bool:
        """Whether prénom and nom are both equal or close (R6, R10)."""
        if self.un_seul_nom and self.memes_noms:
            return True
        return self.nom in PROCHES and self.prenom in PROCHES and not self.deux_prenoms

    @property
    def contact_equal(self) -> bool:
        """Whether an e-mail, a phone or the address is the same, and no service's."""
        email = self.email is Niv.EGAL and self.partage_email <= FOYER_MAXIMUM
        telephone = self.telephone is Niv.EGAL and self.partage_telephone <= FOYER_MAXIMUM
        return email or telephone or self.adresse is Niv.EGAL

    @property
    def agrees_beside_names(self) -> bool:
        """Whether a birth date or a contact speaks for the pair too; one known in part, under equal names."""
        exactes = (Niv.EGAL, Niv.INVERSE, Niv.FAUTE)
        naissance = self.naissance in exactes or (self.naissance is Niv.PARTIEL and self.memes_noms)
        return naissance or self.contact_equal or Niv.FAUTE in (self.email, self.telephone)

    @property
    def something_agrees(self) -> bool:
        """Whether there is anything to show for: a name on its own is not, nor a birth date."""
        un_nom = self.nom in PROCHES or self.prenom in PROCHES
        return self.names_close or self.contact_equal or (un_nom and self.agrees_beside_names)


def examine(saisie: Personne, fiche: Personne, frequences: Frequences, *, lies: bool = False) -> Examen:
    """Compare two people field by field."""
    noms = _compare_names(saisie, fiche)
    return Examen(
        noms=noms,
        naissance=compare_births(saisie.naissance, fiche.naissance),
        email=compare_emails(saisie.emails, fiche.emails),
        telephone=compare_phones(saisie.telephones, fiche.telephones),
        adresse=compare_addresses((saisie.adresse, saisie.code_postal), (fiche.adresse, fiche.code_postal)),
        partage_email=_shared("email", saisie.emails, fiche.emails, frequences),
        partage_telephone=_shared("telephone", saisie.telephones, fiche.telephones, frequences),
        memes_noms=_written_alike(saisie, fiche),
        un_seul_nom=_only_names(saisie, fiche) is not None,
        deux_prenoms=_two_first_names(noms, frequences),
        deux_noms=noms.nom in (Niv.FAUTE, Niv.FAUTES) and _both_exist(noms.mots_nom, frequences),
        noms_naissance_differents=_birth_names_differ(saisie, fiche),
        un_prenom_connu=read_name(saisie.prenom) is not None or read_name(fiche.prenom) is not None,
        lies=lies,
    )


# --- names ------------------------------------------------------------------------------


def _compare_names(a: Personne, b: Personne) -> Noms:
    droit = _read_straight(a, b)
    if droit.nom is Niv.EGAL and droit.prenom is Niv.EGAL:
        return droit
    croise = _read_crossed(a, b)
    if croise is not None and not (droit.nom in PROCHES and droit.prenom in PROCHES):
        return croise
    return droit


def _read_straight(a: Personne, b: Personne) -> Noms:
    nom_a, nom_b = read_name(a.nom), read_name(b.nom)
    niveau, autre = compare_surnames(nom_a, nom_b), None
    mots_nom = _words(nom_a, nom_b)
    if niveau is not Niv.EGAL:
        meilleur, paire = _through_other_names(a, b)
        if paire is not None and (RANG[meilleur] < RANG[niveau] or niveau is Niv.INCONNU):
            niveau, autre, mots_nom = meilleur, paire, _words(*paire)
    prenom_a, prenom_b = read_name(a.prenom), read_name(b.prenom)
    prenom, ancien = compare_first_names(prenom_a, prenom_b), None
    for x, y, former in _former_first_names(a, b, prenom_a, prenom_b):
        if RANG[trouve := compare_first_names(x, y)] < RANG[prenom] and trouve in PROCHES:
            prenom, ancien, prenom_a, prenom_b = trouve, former, x, y
    return Noms(niveau, prenom, autre, mots_nom, _words(prenom_a, prenom_b), ancien_prenom=ancien)


def _through_other_names(a: Personne, b: Personne) -> tuple[Niv, tuple[NomLu, NomLu] | None]:
    """The nearest surnames of the two, those in use against each other aside; only near ones.

    Of equally near ones the first in use, then in the alphabet, so that the order of the two
    people changes nothing.
    """
    trouves = []
    for i, x in enumerate(map(read_name, a.surnames())):
        for j, y in enumerate(map(read_name, b.surnames())):
            if x is None or y is None or (a.nom and b.nom and i == j == 0):
                continue
            niveau = compare_surnames(x, y)
            if niveau in PROCHES:
                trouves.append((RANG[niveau], i + j, sorted((x.entier, y.entier)), niveau, (x, y)))
    if not trouves:
        return Niv.DIFFERENT, None
    *_, niveau, paire = min(trouves, key=lambda t: t[:3])
    return niveau, paire


def _former_first_names(
    a: Personne, b: Personne, prenom_a: NomLu | None, prenom_b: NomLu | None
) -> list[tuple[NomLu | None, NomLu | None, NomLu | None]]:
    anciens_a = [read_name(prenom) for prenom, _ in a.anciens_noms]
    anciens_b = [read_name(prenom) for prenom, _ in b.anciens_noms]
    return [(x, prenom_b, x) for x in anciens_a] + [(prenom_a, y, y) for y in anciens_b]


def _read_crossed(a: Personne, b: Personne) -> Noms | None:
    """The names with nom and prénom exchanged on one side, when both then meet (R6).

    Which side is wrong is not known: the nearer of the two readings counts.
    """
    seuls = _only_names(a, b)
    if seuls is not None and seuls[0].entier == seuls[1].entier:
        return Noms(Niv.EGAL, Niv.INCONNU, None, _words(*seuls))  # one name, whichever field holds it
    nom_a, prenom_a, nom_b, prenom_b = map(read_name, (a.nom, a.prenom, b.nom, b.prenom))
    lectures = []
    for nom, prenom in (((prenom_a, nom_b), (nom_a, prenom_b)), ((nom_a, prenom_b), (prenom_a, nom_b))):
        niveau_nom, niveau_prenom = compare_surnames(*nom), compare_first_names(*prenom)
        if niveau_nom in PROCHES and niveau_prenom in PROCHES:
            lectures.append(Noms(niveau_nom, niveau_prenom, None, _words(*nom), _words(*prenom), inverses=True))
    return min(lectures, key=lambda n: (RANG[n.nom] + RANG[n.prenom], sorted(n.mots_nom)), default=None)


def _words(a: NomLu | None, b: NomLu | None) -> tuple[str, ...]:
    mots = [lu.entier for lu in (a, b) if lu is not None]
    if a is not None and b is not None and a.entier != b.entier:
        mots += [m for m in a.mots if m in b.mots and len(m) > 2]
    return tuple(mots)


def _two_first_names(noms: Noms, frequences: Frequences) -> bool:
    """Whether the first names look alike and are yet two: Lina and Léna, Joël and Joëlle (R7)."""
    son = noms.prenom is Niv.SON and len(noms.mots_prenom) > 1 and is_gender_pair(*noms.mots_prenom[:2])
    return (son or noms.prenom in _RESSEMBLANTS) and _both_exist(noms.mots_prenom, frequences)


def _both_exist(mots: tuple[str, ...], frequences: Frequences) -> bool:
    """Whether these are two names that both exist, neither a compound that holds the other."""
    return len(mots) == 2 and mots[0] != mots[1] and all(frequences.is_established(m) for m in mots)


def _written_alike(a: Personne, b: Personne) -> bool:
    """Equal prénom and nom; somebody of one name only has it equal, wherever it was typed."""
    nom_a, nom_b, prenom_a, prenom_b = map(read_name, (a.nom, b.nom, a.prenom, b.prenom))
    if (seuls := _only_names(a, b)) is not None:
        return seuls[0].entier == seuls[1].entier
    if nom_a is None or nom_b is None or prenom_a is None or prenom_b is None:
        return False
    return nom_a.entier == nom_b.entier and prenom_a.entier == prenom_b.entier


def _only_names(a: Personne, b: Personne) -> tuple[NomLu, NomLu] | None:
    """The one name of each, when each has but one and one of them is known to have no other (R1)."""
    if not (a.nom_unique or b.nom_unique):
        return None
    du_a, du_b = ([lu for lu in (read_name(p.nom), read_name(p.prenom)) if lu is not None] for p in (a, b))
    return (du_a[0], du_b[0]) if len(du_a) == len(du_b) == 1 else None


def _birth_names_differ(a: Personne, b: Personne) -> bool:
    """Whether both have a birth name, and neither is another name of the other."""
    naissance_a, naissance_b = read_name(a.nom_naissance), read_name(b.nom_naissance)
    if naissance_a is None or naissance_b is None:
        return False
    autres_a, autres_b = [read_name(n) for n in a.surnames()], [read_name(n) for n in b.surnames()]
    return not any(compare_surnames(naissance_a, n) in PROCHES for n in autres_b) and not any(
        compare_surnames(naissance_b, n) in PROCHES for n in autres_a
    )


# --- contact ----------------------------------------------------------------------------


def _shared(genre: str, a: tuple[str, ...], b: tuple[str, ...], frequences: Frequences) -> int:
    """How many fiches of the territoire hold the contact that both have; 0 when there is none."""
    key = key_email if genre == "email" else key_telephone
    communs = {key(v) for v in a} & {key(v) for v in b} - {""}
    return min((frequences.contacts.get((genre, c), 1) for c in communs), default=0)
