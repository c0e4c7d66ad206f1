"""The search box (R12): from what is typed to fiches, through the index, without a scan.

Words are looked up in the vocabulary of the territoire (beginnings, one typo, sound-alikes),
then fiches under pairs of those words; data such as phones and dates by their exact keys.
Some dozens of candidates are then judged word by word: whoever meets every word exactly or by
its beginning comes first, the others follow as near spellings.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.doublons.apercus import limit_apercus
from fiches.doublons.models import CleExacte, Paire
from fiches.doublons.personne import Personne
from fiches.doublons.queries import Candidat, find_doublons
from fiches.doublons.voisinage import words_near, words_with_prefix
from fiches.identite import key_email, normal, show_telephone
from fiches.usagers import requete
from fiches.usagers.models import AncienNom, Rattachement, Usager
from fiches.usagers.queries import LigneUsager, read_lignes
from fiches.usagers.requete import DEBUT, EXACT, PROCHE, Requete, mark, match_mot, parse_requete

MONTRES = 50  # hits shown at most
CANDIDATS = 300  # fiches judged at most
VOISINS = 40  # vocabulary words taken for one typed word


@dataclass(frozen=True)
class Trouve:
    """A hit: its line, what matched in each field, and through what else it was found."""

    ligne: LigneUsager
    marques: dict[str, list[tuple[str, bool]]]
    mention: str | None


@dataclass(frozen=True)
class Resultats:
    """`lignes` meet everything that was typed; `proches` are near spellings; `externes` belong
    to another service of the territoire (R10); `amorce` is what a new fiche would start with."""

    lignes: tuple[Trouve, ...] = ()
    proches: tuple[Trouve, ...] = ()
    externes: tuple[Candidat, ...] = ()
    tronque: bool = False
    amorce: dict[str, str] = field(default_factory=dict)


def search_fiches(
    session: Session,
    contexte: Contexte,
    q: str,
    maintenant: datetime,
    apercus_maximum: int = 0,
    *,
    organisations: Sequence[int] | None = None,
    limite: int = MONTRES,
) -> Resultats:
    """What the words of `q` find in these organisations (the current one by default).

    Outside fiches are shown under R10's conditions, at most `apercus_maximum` a day.
    """
    lu = parse_requete(q, clock.today())
    if lu.empty:
        return Resultats()
    scope = tuple(organisations or (contexte.organisation_id,))
    ids = _candidates(session, contexte.territoire_id, scope, lu)
    judged = _judge(session, lu, ids)
    exacts = [j for j in judged if j.rang >= DEBUT]
    proches = [j for j in judged if j.rang == PROCHE][: max(0, limite - len(exacts))]
    shown = exacts[:limite] + proches
    lignes = read_lignes(session, contexte, [j.usager_id for j in shown], maintenant)
    by_id = {ligne.usager.id: ligne for ligne in lignes}
    trouves = [
        (j, Trouve(by_id[j.usager_id], _marks(lu, by_id[j.usager_id]), j.mention))
        for j in shown
        if j.usager_id in by_id
    ]
    return Resultats(
        lignes=tuple(t for j, t in trouves if j.rang >= DEBUT),
        proches=tuple(t for j, t in trouves if j.rang == PROCHE),
        externes=_externes(session, contexte, lu, maintenant, apercus_maximum),
        tronque=len(exacts) > limite,
        amorce=_amorce(lu),
    )


# --- candidates ---------------------------------------------------------------------------


def _candidates(session: Session, territoire_id: int, scope: Sequence[int], lu: Requete) -> set[int]:
    ids: set[int] = set()
    for condition in _key_conditions(territoire_id, lu):
        ids |= _in_scope(session, select(CleExacte.usager_id).where(condition), CleExacte.usager_id, scope)
    if lu.numero is not None:
        ids |= _by_number(session, scope, lu.numero)
    if lu.mots and not (ids and (lu.naissance or lu.email or lu.telephone)):
        ids |= _by_names(session, territoire_id, scope, lu.mots)
    return ids


def _key_conditions(territoire_id: int, lu: Requete) -> list[ColumnElement[bool]]:
    def under(genre: str, debut: str) -> ColumnElement[bool]:
        # The smallest text that no longer begins so; keys are ASCII.
        return and_(
            CleExacte.territoire_id == territoire_id,
            CleExacte.genre == genre,
            CleExacte.cle >= debut,
            CleExacte.cle < debut + "\x7f",
        )

    conditions = []
    if lu.naissance:
        conditions.append(under("naissance", lu.naissance))
    if lu.annee and not lu.mots:
        conditions.append(under("naissance", lu.annee))
    if lu.email:
        local, _, domaine = lu.email.partition("@")
        conditions.append(under("email", key_email(lu.email) if domaine else f"{normal(local).replace(' ', '')}@"))
    if lu.telephone and (debut := requete.key_prefix_telephone(lu.telephone)):
        conditions.append(under("telephone", debut))
    if lu.dossier:
        conditions.append(under("dossier", normal(lu.dossier).replace(" ", "")))
    return conditions


def _in_scope(
    session: Session, statement: Select[int], column: ColumnElement[int] | object, scope: Sequence[int]
) -> set[int]:
    return set(
        session.scalars(
            statement.join(
                Rattachement, and_(Rattachement.usager_id == column, Rattachement.organisation_id.in_(scope))
            )
            .distinct()
            .limit(CANDIDATS)
        )
    )


def _by_number(session: Session, scope: Sequence[int], numero: int) -> set[int]:
    usager = session.get(Usager, numero)
    if usager is None:
        return set()
    return _in_scope(
        session, select(Usager.id).where(Usager.id == (usager.fusionne_vers_id or numero)), Usager.id, scope
    )


def _by_names(session: Session, territoire_id: int, scope: Sequence[int], mots: Sequence[str]) -> set[int]:
    """Fiches under the vocabulary's words that begin like, or are spelled nearly like, these."""
    voisins = {mot: _neighbours(session, territoire_id, mot) for mot in mots}
    ids: set[int] = set()
    if len(mots) > 1:
        tous = sorted({i for v in voisins.values() for i in v})
        both = and_(Paire.territoire_id == territoire_id, Paire.mot_nom_id.in_(tous), Paire.mot_prenom_id.in_(tous))
        ids |= _in_scope(session, select(Paire.usager_id).where(both), Paire.usager_id, scope)
    joints = {"".join(mots): _neighbours(session, territoire_id, "".join(mots))} if len(mots) > 1 else voisins
    for mot, trouves in joints.items():
        if not trouves or len(mot) < 2:
            continue
        either = or_(Paire.mot_nom_id.in_(trouves), Paire.mot_prenom_id.in_(trouves))
        ids |= _in_scope(
            session, select(Paire.usager_id).where(Paire.territoire_id == territoire_id, either), Paire.usager_id, scope
        )
    return ids


def _neighbours(session: Session, territoire_id: int, mot: str) -> list[int]:
    debuts = [m.id for m in words_with_prefix(session, territoire_id, mot, VOISINS)]
    proches = [m.id for m in words_near(session, territoire_id, mot)] if len(mot) >= 3 else []
    return list(dict.fromkeys(debuts + proches))[: 2 * VOISINS]


# --- judgement ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Juge:
    usager_id: int
    rang: int
    score: float
    mention: str | None


def _judge(session: Session, lu: Requete, ids: Collection[int]) -> list[_Juge]:
    """The candidates that meet every word, best first."""
    rows = session.execute(
        select(Usager.id, Usager.prenom, Usager.nom, Usager.nom_naissance).where(
            Usager.id.in_(ids), Usager.fusionne_vers_id.is_(None)
        )
    ).all()
    anciens: dict[int, list[tuple[str | None, str | None, str]]] = {}
    for usager_id, prenom, nom, origine in session.execute(
        select(AncienNom.usager_id, AncienNom.prenom, AncienNom.nom, AncienNom.origine).where(
            AncienNom.usager_id.in_(ids), AncienNom.affiche
        )
    ):
        anciens.setdefault(usager_id, []).append((prenom, nom, origine))
    judged = []
    for usager_id, prenom, nom, nom_naissance in rows:
        rang, score = _rank(lu.mots, _tokens(prenom, nom, nom_naissance))
        mention = None
        for ancien_prenom, ancien_nom, origine in anciens.get(usager_id, ()):
            autre = _rank(lu.mots, _tokens(ancien_prenom or prenom, ancien_nom or nom, None))
            if autre > (rang, score):
                rang, score = autre
                quoi = "fusionnée avec la fiche de" if origine == "fusion" else "avant :"
                mention = f"{quoi} {' '.join(p for p in (ancien_prenom, ancien_nom) if p)}"
        if rang:
            judged.append(_Juge(usager_id, rang, score, mention))
    return sorted(judged, key=lambda j: (-min(j.rang, DEBUT), -j.score, j.usager_id))


def _tokens(*noms: str | None) -> list[str]:
    tokens: list[str] = []
    for nom in noms:
        mots = normal(nom).split()
        tokens += mots
        if len(mots) > 1:
            tokens.append("".join(mots))
    return tokens


def _rank(mots: Sequence[str], tokens: Sequence[str]) -> tuple[int, float]:
    """The weakest way in which a word is met, and the mean of the scores; (0, 0) when one is not.

    Words typed apart that make one name (« le goff » / « legoff ») are met together.
    """
    if not mots:
        return EXACT, 1.0
    met = [match_mot(mot, tokens) for mot in mots]
    if not all(rang for rang, _ in met):
        ensemble = match_mot("".join(mots), tokens)
        return ensemble if len(mots) > 1 else (0, 0.0)
    return min(rang for rang, _ in met), sum(score for _, score in met) / len(met)


def _marks(lu: Requete, ligne: LigneUsager) -> dict[str, list[tuple[str, bool]]]:
    usager, noms = ligne.usager, ("prenom", "nom", "nom_naissance")
    marques = {nom: mark(texte, lu.mots) for nom in noms if (texte := getattr(usager, nom))}
    if not ligne.lisible:
        return marques
    if lu.telephone and usager.telephone:
        marques["telephone"] = [(show_telephone(usager.telephone), True)]
    if lu.email and usager.email:
        marques["email"] = [(usager.email, True)]
    return marques


# --- what else the answer holds -----------------------------------------------------------


def _externes(
    session: Session, contexte: Contexte, lu: Requete, maintenant: datetime, maximum: int
) -> tuple[Candidat, ...]:
    exact = lu.naissance if lu.naissance and len(lu.naissance) == 10 else None
    email = lu.email if lu.email and "." in lu.email.partition("@")[2] else None
    telephone = lu.telephone if lu.telephone and len(lu.telephone) >= 10 else None
    if maximum <= 0 or len(lu.mots) < 2 or not (exact or email or telephone):
        return ()
    personne = Personne(
        prenom=" ".join(lu.bruts[1:]) or lu.mots[-1],
        nom=lu.bruts[0],
        naissance=exact,
        emails=(email,) if email else (),
        telephones=(telephone,) if telephone else (),
    )
    trouves = limit_apercus(session, contexte, find_doublons(session, contexte, personne), maintenant, maximum)
    return tuple(c for c in trouves.candidats if c.externe)


def _amorce(lu: Requete) -> dict[str, str]:
    """What a new fiche starts with: the first word as the name, the others as the prénom."""
    amorce = {
        "nom": lu.bruts[0] if lu.bruts else None,
        "prenom": " ".join(lu.bruts[1:]) or None,
        "date_naissance": lu.naissance,
        "email": lu.email,
        "telephone": lu.telephone,
    }
    return {nom: valeur for nom, valeur in amorce.items() if valeur}
