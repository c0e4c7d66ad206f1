"""The preview in words: the resulting fiche, field by field, and what comes with it (PURE, F5)."""

from dataclasses import dataclass
from datetime import datetime

from fiches.dates import show_jour
from fiches.fusion.apercu_messages import MessagesMontres, show_messages
from fiches.fusion.comptes import show_compte
from fiches.fusion.etat import FicheLue, Lecture
from fiches.fusion.lignes import A_CHOISIR, FERME, show_champ
from fiches.fusion.plan import PlanFusion
from fiches.fusion.preferences import CANAUX, channel
from fiches.usagers.champs import CHAMP, COLONNES, Valeur

_ADRESSES = {"notif_email": "email", "notif_sms": "telephone"}


@dataclass(frozen=True)
class Rangee:
    """One row of the preview. `precision` stands beside the value and is no part of it."""

    nom: str
    libelle: str
    texte: str
    precision: str = ""


@dataclass(frozen=True)
class Apercu:
    """The resulting fiche as shown."""

    titre: str
    champs: tuple[Rangee, ...]
    liens: tuple[Rangee, ...]
    notifications: tuple[Rangee, ...]
    messages: MessagesMontres


def show_plan(lecture: Lecture, plan: PlanFusion, maintenant: datetime) -> Apercu:
    """What the preview shows; every word of it comes from the plan that the merge carries out."""
    return Apercu(
        titre=plan.titre,
        champs=tuple(_fields(lecture, plan)),
        liens=tuple(_links(plan)),
        notifications=tuple(_channel(plan, nom) for nom in CANAUX),
        messages=show_messages(lecture, plan, maintenant),
    )


def _fields(lecture: Lecture, plan: PlanFusion) -> list[Rangee]:
    valeurs = plan.fiche.valeurs
    rangees = []
    for nom in COLONNES:
        connu = any(f.valeurs[nom] is not None for f in (lecture.a, lecture.b))
        if connu or valeurs[nom] is not None:
            precision = "" if valeurs[nom] is not None else "non gardé"
            if nom == "email" and plan.fiche.email_tiers:
                precision = "adresse d’un tiers"
            rangees.append(Rangee(nom, CHAMP[nom].libelle, _readable(lecture, nom, valeurs[nom]), precision))
    lisibles = [n for n in plan.unions.notes if n.lisible]
    textes = [n.texte if len(lisibles) == 1 else f"{n.organisation} : {n.texte}" for n in lisibles]
    if plan.ligne("remarques") is not None:
        rangees.append(Rangee("remarques", "Remarques", "\n\n".join(textes), "" if textes else "non gardé"))
    return rangees


def _readable(lecture: Lecture, nom: str, valeur: Valeur) -> str:
    """The value, unless every side that holds it is closed to this agent (R10)."""
    porteurs = [f for f in (lecture.a, lecture.b) if valeur is not None and valeur in _held(f, nom)]
    if porteurs and all(nom in f.fermes for f in porteurs):
        return FERME
    return show_champ(nom, valeur)


def _held(fiche: FicheLue, nom: str) -> tuple[Valeur, ...]:
    """What a field of the result may come from: the second phone from a main one too (F21)."""
    noms = ("telephone", "telephone_2") if nom == "telephone_2" else (nom,)
    return tuple(fiche.valeurs[n] for n in noms)


def _links(plan: PlanFusion) -> list[Rangee]:
    responsable = plan.liens.responsable
    proches = [lien.autre.nom for lien in plan.liens.proches]
    garde = plan.comptes.garde
    compte = plan.fiche_de(garde).compte if garde else None
    deces = plan.fiche.decede_le
    rangees = [
        Rangee("deces", "Décès", f"enregistré le {show_jour(deces)}" if deces else ""),
        Rangee("rdvs", "RDV", str(plan.rdvs.total), _rdv_details(plan)),
        Rangee("responsable", "Responsable", responsable.autre.nom if responsable else "", _responsable_details(plan)),
        Rangee("proches", "Proches", ", ".join(proches)),
        Rangee("organisations", "Organisations", ", ".join(x.nom for x in plan.unions.attaches)),
        _referents(plan),
        Rangee("compte", "Compte", show_compte(compte), _compte_details(plan)),
    ]
    return [r for r in rangees if r.texte or r.precision]


def _rdv_details(plan: PlanFusion) -> str:
    details = []
    if plan.rdvs.communs:
        seul = "1 en commun, gardé une seule fois"
        details.append(seul if plan.rdvs.communs == 1 else f"{plan.rdvs.communs} en commun, gardés une seule fois")
    if plan.rdvs.autres:
        details.append(f"dont {plan.rdvs.autres} d’une autre organisation")
    return ", ".join(details)


def _responsable_details(plan: PlanFusion) -> str:
    if plan.liens.a_choisir:
        return A_CHOISIR
    return "le lien entre les deux fiches est retiré" if plan.liens.soi else ""


def _referents(plan: PlanFusion) -> Rangee:
    """The référents by name; those of other services are counted (R10)."""
    noms = list(dict.fromkeys(s.nom for s in plan.unions.suivis if s.lisible))
    connus = {s.agent_id for s in plan.unions.suivis if s.lisible}
    n = len({s.agent_id for s in plan.unions.suivis} - connus)
    ailleurs = f"{'et ' if noms else ''}{n} {'d’un autre service' if n == 1 else 'd’autres services'}" if n else ""
    return Rangee("referents", "Référents", ", ".join(noms), ailleurs)


def _compte_details(plan: PlanFusion) -> str:
    if plan.comptes.a_choisir:
        return A_CHOISIR
    retire = plan.comptes.retire
    if retire is None:
        return ""
    return f"{retire.email} n’ouvrira plus cette fiche" + (", ce compte sera fermé" if plan.comptes.a_fermer else "")


def _channel(plan: PlanFusion, nom: str) -> Rangee:
    preferences = plan.preferences.preferences
    preference = channel(preferences, nom)
    precisions = []
    if plan.fiche.valeurs[_ADRESSES[nom]] is None:
        precisions.append("aucune adresse")
    if preferences.locked:
        precisions.append("choisi par l’usager")
    return Rangee(nom, CANAUX[nom], "oui" if preference.active else "non", ", ".join(precisions))
