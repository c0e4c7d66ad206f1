"""Who resembles what is typed, as one agent may see it (R4, R5, R10, R11).

A fixed number of statements whatever the candidates: the vocabulary, the fiches near, their rows,
their former values, and the links or organisations only where they matter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons import keys
from fiches.doublons.comparisons import Niv, compare_births
from fiches.doublons.entrees import CLE, USAGER, former_values
from fiches.doublons.partages import Partage, make_partage
from fiches.doublons.score import Frequences, Motif, Niveau, Personne, Verdict, judge, question_to_ask
from fiches.doublons.voisinage import JUGES_MAXIMUM, SOURCES, Recolte, gather
from fiches.identite import key_email, key_telephone, mask_email, mask_telephone
from fiches.organisations.models import Organisation
from fiches.proches.models import LienProche
from fiches.usagers.models import Rattachement, Referent
from fiches.usagers.rules import full_name

LIMITE = 5  # warnings shown (R5)


class UsagerInconnu(LookupError):
    """There is no fiche with this id."""


@dataclass(frozen=True)
class Candidat:
    """A likely duplicate, with no more than the agent may see of it.

    `externe`: of another organisation (R10): no contact, no reasons, only the year of birth.
    `organisation` is then its name, or « un autre service ».
    """

    usager_id: int
    niveau: Niveau
    score: float
    motifs: tuple[Motif, ...]
    externe: bool
    organisation: str | None
    prenom: str | None
    nom: str | None
    prenom_pas_encore_donne: bool
    date_naissance: str | None
    annee: str | None
    telephone_masque: str
    email_masque: str
    decede_le: datetime | None = None

    @property
    def fort(self) -> bool:
        """Whether it must be answered before the fiche is saved (R9)."""
        return self.niveau.fort


@dataclass(frozen=True)
class Recherche:
    """What is to be said about what is typed.

    `candidats`: those to show. `tous`: every candidate found, shown or not, best first.
    `confirmes`: those that the agent has said to be somebody else (R9). `proteges_touches`: fiches
    protégées that match strongly, whose référents are to be alerted; shown to nobody else (R11).
    """

    candidats: tuple[Candidat, ...] = ()
    question: str | None = None
    partages: tuple[Partage, ...] = ()
    tous: tuple[Candidat, ...] = ()
    proteges_touches: tuple[int, ...] = ()
    confirmes: tuple[int, ...] = ()

    @property
    def forts(self) -> frozenset[int]:
        """Every strong candidate, shown or not."""
        return frozenset(c.usager_id for c in self.tous if c.fort)

    @property
    def vus(self) -> tuple[int, ...]:
        """The ids that a tick on this page covers: those shown, and those confirmed before."""
        return tuple(dict.fromkeys((*(c.usager_id for c in self.candidats), *self.confirmes)))


@dataclass(frozen=True)
class _Juge:
    """A fiche that was judged. `ouverte`: the agent may read it in full."""

    row: Any
    personne: Personne
    verdict: Verdict
    ouverte: bool


def find_doublons(
    session: Session, contexte: Contexte, saisie: Personne, *, sauf: int | None = None, limite: int = LIMITE
) -> Recherche:
    """The fiches of the territoire that may be this person, best first, at most `limite`.

    `sauf` is the fiche being modified (the one it was merged into, if it was): never a candidate
    itself, its former names count as typed, its former contacts where the agent may read them
    (R11), and its links as proche and responsable count as evidence.
    """
    if saisie.empty:
        return Recherche()
    typed, lies = saisie, set[int]()
    if (soi := _read_soi(session, contexte, sauf)) is not None:
        sauf, saisie, lies = soi.id, _with_stored(session, soi, saisie), _linked(session, soi.id)
    recolte = gather(session, contexte.territoire_id, saisie)
    ids = _chosen(recolte, sauf)
    if not ids:
        return Recherche()
    rows = _read_rows(session, contexte, ids)
    frequences = _frequences(recolte, rows)
    judged = _judge_all(session, saisie, rows, frequences, lies)
    ouverts = [j for j in judged if j.ouverte and j.verdict.niveau]
    externes = [j for j in judged if not j.row.ici and not j.row.protegee and _shown_outside(saisie, j)]
    organisations = _organisations(session, [j.row.id for j in externes])
    candidats = [_candidat(j) for j in ouverts] + [_externe(j, organisations[j.row.id]) for j in externes]
    candidats.sort(key=lambda c: (-_FORCE[c.niveau], -c.score, c.usager_id))
    return Recherche(
        candidats=tuple(candidats[:limite]),
        question=question_to_ask(saisie, _best(ouverts, limite), frequences),
        partages=_partages(session, contexte, typed, rows, recolte, sauf),
        tous=tuple(candidats),
        proteges_touches=tuple(j.row.id for j in judged if not j.ouverte and j.row.protegee and _is_strong(j.verdict)),
    )


def strong_raised_by_change(avant: Recherche, apres: Recherche) -> tuple[Candidat, ...]:
    """Of the candidates shown, those that a change itself raises: strong now, and not before it (R9)."""
    return tuple(c for c in apres.candidats if c.fort and c.usager_id not in avant.forts)


def read_personne(session: Session, usager_id: int) -> Personne:
    """The present values of a fiche as the matching sees them. Raises UsagerInconnu."""
    row = session.execute(select(USAGER).where(USAGER.c.id == usager_id)).first()
    if row is None:
        raise UsagerInconnu(usager_id)
    return _personne(row)


def _chosen(recolte: Recolte, sauf: int | None) -> list[int]:
    """The fiches to read: the most telling, and whoever holds a contact that was typed (R4)."""
    holders = [i for ids in recolte.contacts.values() for i in ids]
    return [i for i in dict.fromkeys((*recolte.ids[:JUGES_MAXIMUM], *holders)) if i != sauf]


# --- reading ----------------------------------------------------------------------------

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PORTEE: BindParameter[Any] = bindparam("portee", expanding=True)
_COLONNES = (
    "id", "prenom", "nom", "nom_naissance", "prenom_pas_encore_donne", "date_naissance", "email", "telephone",
    "telephone_2", "adresse", "code_postal", "protegee", "email_tiers", "nom_unique", "decede_le",
)  # fmt: skip
_ICI = (
    exists()
    .where(Rattachement.usager_id == USAGER.c.id, Rattachement.organisation_id.in_(_PORTEE))
    .correlate(USAGER)
    .label("ici")
)
_REFERENT = (
    exists()
    .where(
        Referent.usager_id == USAGER.c.id,
        Referent.agent_id == bindparam("agent"),
        Referent.organisation_id.in_(_PORTEE),
    )
    .correlate(USAGER)
    .label("referent")
)
_ROWS = select(*(USAGER.c[nom] for nom in _COLONNES), _ICI, _REFERENT).where(
    USAGER.c.id.in_(_IDS), USAGER.c.territoire_id == bindparam("t"), USAGER.c.fusionne_vers_id.is_(None)
)
_SOI = select(USAGER.c.id, USAGER.c.fusionne_vers_id, USAGER.c.protegee, _ICI, _REFERENT).where(
    USAGER.c.id == bindparam("id"), USAGER.c.territoire_id == bindparam("t")
)
_LIENS = select(LienProche.proche_id, LienProche.responsable_id).where(
    (LienProche.proche_id == bindparam("id")) | (LienProche.responsable_id == bindparam("id")),
    LienProche.nature == "familial",  # a tutor is no household (R26)
)


def _read_rows(session: Session, contexte: Contexte, ids: Sequence[int]) -> Sequence[Any]:
    return session.connection().execute(_ROWS, {"ids": ids} | _seen_by(contexte)).all()


def _seen_by(contexte: Contexte) -> dict[str, Any]:
    return {"t": contexte.territoire_id, "portee": contexte.portee, "agent": contexte.agent.id}


def _read_soi(session: Session, contexte: Contexte, usager_id: int | None) -> Any:
    """What matters of the fiche being modified, a merge followed; None when there is none (here)."""
    row = None
    while usager_id is not None:
        row = session.connection().execute(_SOI, {"id": usager_id} | _seen_by(contexte)).first()
        usager_id = row.fusionne_vers_id if row else None
    return row


def _is_open(row: Any) -> bool:
    """Whether the agent may read this fiche in full (R10, R11)."""
    return bool(row.ici and (row.referent or not row.protegee))


def _with_stored(session: Session, soi: Any, saisie: Personne) -> Personne:
    """What is typed, with the former values of its own fiche that the agent may read."""
    if not soi.ici:
        return saisie
    anciens = former_values(session, [soi.id])
    return _with_former(saisie, anciens if _is_open(soi) else [a for a in anciens if a[1] == "nom"])


def _linked(session: Session, usager_id: int) -> set[int]:
    """The proches and the responsable of this fiche by a family link."""
    return {i for lien in session.connection().execute(_LIENS, {"id": usager_id}) for i in lien} - {usager_id}


def _organisations(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The service that follows each of these outside fiches, unnamed where its name tells too much."""
    if not ids:
        return {}
    rows = session.execute(
        select(Rattachement.usager_id, Organisation.nom, Organisation.discrete)
        .join(Organisation, Organisation.id == Rattachement.organisation_id)
        .where(Rattachement.usager_id.in_(ids))
        .order_by(Rattachement.cree_le.desc(), Rattachement.organisation_id.desc())
    )
    noms = dict.fromkeys(ids, "un autre service")
    return noms | {usager_id: "un autre service" if discrete else nom for usager_id, nom, discrete in rows}


def _count_shared(session: Session, contexte: Contexte, genre: str, valeur: str, sauf: int | None) -> int:
    """How many visible, unprotected fiches have a contact that very many hold."""
    cle = key_email(valeur) if genre == "email" else key_telephone(valeur)
    tenu = (
        USAGER.c.email == valeur
        if genre == "email"
        else or_(USAGER.c.telephone == valeur, USAGER.c.telephone_2 == valeur)
    )
    compte = (
        select(func.count(USAGER.c.id.distinct()))
        .select_from(CLE)
        .join(USAGER, USAGER.c.id == CLE.c.usager_id)
        .join(Rattachement, Rattachement.usager_id == CLE.c.usager_id)
        .where(
            CLE.c.territoire_id == contexte.territoire_id,
            CLE.c.genre == genre,
            CLE.c.cle == cle,
            tenu,
            CLE.c.usager_id != (sauf or 0),
            Rattachement.organisation_id.in_(contexte.portee),
            USAGER.c.protegee.is_(False),
        )
    )
    return session.scalar(compte) or 0


# --- judging ----------------------------------------------------------------------------

_FORCE = {Niveau.CERTAIN: 2, Niveau.PROBABLE: 1, Niveau.POSSIBLE: 0}


def _personne(row: Any) -> Personne:
    return Personne(
        row.prenom,
        row.nom,
        row.nom_naissance,
        row.date_naissance,
        (row.email,) if row.email and not row.email_tiers else (),
        tuple(t for t in (row.telephone, row.telephone_2) if t),
        row.adresse,
        row.code_postal,
        nom_unique=row.nom_unique,
    )


def _with_former(personne: Personne, anciens: Sequence[tuple[int, str, str | None, str | None]]) -> Personne:
    if not anciens:
        return personne
    noms = tuple((prenom, nom) for _, genre, prenom, nom in anciens if genre == "nom")
    emails = tuple(valeur for _, genre, valeur, _ in anciens if genre == "email" and valeur)
    telephones = tuple(valeur for _, genre, valeur, _ in anciens if genre == "telephone" and valeur)
    return personne.with_former(noms, emails, telephones)


def _frequences(recolte: Recolte, rows: Sequence[Any]) -> Frequences:
    """How common the names are, and how many people the agent sees under each contact: fiches
    whose names are alike count once, so that a person's own duplicates do not weaken it (R7)."""
    personnes = {row.id: keys.name_key(row.prenom, row.nom) for row in rows if _is_open(row)}
    contacts = {cle: len({personnes[i] for i in ids if i in personnes}) for cle, ids in recolte.contacts.items()}
    return Frequences(recolte.fiches, recolte.frequences, contacts)


def _judge_all(
    session: Session, saisie: Personne, rows: Sequence[Any], frequences: Frequences, lies: Collection[int]
) -> list[_Juge]:
    anciens: dict[int, list[tuple[int, str, str | None, str | None]]] = {}
    for ancien in former_values(session, [row.id for row in rows]):
        anciens.setdefault(ancien[0], []).append(ancien)
    judged = []
    for row in rows:
        personne = _with_former(_personne(row), anciens.get(row.id, ()))
        verdict = judge(saisie, personne, frequences, lies=row.id in lies)
        judged.append(_Juge(row, personne, verdict, _is_open(row)))
    return judged


def _is_strong(verdict: Verdict) -> bool:
    return verdict.niveau is not None and verdict.niveau.fort


def _shown_outside(saisie: Personne, juge: _Juge) -> bool:
    """Whether an outside fiche may appear: close names and one datum exactly the same (R10)."""
    if juge.verdict.niveau is None or not juge.verdict.noms_proches:
        return False
    row = juge.row
    return (
        compare_births(saisie.naissance, row.date_naissance) is Niv.EGAL
        or (row.email in saisie.emails and not row.email_tiers)
        or not {row.telephone, row.telephone_2}.isdisjoint(saisie.telephones)
    )


def _best(juges: Sequence[_Juge], limite: int) -> list[tuple[Personne, Verdict]]:
    best = sorted(juges, key=lambda j: (-j.verdict.score, j.row.id))[:limite]
    return [(j.personne, j.verdict) for j in best]


# --- showing ----------------------------------------------------------------------------


def _candidat(juge: _Juge) -> Candidat:
    row, verdict = juge.row, juge.verdict
    return Candidat(
        usager_id=row.id,
        niveau=verdict.niveau or Niveau.POSSIBLE,
        score=verdict.score,
        motifs=verdict.motifs,
        externe=False,
        organisation=None,
        prenom=row.prenom,
        nom=row.nom,
        prenom_pas_encore_donne=row.prenom_pas_encore_donne,
        date_naissance=row.date_naissance,
        annee=(row.date_naissance or "")[:4] or None,
        telephone_masque=mask_telephone(row.telephone),
        email_masque=mask_email(row.email),
        decede_le=row.decede_le,
    )


def _externe(juge: _Juge, organisation: str) -> Candidat:
    """What R10 lets be seen of an outside fiche, and nothing else."""
    return replace(
        _candidat(juge),
        niveau=Niveau.PROBABLE,
        motifs=(),
        externe=True,
        organisation=organisation,
        date_naissance=None,
        telephone_masque="",
        email_masque="",
        decede_le=None,
    )


def _partages(
    session: Session, contexte: Contexte, typed: Personne, rows: Sequence[Any], recolte: Recolte, sauf: int | None
) -> tuple[Partage, ...]:
    """Who has exactly the e-mail or the phones that were typed (R4)."""
    visibles = [row for row in rows if _is_open(row)]
    partages = []
    for genre, key, valeurs in (
        ("email", key_email, typed.emails),
        ("telephone", key_telephone, typed.telephones),
    ):
        for valeur in dict.fromkeys(valeurs):
            porteurs = [row for row in visibles if valeur in _contacts(row, genre)]
            plein = len(recolte.contacts.get((genre, key(valeur)), ())) >= SOURCES[genre][0]
            nombre = _count_shared(session, contexte, genre, valeur, sauf) if plein else len(porteurs)
            noms = [full_name(row.prenom, row.nom, row.prenom_pas_encore_donne) for row in porteurs]
            familles = len({keys.phonetic(keys.without_particles(row.nom)) for row in porteurs})
            if partage := make_partage(genre, noms, nombre, familles):
                partages.append(partage)
    return tuple(partages)


def _contacts(row: Any, genre: str) -> tuple[str | None, ...]:
    return (row.email,) if genre == "email" else (row.telephone, row.telephone_2)
