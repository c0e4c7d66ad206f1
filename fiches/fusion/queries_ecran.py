"""What the merge's screen shows: the two columns, their searches, the lines and the preview.

Reading only: the preview is the plan that `actions.fusionner` would carry out (F5).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons.models import Doublon
from fiches.doublons.queries import Candidat
from fiches.fusion.apercu import Apercu, show_plan
from fiches.fusion.choix import announce, settle
from fiches.fusion.demande import Demande
from fiches.fusion.etat import COTES, Cote, Lecture, Personne, other
from fiches.fusion.jeton import sign
from fiches.fusion.lignes import Ligne, Refus
from fiches.fusion.plan import IDENTITE_VERIFIEE, PlanFusion
from fiches.fusion.queries import personnes, read_fusion, visible_ids
from fiches.fusion.refus import FicheIntrouvable, MemeFiche
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from fiches.usagers.models import Usager
from fiches.usagers.queries import read_lignes
from fiches.usagers.recherche import search_fiches
from fiches.usagers.saisie import read_id

RESULTATS = 12  # hits shown in one column


@dataclass(frozen=True)
class Carte:
    """A fiche as a column or a hit shows it: enough to tell homonyms apart (F1)."""

    usager: Usager
    lisible: bool
    responsable: Personne | None
    proches: int
    rdvs: int
    derniere_activite: datetime
    mention: str | None = None  # through what it was found, or what differs from what was typed


@dataclass(frozen=True)
class Colonne:
    """One side. `demande`: the id asked for; `avis`: that it was followed to its survivor (F10)."""

    cote: Cote
    demande: int | None = None
    carte: Carte | None = None
    erreur: str = ""
    avis: str = ""
    q: str = ""
    resultats: tuple[Carte, ...] | None = None
    externes: tuple[Candidat, ...] = ()  # of another service: to be attached before they can be merged (R10)
    proposees: bool = False  # the hits are the other side's possible duplicates, not a search's

    @property
    def id(self) -> int | None:
        """The fiche that stands on this side."""
        return self.carte.usager.id if self.carte else None


@dataclass(frozen=True)
class Vue:
    """The whole screen. `lecture`, `plan` and `apercu` only once both sides are chosen."""

    colonnes: dict[Cote, Colonne]
    lecture: Lecture | None = None
    plan: PlanFusion | None = None
    apercu: Apercu | None = None
    etat: str = ""
    message: str = ""
    survivant: int | None = None
    redessinees: tuple[Ligne, ...] = ()
    annonce: str = ""
    confirmer: bool = False
    identite_verifiee: bool = False
    avant: dict[str, str] = field(default_factory=dict)

    @property
    def introuvable(self) -> bool:
        """Whether a side asked for does not exist for this agent."""
        return any(c.erreur for c in self.colonnes.values())

    @property
    def suivie(self) -> bool:
        """Whether a side was merged meanwhile and followed to its survivor (F10)."""
        return any(c.avis for c in self.colonnes.values())

    @property
    def a_chercher(self) -> Cote | None:
        """The side whose search takes the focus: the one just searched, else the first without fiche."""
        cherchees = [c for c, colonne in self.colonnes.items() if colonne.resultats is not None and colonne.q]
        return next(iter(cherchees or [c for c in COTES if self.colonnes[c].demande is None]), None)

    def ancre(self, refus: Refus) -> str:
        """Where on the page this refusal can be mended: its line or box, else the list of refusals."""
        if refus.ligne == IDENTITE_VERIFIEE:
            return IDENTITE_VERIFIEE
        ligne = self.plan.ligne(refus.ligne) if self.plan else None
        return f"ligne-{ligne.nom}" if ligne and ligne.choisissable else "fusion-refus"

    @property
    def ids(self) -> dict[Cote, int | None]:
        """The fiches of both sides, for the links of the page."""
        return {c: colonne.id for c, colonne in self.colonnes.items()}


def read_vue(
    session: Session, contexte: Contexte, demande: Demande, secret: bytes, maintenant: datetime, apercus: int
) -> Vue:
    """The screen for this demande; whatever is wrong with it is said on the screen, never raised.

    `apercus`: how many fiches of other services may be shown to this agent per day (R10).
    """
    colonnes = {c: read_colonne(session, contexte, demande, c, maintenant, apercus) for c in COTES}
    a, b = colonnes["a"], colonnes["b"]
    if a.id is None or b.id is None:
        return Vue(_propose(session, contexte, colonnes, maintenant))
    try:
        lecture = read_fusion(session, contexte, a.demande or a.id, b.demande or b.id, maintenant)
    except FicheIntrouvable as refus:
        colonnes[refus.cote] = replace(colonnes[refus.cote], carte=None, erreur=refus.texte)
        return Vue(colonnes)
    except MemeFiche as refus:
        return Vue(colonnes, message=refus.texte, survivant=refus.usager_id if refus.fusionnees else None)
    plan, redessinees = settle(lecture, demande.choix, demande.avant, maintenant)
    return Vue(
        colonnes,
        lecture,
        plan,
        show_plan(lecture, plan, maintenant),
        sign(lecture, plan, secret),
        redessinees=redessinees,
        annonce=announce(demande.avant, plan),
        confirmer=demande.confirmer,
        identite_verifiee=demande.choix.identite_verifiee,
        avant=plan.choix_faits(),
    )


def read_colonne(
    session: Session, contexte: Contexte, demande: Demande, cote: Cote, maintenant: datetime, apercus: int
) -> Colonne:
    """One side: its fiche if one is asked for, the hits if one is searched for."""
    colonne = Colonne(cote, demande.id_of(cote))
    if demande.colonne == cote and demande.q:
        colonne = _search(session, contexte, replace(colonne, q=demande.q), maintenant, apercus)
    if colonne.demande is None:
        return colonne
    actuel = _follow(session, contexte, colonne.demande)
    if actuel is None:
        return replace(colonne, erreur=FicheIntrouvable.texte)
    avis = f"La fiche n° {colonne.demande} a été fusionnée avec celle-ci." if actuel != colonne.demande else ""
    return replace(colonne, carte=read_cartes(session, contexte, [actuel], maintenant)[0], avis=avis)


def _propose(
    session: Session, contexte: Contexte, colonnes: dict[Cote, Colonne], maintenant: datetime
) -> dict[Cote, Colonne]:
    """With one side chosen, the other offers its possible duplicates until something is searched."""
    for cote in COTES:
        vide, choisie = colonnes[cote], colonnes[other(cote)].id
        if choisie is None or vide.demande is not None or vide.resultats is not None:
            continue
        autre = case((Doublon.usager_a_id == choisie, Doublon.usager_b_id), else_=Doublon.usager_a_id)
        paires = session.scalars(
            select(autre)
            .where(or_(Doublon.usager_a_id == choisie, Doublon.usager_b_id == choisie), Doublon.etat == "ouvert")
            .order_by(Doublon.score.desc(), Doublon.id)
            .limit(RESULTATS)
        ).all()
        visibles = set(session.scalars(visible_ids(contexte, paires)))
        if visibles:
            cartes = read_cartes(session, contexte, [i for i in paires if i in visibles], maintenant)
            colonnes[cote] = replace(vide, resultats=cartes, proposees=True)
    return colonnes


def _search(session: Session, contexte: Contexte, colonne: Colonne, maintenant: datetime, apercus: int) -> Colonne:
    """The fiches of the agent's organisations that are found, by number too, best first (F1)."""
    trouves = search_fiches(
        session, contexte, colonne.q, maintenant, apercus, organisations=contexte.portee, limite=RESULTATS
    )
    ids = [t.ligne.usager.id for t in (*trouves.lignes, *trouves.proches)]
    numero = read_id(colonne.q)
    par_numero = _follow(session, contexte, numero) if numero is not None else None
    if par_numero is not None:
        ids.insert(0, par_numero)
    mentions = {t.ligne.usager.id: t.mention for t in (*trouves.lignes, *trouves.proches)}
    cartes = tuple(
        replace(carte, mention=mentions.get(carte.usager.id))
        for carte in read_cartes(session, contexte, list(dict.fromkeys(ids))[:RESULTATS], maintenant)
    )
    return replace(colonne, resultats=cartes, externes=trouves.externes)


def _follow(session: Session, contexte: Contexte, usager_id: int) -> int | None:
    """The fiche that this id stands for now, None when the agent may not see it."""
    actuel = session.scalar(select(func.coalesce(Usager.fusionne_vers_id, Usager.id)).where(Usager.id == usager_id))
    if actuel is None or session.scalar(visible_ids(contexte, [actuel])) is None:
        return None
    return actuel


def read_cartes(session: Session, contexte: Contexte, ids: Sequence[int], maintenant: datetime) -> tuple[Carte, ...]:
    """Cards for these fiches, in this order, in a fixed number of statements."""
    lignes = read_lignes(session, contexte, ids, maintenant)
    passe = case((Rdv.debut <= maintenant, Rdv.debut))
    rdvs = {
        usager_id: (nombre, dernier)
        for usager_id, nombre, dernier in session.execute(
            select(Participation.usager_id, func.count(), func.max(passe))
            .join(Rdv, Rdv.id == Participation.rdv_id)
            .where(Participation.usager_id.in_(ids))
            .group_by(Participation.usager_id)
        )
    }
    liens = session.execute(
        select(LienProche.proche_id, LienProche.responsable_id).where(LienProche.proche_id.in_(ids))
    )
    responsables = {proche: responsable for proche, responsable in liens}  # noqa: C416 -- a Result is no mapping
    noms = personnes(session, contexte, responsables.values())
    cartes = []
    for ligne in lignes:
        usager = ligne.usager
        nombre, dernier = rdvs.get(usager.id, (0, None))
        cartes.append(
            Carte(
                usager=usager,
                lisible=ligne.lisible,
                responsable=noms.get(responsables.get(usager.id, 0)),
                proches=ligne.proches,
                rdvs=nombre,
                derniere_activite=max(usager.modifie_le, dernier) if dernier else usager.modifie_le,
            )
        )
    return tuple(cartes)


def swapped(vue: Vue) -> dict[str, int]:
    """The address arguments with the sides exchanged (F2)."""
    return {other(c): i for c, i in vue.ids.items() if i is not None}
