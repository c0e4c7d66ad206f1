"""What a new fiche starts with when a search found nobody: the words told apart (R12)."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fiches.doublons.keys import PARTICULES
from fiches.doublons.models import Mot, Paire
from fiches.identite import compact, normal
from fiches.usagers.requete import Requete

CONNUS = 50  # fiches counted of a word at most: beyond, it is simply known


def make_amorce(lu: Requete, nom: str | None, prenom: str | None) -> dict[str, str]:
    """The fields of the form and what they start with."""
    amorce = {"nom": nom, "prenom": prenom}
    for donnee in lu.donnees:
        if donnee.amorce:
            amorce.setdefault(*donnee.amorce)
    return {champ: valeur for champ, valeur in amorce.items() if valeur}


def split_names(session: Session, territoire_id: int, bruts: Sequence[str]) -> tuple[str | None, str | None]:
    """(nom, prénom) of these words in either order.

    The nom is whichever end has a particle, else whichever is in capitals, else what the fiches of
    the territoire say; the first word when nothing tells.
    """
    unites = group_particles(bruts)
    if len(unites) < 2:
        return (unites[0] if unites else None), None
    premier, dernier = unites[0], unites[-1]
    if (a_la_fin := _tells(premier, dernier)) is None:
        a_la_fin = _usually_last(session, territoire_id, compact(premier), compact(dernier))
    return (dernier, " ".join(unites[:-1])) if a_la_fin else (premier, " ".join(unites[1:]))


def group_particles(bruts: Sequence[str]) -> list[str]:
    """The words with each particle joined to the word that follows it."""
    unites: list[str] = []
    particules: list[str] = []
    for mot in bruts:
        particules.append(mot)
        if normal(mot) not in PARTICULES:
            unites.append(" ".join(particules))
            particules = []
    return unites + ([" ".join(particules)] if particules else [])


def _tells(premier: str, dernier: str) -> bool | None:
    """Whether the writing alone says that the nom is at the end; None when it says nothing."""
    for is_nom in (lambda unite: " " in unite, lambda unite: len(unite) > 1 and unite.isupper()):
        if is_nom(premier) != is_nom(dernier):
            return is_nom(dernier)
    return None


def _usually_last(session: Session, territoire_id: int, premier: str, dernier: str) -> bool:
    """Whether the fiches know the first word as a prénom and the last as a nom rather than otherwise."""

    def known(mot: str, colonne: InstrumentedAttribute[int]) -> ScalarSelect[int]:
        fiches = (
            select(Paire.usager_id)
            .join(Mot, Mot.id == colonne)
            .where(Mot.territoire_id == territoire_id, Mot.texte == mot, Paire.territoire_id == territoire_id)
            .limit(CONNUS)
        )
        return select(func.count()).select_from(fiches.subquery()).scalar_subquery()

    nom, prenom = Paire.mot_nom_id, Paire.mot_prenom_id
    a_la_fin = known(premier, prenom) + known(dernier, nom) > known(premier, nom) + known(dernier, prenom)
    return bool(session.scalar(select(a_la_fin)))
