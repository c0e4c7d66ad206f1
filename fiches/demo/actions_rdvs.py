"""Writes the RDVs of the demonstration, and free créneaux in the weeks to come."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from fiches.dates import day_of
from fiches.demo.insertion import Ids, insert_all, insert_named
from fiches.demo.rdvs import RdvPrevu
from fiches.demo.scenario import CRENEAUX, DUREES, LIEUX, MOTIFS, SEMAINES_DE_CRENEAUX
from fiches.rdvs.creneaux import Serie, debuts_of, sort_out
from fiches.rdvs.models import Creneau, Lieu, Motif, Participation, Rdv


def write_rdvs(
    session: Session, rdvs: list[RdvPrevu], ids: Ids, organisations: Ids, agents: Ids, maintenant: datetime
) -> list[int]:
    """Motifs, lieux, RDVs and who takes part, free créneaux; the ids of the RDVs to come."""
    motifs = insert_named(
        session,
        Motif,
        {
            (org, nom): {
                "organisation_id": organisations[org],
                "nom": nom,
                "visibilite": visibilite,
                "duree": DUREES.get(nom, 30),
            }
            for org, liste in MOTIFS.items()
            for nom, visibilite in liste
        },
    )
    lieux = insert_named(
        session,
        Lieu,
        {
            (org, nom): {"organisation_id": organisations[org], "nom": nom, "adresse": adresse}
            for org, liste in LIEUX.items()
            for nom, adresse in liste
        },
    )
    faits = insert_named(
        session, Rdv, {i: _rdv_row(r, organisations, agents, motifs, lieux, maintenant) for i, r in enumerate(rdvs)}
    )
    insert_all(
        session,
        Participation,
        (
            {
                "rdv_id": faits[i],
                "usager_id": ids[rang],
                "issue": None if r.annule else issue,
                "cree_le": min(r.debut, maintenant),
            }
            for i, r in enumerate(rdvs)
            for rang, issue in r.participants
        ),
    )
    _write_creneaux(session, organisations, agents, motifs, lieux, rdvs, maintenant)
    return [faits[i] for i, r in enumerate(rdvs) if r.debut > maintenant and not r.annule]


def _write_creneaux(
    session: Session,
    organisations: Ids,
    agents: Ids,
    motifs: Ids,
    lieux: Ids,
    rdvs: list[RdvPrevu],
    maintenant: datetime,
) -> None:
    """The free créneaux of the coming weeks, where the agents' diaries have room."""
    du = day_of(maintenant) + timedelta(days=1)
    occupes: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for r in rdvs:
        if r.debut > maintenant and not r.annule:
            occupes[r.agent].append((r.debut, r.duree))
    lignes = []
    for org, agent, motif, lieu, jours, de, a, duree in CRENEAUX:
        ids = agents[agent], motifs[org, motif], lieux[org, lieu]
        serie = Serie(*ids, du, du + timedelta(weeks=SEMAINES_DE_CRENEAUX), frozenset(jours), de, a, duree)
        for debut in sort_out(debuts_of(serie, maintenant), duree, occupes[agent]).libres:
            occupes[agent].append((debut, duree))
            lignes.append(
                {
                    "organisation_id": organisations[org],
                    "agent_id": ids[0],
                    "motif_id": ids[1],
                    "lieu_id": ids[2],
                    "debut": debut,
                    "duree": duree,
                    "cree_le": maintenant,
                }
            )
    insert_all(session, Creneau, lignes)


def _rdv_row(
    r: RdvPrevu, organisations: Ids, agents: Ids, motifs: Ids, lieux: Ids, maintenant: datetime
) -> dict[str, Any]:
    fait = min(r.debut, maintenant)
    return {
        "organisation_id": organisations[r.organisation],
        "agent_id": agents[r.agent],
        "motif_id": motifs[r.organisation, r.motif],
        "lieu_id": lieux[r.organisation, r.lieu] if r.lieu else None,
        "debut": r.debut,
        "duree": r.duree,
        "annule_le": fait if r.annule else None,
        "cree_le": fait,
    }
