"""Reading messages with an agent's eyes: what left, what waits, what failed, and to whom (R10, R11, R20).

An organisation reads the messages of its own RDVs. Addresses are masked where the agent may not read the
fiche. Words are shown where nothing left this machine, which is the local outbox (R21): those of a
message that did leave hold links that are the person's own. Words tell the place of the RDV: where a
fiche protégée takes part they are for its référents (R11).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.identite import mask_email, mask_telephone, show_telephone
from fiches.notifications.lecture import read_contacts
from fiches.notifications.mise_en_page import Morceau, cut
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Canal, Contact, Etat, Genre
from fiches.notifications.tentatives import explain_code
from fiches.notifications.textes import LIBELLES_CANAL, LIBELLES_GENRE
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from fiches.rdvs.queries import open_lieux
from fiches.usagers.models import Usager
from fiches.usagers.queries import visible_ids

PAR_PAGE = 25
SUR_LA_FICHE = 5  # latest messages shown on a fiche
FILTRES = {
    "": "Tous",
    "attente": "En attente",
    "envoye": "Envoyés",
    "abandon": "Abandonnés",
    "echec": "En échec",
}
LIBELLES_ETAT = {
    Etat.ATTENTE: "en attente",
    Etat.ENVOI: "envoi en cours",
    Etat.ENVOYE: "envoyé",
    Etat.ABANDON: "abandonné",
    Etat.ECHEC: "échec",
}


@dataclass(frozen=True)
class MessageMontre:
    """One message. `quand`: when it left, or is to; `essai`: when it is tried again after a fault;
    `retard`: it should have left already; `visible`: the recipient's fiche may be opened; `renvoyable`: a failure
    before its RDV."""

    id: int
    usager_id: int
    nom: str
    visible: bool
    adresse: str
    genre: str
    canal: str
    etat: Etat
    quand: datetime
    essai: datetime | None
    retard: bool
    pourquoi: str
    local: bool
    rdv_debut: datetime | None
    rdv_id: int | None
    renvoyable: bool
    sujet: str = ""
    texte: tuple[Morceau, ...] = ()

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES_ETAT[self.etat]


@dataclass(frozen=True)
class PageMessages:
    """One page of messages, newest first; those that wait, soonest first."""

    lignes: tuple[MessageMontre, ...]
    page: int
    suite: bool  # there is another page


@dataclass(frozen=True)
class EnvoisFiche:
    """What a fiche shows of messages. `echecs`: failures before their RDV; `derniers`: the latest
    others; `a_verifier`: channels whose present address said « pas moi »."""

    echecs: tuple[MessageMontre, ...]
    derniers: tuple[MessageMontre, ...]
    a_verifier: tuple[tuple[Canal, str], ...]


def list_messages(
    session: Session, contexte: Contexte, etat: str, page: int, maintenant: datetime, base: str
) -> PageMessages:
    """The messages of the organisation, or those in one state."""
    page = min(max(1, page), 10_000)
    ordre = (Message.essayer_le, Message.id) if etat == Etat.ATTENTE else (Message.id.desc(),)
    lignes = select(Message).where(Message.organisation_id == contexte.organisation_id).order_by(*ordre)
    if etat in FILTRES and etat:
        voulus = (Etat.ATTENTE, Etat.ENVOI) if etat == Etat.ATTENTE else (etat,)
        lignes = lignes.where(Message.etat.in_(voulus))
    lues = session.scalars(lignes.limit(PAR_PAGE + 1).offset((page - 1) * PAR_PAGE)).all()
    return PageMessages(_show(session, contexte, lues[:PAR_PAGE], maintenant, base), page, len(lues) > PAR_PAGE)


def read_envois(session: Session, contexte: Contexte, usager: Usager, maintenant: datetime, base: str) -> EnvoisFiche:
    """What concerns an usager: the messages they receive, and those their responsable receives about them."""
    concerne = Message.id.in_(about(contexte, usager.id))
    lues = session.scalars(select(Message).where(concerne).order_by(Message.id.desc()).limit(SUR_LA_FICHE)).all()
    echecs = session.scalars(
        select(Message)
        .join(Rdv, Rdv.id == Message.rdv_id)
        .where(concerne, Message.etat == Etat.ECHEC, Rdv.debut > maintenant)
        .order_by(Rdv.debut, Message.id)
        .limit(20)
    ).all()
    montres = _show(session, contexte, [*echecs, *(m for m in lues if m not in echecs)], maintenant, base)
    presentes = {Canal.EMAIL: usager.email, Canal.SMS: usager.telephone}
    marques = session.execute(
        select(AdresseAVerifier.canal, AdresseAVerifier.adresse).where(AdresseAVerifier.usager_id == usager.id)
    )
    return EnvoisFiche(
        montres[: len(echecs)],
        montres[len(echecs) :],
        tuple(sorted((Canal(c), a) for c, a in marques if presentes[Canal(c)] == a)),
    )


def list_of_rdv(session: Session, contexte: Contexte, rdv_id: int, maintenant: datetime) -> tuple[MessageMontre, ...]:
    """The messages of one RDV, in the order in which they are due; without their words."""
    lues = session.scalars(select(Message).where(Message.rdv_id == rdv_id).order_by(Message.du_le, Message.id)).all()
    return _show(session, contexte, lues, maintenant, None)


def about(contexte: Contexte, usager_id: int) -> CompoundSelect[int]:
    """The ids of those messages: each branch starts from one person, never from a service's outbox."""
    ici = Message.organisation_id.in_(contexte.portee)
    du_responsable = (
        select(Message.id)
        .join(Participation, Participation.rdv_id == Message.rdv_id)
        .join(LienProche, LienProche.responsable_id == Message.usager_id)
        .where(Participation.usager_id == usager_id, LienProche.proche_id == usager_id, ici)
    )
    return select(Message.id).where(Message.usager_id == usager_id, ici).union(du_responsable)


def _show(
    session: Session, contexte: Contexte, messages: Sequence[Message], maintenant: datetime, base: str | None
) -> tuple[MessageMontre, ...]:
    ids = {m.usager_id for m in messages}
    # A recipient whom none of our organisations follows is a responsable: named, not opened (R10).
    contacts = read_contacts(session, ids, contexte, {i: i for i in ids})
    visibles = visible_ids(session, contexte, list(ids))
    rdvs = {m.rdv_id for m in messages if m.rdv_id}
    debuts, ouverts = _starts(session, rdvs), open_lieux(session, contexte, rdvs)
    return tuple(
        _line(
            m, contacts[m.usager_id], m.usager_id in visibles, debuts.get(m.rdv_id or 0), maintenant,
            base if m.rdv_id in ouverts else None,
        )
        for m in messages
    )  # fmt: skip


def _starts(session: Session, rdv_ids: Collection[int]) -> dict[int, datetime]:
    return dict(session.execute(select(Rdv.id, Rdv.debut).where(Rdv.id.in_(rdv_ids))).all())


def _line(
    message: Message, contact: Contact, visible: bool, debut: datetime | None, maintenant: datetime, base: str | None
) -> MessageMontre:
    """A message as shown; its words when `base`, the address of its links, is given and it may be read."""
    canal, etat = Canal(message.canal), Etat(message.etat)
    local = message.transport == "local" and etat is Etat.ENVOYE
    lisible = local and contact.lisible and base is not None
    attend_encore = etat in (Etat.ATTENTE, Etat.ENVOI) and message.raison is not None
    return MessageMontre(
        id=message.id,
        usager_id=message.usager_id,
        nom=contact.nom,
        visible=visible,
        adresse=show_adresse(message.adresse or contact.adresse(canal), canal, contact.lisible),
        genre=LIBELLES_GENRE[Genre(message.genre)],
        canal=LIBELLES_CANAL[canal],
        etat=etat,
        quand=message.envoye_le or message.du_le,
        essai=max(message.essayer_le, maintenant) if attend_encore else None,
        retard=etat in (Etat.ATTENTE, Etat.ENVOI) and message.du_le <= maintenant,
        pourquoi=explain_code(message.raison, canal),
        local=local,
        rdv_debut=debut,
        rdv_id=message.rdv_id,
        renvoyable=etat is Etat.ECHEC and debut is not None and debut > maintenant,
        sujet=(message.sujet or "") if lisible else "",
        texte=cut(message.texte or "", base or "") if lisible else (),
    )


def show_adresse(adresse: str | None, canal: Canal, lisible: bool) -> str:
    """An address as this agent may read it, '' when there is none."""
    if adresse is None:
        return ""
    if canal is Canal.EMAIL:
        return adresse if lisible else mask_email(adresse)
    return show_telephone(adresse) if lisible else mask_telephone(adresse)
