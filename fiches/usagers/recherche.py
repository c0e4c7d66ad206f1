"""The search box (R12): from what is typed to fiches, through the index, without a scan.

Some dozens of candidates are judged word by word and datum by datum: whoever meets everything
exactly or by its beginning comes first, the others follow as near ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.dates import show_jour
from fiches.doublons.apercus import limit_apercus
from fiches.doublons.personne import Personne
from fiches.doublons.queries import Candidat, find_doublons
from fiches.identite import show_telephone
from fiches.usagers.amorce import make_amorce, split_names
from fiches.usagers.jugement import DEBUT, PROCHE, Accord, Juge, judge_fiche, mark
from fiches.usagers.queries import LigneUsager, read_lignes
from fiches.usagers.recherche_candidats import find_candidates, read_portraits
from fiches.usagers.requete import Requete, email_requete, is_too_short, parse_requete

MONTRES = 50  # hits shown at most


@dataclass(frozen=True)
class Trouve:
    """A hit: its line, what matched in each field, and what else is to be said of it."""

    ligne: LigneUsager
    marques: dict[str, list[tuple[str, bool]]]
    mention: str | None


@dataclass(frozen=True)
class Resultats:
    """`lignes` meet everything that was typed; `proches` are near spellings, or, when `partiels`,
    some of them do not meet all the data; `externes` belong to another service of the territoire
    (R10); `amorce` is what a new fiche would start with."""

    lignes: tuple[Trouve, ...] = ()
    proches: tuple[Trouve, ...] = ()
    externes: tuple[Candidat, ...] = ()
    tronque: bool = False
    partiels: bool = False
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

    Outside fiches are shown under R10's conditions, at most `apercus_maximum` a day. The contact of
    a fiche protégée finds it for its référents alone (R11).
    """
    lu = parse_requete(q, clock.today())
    if lu.empty or is_too_short(q):
        return Resultats()
    scope = tuple(organisations or (contexte.organisation_id,))
    judged = _judge_all(session, contexte, scope, lu)
    exacts = [j for j in judged if j.rang >= DEBUT]
    if not exacts and (adresse := email_requete(lu)):
        exacts = _judge_all(session, contexte, scope, adresse)
    # Once somebody meets everything, those who hold another datum are somebody else.
    proches = [j for j in judged if j.rang == PROCHE and not (exacts and j.accord is Accord.AUTRE)]
    proches = proches[: max(0, limite - len(exacts))]
    nom, prenom = split_names(session, contexte.territoire_id, lu.bruts)
    lignes = {
        ligne.usager.id: ligne
        for ligne in read_lignes(session, contexte, [j.usager_id for j in (*exacts[:limite], *proches)], maintenant)
    }

    def show(juges: Sequence[Juge]) -> tuple[Trouve, ...]:
        vus = [(j, lignes[j.usager_id]) for j in juges if j.usager_id in lignes]
        return tuple(Trouve(ligne, _marks(lu, j, ligne), _mention(j, ligne)) for j, ligne in vus)

    return Resultats(
        lignes=show(exacts[:limite]),
        proches=show(proches),
        externes=_externes(session, contexte, lu, (nom, prenom), maintenant, apercus_maximum),
        tronque=len(exacts) > limite,
        partiels=any(j.accord is not Accord.TENU for j in proches),
        amorce=make_amorce(lu, nom, prenom),
    )


def _judge_all(session: Session, contexte: Contexte, scope: Sequence[int], lu: Requete) -> list[Juge]:
    """The candidates that are finds, best first."""
    ids = find_candidates(session, contexte.territoire_id, scope, lu)
    portraits = read_portraits(session, contexte, ids, lu)
    return sorted((j for p in portraits if (j := judge_fiche(lu, p))), key=lambda j: j.ordre)


def _mention(juge: Juge, ligne: LigneUsager) -> str | None:
    """What is to be said of a hit besides its line: how it was found, a death (R15)."""
    deces = ligne.usager.decede_le
    mentions = (juge.mention, f"décès enregistré le {show_jour(deces)}" if deces else None)
    return " · ".join(m for m in mentions if m) or None


def _marks(lu: Requete, juge: Juge, ligne: LigneUsager) -> dict[str, list[tuple[str, bool]]]:
    usager, noms = ligne.usager, ("prenom", "nom", "nom_naissance")
    marques = {nom: mark(texte, lu.mots) for nom in noms if (texte := getattr(usager, nom))}
    entiers = {
        "date_naissance": usager.date_naissance,
        "numero_dossier": usager.numero_dossier,
        "telephone": show_telephone(usager.telephone),
        "email": usager.email,
    }
    return marques | {nom: [(texte, True)] for nom, texte in entiers.items() if texte and nom in juge.champs}


# --- what else the answer holds -----------------------------------------------------------


def _externes(
    session: Session,
    contexte: Contexte,
    lu: Requete,
    noms: tuple[str | None, str | None],
    maintenant: datetime,
    maximum: int,
) -> tuple[Candidat, ...]:
    naissance, email, telephone = (lu.first(genre) for genre in ("naissance", "email", "telephone"))
    jour = naissance if naissance and len(naissance) == 10 else None
    adresse = email if email and "." in email.partition("@")[2] else None
    numero = telephone if telephone and len(telephone) == 8 else None
    if maximum <= 0 or len(lu.mots) < 2 or not (jour or adresse or numero):
        return ()
    personne = Personne(
        prenom=noms[1] or lu.mots[-1],
        nom=noms[0],
        naissance=jour,
        emails=(adresse,) if adresse else (),
        telephones=(numero,) if numero else (),
    )
    trouves = limit_apercus(session, contexte, find_doublons(session, contexte, personne), maintenant, maximum)
    return tuple(c for c in trouves.candidats if c.externe)
