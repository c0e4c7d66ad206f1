"""Creating a fiche that is linked at once: the form of usagers, under the banner of a link (R26)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.proches.actions import link
from fiches.proches.forms import PROCHE
from fiches.proches.queries import check_living, get_fiche, read_maillons
from fiches.proches.queries_ecran import INTROUVABLE
from fiches.proches.rules import LienImpossible, LienVoulu
from fiches.usagers.cadre import Cadre, Relier
from fiches.usagers.erreurs import FicheIntrouvable
from fiches.usagers.models import Usager
from fiches.usagers.saisie import read_id

Ensuite = Callable[[int], object]


def proche_of(session: Session, contexte: Contexte, brut: str | None, le: datetime) -> tuple[Cadre, Ensuite | None]:
    """The ordinary form of creation, whose fiche becomes the proche of `responsable_id` where one is
    given (R26); what cannot be linked is refused on the form. Raises FicheProtegee."""
    responsable_id = read_id(brut)
    if responsable_id is None:
        return Cadre("usagers/nouveau.html"), None
    caches = {"responsable_id": brut or ""}
    try:
        responsable = get_fiche(session, contexte, responsable_id)
        check_living(responsable)
    except (FicheIntrouvable, LienImpossible) as refus:
        texte = refus.texte if isinstance(refus, LienImpossible) else f"Responsable\u00a0: {INTROUVABLE}"
        return Cadre("usagers/nouveau.html", caches, refus=texte), None
    nom = read_maillons(session, contexte, [responsable.id])[responsable.id]
    return Cadre("usagers/nouveau.html", caches, {"responsable": nom}), _linking(session, contexte, responsable.id, le)


def on_the_spot(
    session: Session, contexte: Contexte, usager: Usager, porte: str, le: datetime
) -> tuple[Cadre, Ensuite | None]:
    """The form of a proche or a responsable of this fiche. A new proche is linked in the transaction
    that creates it; a new responsable is not, since messages to come may go to somebody else."""
    refus = ""
    try:
        check_living(usager)
    except LienImpossible as impossible:
        refus = impossible.texte
    relier = Relier(usager.id, porte)
    caches = {"relier": str(usager.id), "lien": porte}
    cadre = Cadre("proches/nouveau.html", caches, {"usager": usager, "porte": porte}, relier, refus)
    return cadre, _linking(session, contexte, usager.id, le) if porte == PROCHE else None


def _linking(session: Session, contexte: Contexte, responsable_id: int, le: datetime) -> Ensuite:
    return lambda usager_id: link(session, contexte, LienVoulu(usager_id, responsable_id), le)
