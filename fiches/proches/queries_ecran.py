"""What the screen of links shows: its two doors, what a search finds, what confirming would do."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.dates import day_of
from fiches.proches.models import LienProche
from fiches.proches.queries import (
    Consequences,
    Liens,
    check_people,
    get_fiche,
    read_consequences,
    read_lien,
    read_liens,
    read_maillons,
)
from fiches.proches.rules import LienImpossible
from fiches.usagers.erreurs import FicheIntrouvable
from fiches.usagers.models import Usager
from fiches.usagers.recherche import Resultats, search_fiches

RESULTATS = 12  # hits shown in one door


@dataclass(frozen=True)
class Confirmation:
    """A link about to be made. `ancien`: the responsable it takes the place of, by the name the agent
    may read; `lien`: the present link of the proche when it is this one, to be changed."""

    proche: Usager
    responsable: Usager
    consequences: Consequences
    ancien: str | None = None
    lien: LienProche | None = None


@dataclass(frozen=True)
class Vue:
    """The whole screen. `resultats`: door → what its search found; `refus`: why nothing can be
    confirmed, with `code` what the page answers."""

    liens: Liens
    resultats: dict[str, Resultats]
    confirmation: Confirmation | None = None
    refus: str = ""
    code: int = 200


INTROUVABLE = "Cette fiche n’existe pas, ou aucune de vos organisations ne la suit."


def read_vue(
    session: Session,
    contexte: Contexte,
    usager: Usager,
    porte: str,
    q: str,
    bouts: tuple[int, int] | None,
    maintenant: datetime,
    secret: bytes,
    apercus: int,
) -> Vue:
    """The screen; whatever is wrong with the fiche chosen is said on it, a protected one excepted."""
    liens = read_liens(session, contexte, usager, day_of(maintenant))
    resultats = {porte: search(session, contexte, q, maintenant, apercus)} if q else {}
    if bouts is None:
        return Vue(liens, resultats)
    try:
        return Vue(liens, resultats, read_confirmation(session, contexte, bouts, maintenant, secret))
    except FicheIntrouvable:
        return Vue(liens, resultats, refus=INTROUVABLE, code=404)
    except LienImpossible as refus:
        return Vue(liens, resultats, refus=refus.texte, code=422)


def search(session: Session, contexte: Contexte, q: str, maintenant: datetime, apercus: int) -> Resultats:
    """What a door's search finds in the organisation, and of other services under R10's conditions."""
    return search_fiches(session, contexte, q, maintenant, apercus, limite=RESULTATS)


def read_confirmation(
    session: Session, contexte: Contexte, bouts: tuple[int, int], maintenant: datetime, secret: bytes
) -> Confirmation:
    """What linking (proche, responsable) would do. Raises FicheIntrouvable, FicheProtegee, LienImpossible."""
    proche, responsable = (get_fiche(session, contexte, i) for i in bouts)
    check_people(session, contexte, proche, responsable)
    lien = read_lien(session, proche.id)
    meme = lien is not None and lien.responsable_id == responsable.id
    ancien = None
    if lien is not None and not meme:
        ancien = read_maillons(session, contexte, [lien.responsable_id])[lien.responsable_id].nom
    consequences = read_consequences(session, contexte, proche.id, responsable.id, maintenant, secret)
    return Confirmation(proche, responsable, consequences, ancien, lien if meme else None)
