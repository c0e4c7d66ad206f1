"""The whole merge, worked out before anything is written (PURE, R28, R29).

The screen shows this plan and the action carries it out: what the preview shows is what the
merge does. Swapping the sides and mirroring the ticks gives the same fiche.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fiches.fusion.alertes import find_alertes
from fiches.fusion.comptes import PlanComptes, plan_comptes
from fiches.fusion.deces import death_line
from fiches.fusion.etat import Choix, Cote, FicheLue, Lecture, other
from fiches.fusion.file import PlanPaires, plan_paires
from fiches.fusion.liens import PlanLiens, plan_liens
from fiches.fusion.lignes import Ecart, Ligne, Refus, field_lines
from fiches.fusion.messages import PlanMessages, plan_messages
from fiches.fusion.preferences import PlanPreferences, plan_preferences
from fiches.fusion.rattachees import PlanUnions, plan_unions
from fiches.fusion.rdvs import PlanRdvs, plan_rdvs
from fiches.fusion.valeurs import PlanValeurs, plan_valeurs
from fiches.fusion.visibilite import find_newly_visible
from fiches.usagers.rules import full_name

DEUX_IDENTITES = (
    "Les deux fiches ont une identité vérifiée par FranceConnect : ce sont deux personnes, "
    "elles ne peuvent pas être fusionnées."
)
IDENTITE_A_VERIFIER = (
    "L’une des identités est seulement déclarée : confirmez que vous l’avez vérifiée "
    "(document vu, ou appel au numéro déjà connu)."
)
IDENTITE_VERIFIEE = "identite_verifiee"  # the box, and the refusal it lifts
_ORDRE = {Ecart.DIFFERENT: 0, Ecart.UN_COTE: 1, Ecart.ECRITURE: 2, Ecart.IDENTIQUE: 2}


@dataclass(frozen=True)
class PlanFusion:
    """The resulting fiche, every move, what stops the merge and what must be confirmed."""

    survivant: FicheLue
    absorbe: FicheLue
    lignes: tuple[Ligne, ...]
    fiche: PlanValeurs
    comptes: PlanComptes
    preferences: PlanPreferences
    liens: PlanLiens
    rdvs: PlanRdvs
    unions: PlanUnions
    paires: PlanPaires
    messages: PlanMessages
    alertes: tuple[str, ...]
    verront: tuple[str, ...]
    refus: tuple[Refus, ...]
    identite_a_verifier: bool

    @property
    def titre(self) -> str:
        """The full name of the result."""
        v = self.fiche.valeurs
        prenom, nom = (None if v[n] is None else str(v[n]) for n in ("prenom", "nom"))
        return full_name(prenom, nom, self.fiche.prenom_pas_encore_donne) or "Sans nom"

    @property
    def differences(self) -> tuple[Ligne, ...]:
        """The lines that differ, or are filled on one side, in the order of the screen (F3)."""
        return tuple(ligne for ligne in self.lignes if not ligne.semblable)

    @property
    def similitudes(self) -> tuple[Ligne, ...]:
        """The lines that are alike."""
        return tuple(ligne for ligne in self.lignes if ligne.semblable)

    def ligne(self, nom: str) -> Ligne | None:
        """One line by its name, None when the screen has none."""
        return next((ligne for ligne in self.lignes if ligne.nom == nom), None)

    def choix_faits(self) -> dict[str, str]:
        """Line → sides kept ('a', 'b', 'ab' or ''), for the record of the merge: no value (F26)."""
        return {ligne.nom: "".join(sorted(ligne.coches)) for ligne in self.lignes if ligne.choisissable}

    @property
    def survivant_connu(self) -> bool:
        """Whether it is settled which fiche stays: not while its compte is to be chosen (F6, F20)."""
        return not self.comptes.a_choisir

    @property
    def cote_garde(self) -> Cote:
        """The side of the fiche that survives."""
        return self.comptes.survivant

    def fiche_de(self, cote: Cote) -> FicheLue:
        """The fiche of one side as it was read."""
        return self.survivant if cote == self.cote_garde else self.absorbe

    def bilan(self) -> dict[str, Any]:
        """How many of what moves, and the rules applied (F26)."""
        return {
            "cote_garde": self.cote_garde,
            "rdvs": len(self.rdvs.deplacees),
            "rdvs_communs": self.rdvs.communs,
            "rdvs_autres_services": self.rdvs.autres,
            "proches": len(self.absorbe.proches),
            "liens_retires": len(self.liens.retires),
            "organisations": len(self.absorbe.attaches) - len(self.unions.retires_absorbe),
            "referents": len(set(self.absorbe.suivis) - set(self.survivant.suivis)),
            "remarques": len(self.absorbe.notes),
            "noms_anciens": len(self.fiche.noms_anciens),
            "contacts_anciens": len(self.fiche.contacts_anciens),
            **self.messages.bilan(),
            "compte_ferme": self.comptes.a_fermer,
            "preferences": self.preferences.regle,
            "identite_verifiee": self.identite_a_verifier,
        }


def plan_fusion(lecture: Lecture, choix: Choix, maintenant: datetime) -> PlanFusion:
    """The plan of merging the two fiches with these ticks. Never fails: what stops it is in `refus`.

    `maintenant` matters to the messages alone: a reminder whose hour has passed is not sent any more.
    """
    comptes = plan_comptes(lecture, choix)
    survivant = comptes.survivant
    champs = field_lines(lecture, choix)
    fiche = plan_valeurs(lecture, champs, survivant)
    preferences = plan_preferences(lecture, choix)
    liens = plan_liens(lecture, choix, survivant)
    rdvs = plan_rdvs(lecture, choix, survivant)
    unions = plan_unions(lecture, choix, survivant)
    a_verifier = lecture.a.declaree != lecture.b.declaree
    seules = [ligne for ligne in (unions.ligne, liens.ligne, comptes.ligne, death_line(lecture)) if ligne is not None]
    lignes = [*champs.values(), *seules, *preferences.lignes, *rdvs.lignes]
    return PlanFusion(
        survivant=lecture.cote(survivant),
        absorbe=lecture.cote(other(survivant)),
        lignes=tuple(sorted(lignes, key=lambda ligne: _ORDRE[ligne.ecart])),
        fiche=fiche,
        comptes=comptes,
        preferences=preferences,
        liens=liens,
        rdvs=rdvs,
        unions=unions,
        paires=plan_paires(lecture, survivant),
        messages=plan_messages(lecture, fiche, comptes, preferences, liens, rdvs, maintenant),
        alertes=find_alertes(lecture),
        verront=find_newly_visible(lecture, champs, fiche.valeurs),
        refus=(
            *_identity_refusals(lecture, choix, a_verifier),
            *fiche.refus,
            *comptes.refus,
            *liens.refus,
            *preferences.refus,
            *rdvs.refus,
            *unions.refus,
        ),
        identite_a_verifier=a_verifier,
    )


def _identity_refusals(lecture: Lecture, choix: Choix, a_verifier: bool) -> list[Refus]:
    refus = []
    if lecture.a.verifiee and lecture.b.verifiee:
        refus.append(Refus("", DEUX_IDENTITES))
    if a_verifier and not choix.identite_verifiee:
        refus.append(Refus(IDENTITE_VERIFIEE, IDENTITE_A_VERIFIER))
    return refus
