"""« Qui sera prévenu ? »: what a screen shows before something is saved (PURE, R22).

Worked out by the functions that fill the outbox, so what is shown is what is sent. `sign` makes the
token that a form carries back: other contacts, another hour or another text give another token.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fiches.dates import show_moment
from fiches.identite import mask_email, mask_telephone, show_telephone
from fiches.notifications.plan import Ajout, Ligne, waiting_after
from fiches.notifications.rules import Avis, Canal, Etat, Genre, Raison, RdvNotifie, who_is_told
from fiches.notifications.textes import LIBELLES_CANAL, LIBELLES_GENRE, explain, show_when, write_message
from fiches.proches.rules import INCONNU

TOUT_DE_SUITE = "tout de suite"


@dataclass(frozen=True)
class Envoi:
    """One message that will leave: when, what it is, its exact words."""

    quand: str
    genre: str
    sujet: str
    corps: str


@dataclass(frozen=True)
class Destinataire:
    """One person by one channel. `pourquoi`: why nothing leaves, '' when `envois` holds something;
    `pour`: whose RDV it is, where that is somebody else."""

    usager_id: int
    nom: str
    canal: str
    adresse: str
    pour: tuple[str, ...]
    envois: tuple[Envoi, ...]
    pourquoi: str


@dataclass(frozen=True)
class Prevision:
    """Who will be told of one RDV. `avant`: who is told as things are, where a change is previewed."""

    rdv_id: int | None
    quand: str
    destinataires: tuple[Destinataire, ...]
    avant: tuple[str, ...] = ()

    @property
    def prevenus(self) -> tuple[Destinataire, ...]:
        """Those to whom something leaves."""
        return tuple(d for d in self.destinataires if d.envois)

    @property
    def personne(self) -> bool:
        """Whether nobody will be told anything."""
        return not self.prevenus


def show_prevision(
    rdv: RdvNotifie, maintenant: datetime, annonce: Genre | None, lignes: Collection[Ligne] = ()
) -> Prevision:
    """Who will be told of this RDV, given what its outbox holds and what is about to happen to it."""
    attendus = waiting_after(rdv, lignes, maintenant, annonce)
    destinataires = []
    for avis in who_is_told(rdv):
        envois = tuple(
            _show_envoi(rdv, avis, a.genre, a.du_le, maintenant) for a in attendus if (a.usager_id, a.canal) == avis.cle
        )
        destinataires.append(
            Destinataire(
                avis.destinataire.usager_id,
                avis.destinataire.nom,
                LIBELLES_CANAL[avis.canal],
                show_adresse(avis),
                names_for(avis),
                envois,
                "" if envois else _why_nothing(rdv, avis, maintenant),
            )
        )
    return Prevision(rdv.id, show_when(rdv), tuple(destinataires))


def show_change(
    avant: RdvNotifie, apres: RdvNotifie, maintenant: datetime, lignes: Collection[Ligne] = ()
) -> Prevision | None:
    """Who will be told of an RDV once contacts or links change, None when that changes nothing (R14)."""
    dits = [{(a.cle, a.adresse) for a in who_is_told(rdv) if a.adresse} for rdv in (avant, apres)]
    if dits[0] == dits[1]:
        return None
    prevision = show_prevision(apres, maintenant, None, lignes)
    jusque_la = tuple(
        f"{a.destinataire.nom}, {LIBELLES_CANAL[a.canal]} ({show_adresse(a)})" for a in who_is_told(avant) if a.adresse
    )
    return Prevision(prevision.rdv_id, prevision.quand, prevision.destinataires, jusque_la or ("personne",))


def say_change(prevision: Prevision) -> str:
    """What a change did to an RDV's messages, in one sentence, for after it was saved (R14)."""
    if prevision.personne:
        return f"RDV du {prevision.quand}\u00a0: personne ne sera plus prévenu."
    qui = ", ".join(f"{d.nom} par {d.canal} ({d.adresse})" for d in prevision.prevenus)
    return f"RDV du {prevision.quand}\u00a0: désormais {qui}."


@dataclass(frozen=True)
class Prevu:
    """One row of the outbox of an RDV as it will be. `etat`: 'attente', 'envoi' (left alone) or 'abandon',
    then with why (`pourquoi`) and without words. `quoi`: « Rappel par SMS »."""

    rdv_id: int | None
    usager_id: int
    genre: Genre
    canal: Canal
    etat: Etat
    quoi: str
    nom: str
    adresse: str = ""
    pour: tuple[str, ...] = ()
    quand: str = ""
    sujet: str = ""
    corps: str = ""
    pourquoi: str = ""


def show_outbox(
    rdv: RdvNotifie,
    lignes: Collection[Ligne],
    maintenant: datetime,
    abandons: Mapping[int, Raison],
    noms: Mapping[int, str],
) -> tuple[Prevu, ...]:
    """What waits once `abandons` are given up and the outbox is in line, what is being sent, then what is
    given up. `noms`: who a row is for that concerns nobody of the RDV any more."""
    avis = {a.cle: a for a in who_is_told(rdv)}
    attend = [_waits(rdv, avis[a.usager_id, a.canal], a, maintenant) for a in waiting_after(rdv, lignes, maintenant)]
    autres = []
    for x in sorted(lignes, key=lambda x: (x.id in abandons, x.du_le, x.id)):
        etat = Etat.ABANDON if x.id in abandons else x.etat
        if etat is Etat.ENVOI or x.id in abandons:
            connu = avis.get((x.usager_id, x.canal))
            nom = connu.destinataire.nom if connu else noms.get(x.usager_id, INCONNU)
            pourquoi = explain(abandons[x.id], x.canal) if x.id in abandons else ""
            autres.append(Prevu(rdv.id, x.usager_id, x.genre, x.canal, etat, _what(x), nom, pourquoi=pourquoi))
    return (*attend, *autres)


def _waits(rdv: RdvNotifie, avis: Avis, ajout: Ajout, maintenant: datetime) -> Prevu:
    envoi = _show_envoi(rdv, avis, ajout.genre, ajout.du_le, maintenant)
    return Prevu(
        rdv.id,
        ajout.usager_id,
        ajout.genre,
        ajout.canal,
        Etat.ATTENTE,
        _what(ajout),
        avis.destinataire.nom,
        show_adresse(avis),
        names_for(avis),
        envoi.quand,
        envoi.sujet,
        envoi.corps,
    )


def _what(message: Ajout | Ligne) -> str:
    return f"{LIBELLES_GENRE[message.genre]} par {LIBELLES_CANAL[message.canal]}"


def names_for(avis: Avis) -> tuple[str, ...]:
    """Whose RDV it is, where that is somebody else than who is told."""
    return tuple(c.nom for c in avis.pour if c.usager_id != avis.destinataire.usager_id)


def say_elsewhere(nombre: int) -> str:
    """RDVs of other services of which somebody else will be told: only how many (R13)."""
    quoi = "1 RDV d’un autre service sera annoncé" if nombre == 1 else f"{nombre} RDV d’autres services seront annoncés"
    return f"{quoi} autrement."


def show_adresse(avis: Avis) -> str:
    """The address as this agent may read it, '' when there is none."""
    contact = avis.destinataire
    adresse = contact.adresse(avis.canal)
    if adresse is None:
        return ""
    if avis.canal is Canal.EMAIL:
        return adresse if contact.lisible else mask_email(adresse)
    return show_telephone(adresse) if contact.lisible else mask_telephone(adresse)


def _show_envoi(rdv: RdvNotifie, avis: Avis, genre: Genre, du_le: datetime, maintenant: datetime) -> Envoi:
    texte = write_message(genre, rdv, avis)
    quand = TOUT_DE_SUITE if du_le <= maintenant else show_moment(du_le)
    return Envoi(quand, LIBELLES_GENRE[genre], texte.sujet, texte.corps)


def _why_nothing(rdv: RdvNotifie, avis: Avis, maintenant: datetime) -> str:
    if rdv.debut <= maintenant:
        return "le RDV est passé"
    if avis.raison is not None:
        return explain(avis.raison, avis.canal)
    return "le RDV n’avait pas encore été annoncé" if rdv.annule else "tout est déjà dit"


def sign(previsions: Iterable[Prevision], secret: bytes) -> str:
    """The token of what was shown."""
    return hmac.new(secret, repr(list(previsions)).encode(), hashlib.sha256).hexdigest()


def is_current(avis: str, previsions: Iterable[Prevision], secret: bytes) -> bool:
    """Whether the token was given for exactly this."""
    return hmac.compare_digest(avis.encode("utf-8", "replace"), sign(previsions, secret).encode())
