"""What the messages of an organisation look like, for its admin to judge (R21): a sample RDV, every text."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of, instant_of
from fiches.notifications.jetons import make_liens
from fiches.notifications.lecture import make_rdv
from fiches.notifications.mise_en_page import count_segments
from fiches.notifications.rules import Canal, Contact, Genre, Participant, RdvNotifie, silence_of, who_is_told
from fiches.notifications.textes import LIBELLES_CANAL, LIBELLES_GENRE, RAISONS, write_message
from fiches.organisations.models import Organisation
from fiches.rdvs.models import Lieu, Motif

MESSAGE_EXEMPLE = 123_456  # gives links of the length that real ones have
ADULTE = Contact(1, "Camille", "Camille", "camille@exemple.fr", "+33612345678")
ENFANT = Contact(2, "Léonie", "Léonie")


@dataclass(frozen=True)
class TexteMontre:
    """One text. `segments`: how many SMS it is sent as, 0 for an e-mail."""

    genre: str
    canal: str
    sujet: str
    corps: str
    segments: int


@dataclass(frozen=True)
class ApercuMessages:
    """The choices, what was chosen, and the texts; `silence`: why this motif sends none."""

    motifs: tuple[Motif, ...]
    lieux: tuple[Lieu, ...]
    motif: Motif | None
    lieu: Lieu | None
    pour_proche: bool
    silence: str
    textes: tuple[TexteMontre, ...]


def read_apercu(
    session: Session,
    contexte: Contexte,
    motif_id: int | None,
    lieu_id: int | None,
    sans_lieu: bool,
    pour_proche: bool,
    maintenant: datetime,
    base: str,
) -> ApercuMessages:
    """Every text for this motif and lieu of the organisation; without a choice, the first ones."""
    org = contexte.organisation_id
    motifs = session.scalars(
        select(Motif)
        .where(Motif.organisation_id == org, or_(Motif.archive_le.is_(None), Motif.id == motif_id))
        .order_by(Motif.visibilite != "visible_notifie", Motif.nom)
    ).all()
    lieux = session.scalars(
        select(Lieu)
        .where(Lieu.organisation_id == org, or_(Lieu.archive_le.is_(None), Lieu.id == lieu_id))
        .order_by(Lieu.nom)
    ).all()
    motif = next((m for m in motifs if m.id == motif_id), motifs[0] if motifs else None)
    lieu = None if sans_lieu else next((x for x in lieux if x.id == lieu_id), lieux[0] if lieux else None)
    textes: tuple[TexteMontre, ...] = ()
    silence = ""
    if motif is not None:
        rdv = _sample(session.get_one(Organisation, org), motif, lieu, pour_proche, maintenant)
        raison = silence_of(rdv)
        silence = RAISONS[raison] if raison else ""
        textes = () if raison else _texts(rdv, base)
    return ApercuMessages(tuple(motifs), tuple(lieux), motif, lieu, pour_proche, silence, textes)


def _sample(
    organisation: Organisation, motif: Motif, lieu: Lieu | None, pour_proche: bool, maintenant: datetime
) -> RdvNotifie:
    debut = instant_of(day_of(maintenant) + timedelta(days=7), time(9, 30))
    participant = Participant(ENFANT, ADULTE) if pour_proche else Participant(ADULTE)
    return make_rdv(None, debut, motif.duree, motif, lieu, organisation, (participant,))


def _texts(rdv: RdvNotifie, base: str) -> tuple[TexteMontre, ...]:
    liens = make_liens(MESSAGE_EXEMPLE, "exemple", base)  # signed with no secret of ours: they open nothing
    textes = []
    for genre in Genre:
        vu = replace(rdv, annule=genre is Genre.ANNULE)
        for avis in who_is_told(vu):
            if avis.adresse is None:
                continue
            texte = write_message(genre, vu, avis, liens)
            segments = count_segments(texte.corps) if avis.canal is Canal.SMS else 0
            canal = LIBELLES_CANAL[avis.canal]
            textes.append(TexteMontre(LIBELLES_GENRE[genre], canal, texte.sujet, texte.corps, segments))
    return tuple(textes)
