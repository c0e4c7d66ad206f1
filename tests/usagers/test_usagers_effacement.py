"""Anonymising: nothing of the person is left anywhere, what happened is still counted (R15, R36)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import ColumnDefault, MetaData, Table, select, update
from sqlalchemy.orm import Session

from fiches.comptes.models import AccesCompte, Compte
from fiches.db import transaction
from fiches.doublons.index import check_index
from fiches.doublons.models import Doublon
from fiches.fusion.models import FusionEtat
from fiches.journal.actions import record
from fiches.journal.models import EntreeJournal
from fiches.models import Base
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Genre
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation, Rdv
from fiches.usagers.effacement import GARDEES, NEUTRES, NOM_NEUTRE, REGLES, anonymise, anonymise_due, due_ids
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Retrait, Usager
from fiches.usagers.queries_vie import Limites
from tests.builders import MAINTENANT, a_contexte, a_lien, a_rdv, a_referent, a_usager, an_agent, an_organisation
from tests.fusion.scene import Scene

LIMITES = Limites(30, 730)
VALEURS = {
    "prenom": "Zénobie", "nom": "Wrocławska", "nom_naissance": "Quetzalcoatl", "date_naissance": "1953-07-29",
    "email": "zenobie@quetz.test", "telephone": "+33698989898", "telephone_2": "+33387878787",
    "adresse": "7 rue Ombreuse", "complement_adresse": "Escalier Q", "code_postal": "98765", "ville": "Zuydcoote",
    "caisse_affiliation": "MSA", "numero_allocataire": "QX-4411", "situation_familiale": "veuf", "nombre_enfants": 77,
    "logement": "hébergé", "numero_dossier": "DZ-2208",
}  # fmt: skip
MOTS = (
    "zénobie", "zenobie", "wrocław", "wroclaw", "quetzal", "1953", "quetz", "98989898", "87878787", "ombreuse",
    "escalier q", "98765", "zuydcoote", "4411", "2208", "remarque secrète", "ancienne identité", "vieille@adresse",
    "pas-moi@adresse", "autrefois", "ursule",
)  # fmt: skip


def foreign_keys(metadata: MetaData) -> set[tuple[str, str]]:
    return {
        (table.name, colonne.name)
        for table in metadata.tables.values()
        for colonne in table.columns
        for cle in colonne.foreign_keys
        if cle.target_fullname == "usager.id"
    }


def test_every_foreign_key_to_usager_has_a_rule_of_anonymisation_R15() -> None:
    declares = {(regle.nom, colonne) for regle in REGLES for colonne in regle.colonnes}
    manquent = foreign_keys(Base.metadata) - declares
    assert not manquent, f"add a Regle for {sorted(manquent)} in fiches/usagers/effacement.py"
    assert not declares - foreign_keys(Base.metadata)
    assert all(regle.regle for regle in REGLES)


def test_the_check_would_notice_a_new_table() -> None:
    from sqlalchemy import Column, ForeignKey, Integer

    metadata = MetaData()
    Table("usager", metadata, Column("id", Integer, primary_key=True))
    Table("etiquette", metadata, Column("usager_id", ForeignKey("usager.id"), primary_key=True))
    assert foreign_keys(metadata) == {("etiquette", "usager_id")}


def test_every_column_of_a_fiche_is_kept_on_purpose_or_emptied() -> None:
    colonnes = Base.metadata.tables["usager"].columns
    for colonne in colonnes:
        if colonne.name in (*GARDEES, "version", "modifie_le", "anonymise_le"):
            continue
        assert colonne.nullable or colonne.name in NEUTRES, f"say in NEUTRES what {colonne.name} becomes"
    assert not set(NEUTRES) - {c.name for c in colonnes}
    assert isinstance(colonnes["version"].default, ColumnDefault)


class Riche:
    """A fiche with everything that a fiche can have, on its own rows and on others'."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session, "MDS Chalon")
        self.agent = an_agent(session, self.org)
        contexte = a_contexte(session, self.agent, self.org)
        autre = a_usager(
            session, self.org, prenom="Ursule", nom="Wroclawska", date_naissance="1953-07-29",
            remarques="Une autre remarque secrète",
        )  # fmt: skip
        self.id = a_usager(session, self.org, remarques="Remarque secrète", **VALEURS)
        self.mere = a_usager(session, self.org, prenom="Marie", nom="Petit", email="marie@exemple.test")
        self.enfant = a_usager(session, self.org, prenom="Léo", nom="Petit")
        a_lien(session, proche=self.id, responsable=self.mere)
        a_lien(session, proche=self.enfant, responsable=self.id)
        a_referent(session, self.id, self.agent, self.org)
        debut = MAINTENANT - timedelta(days=20)
        self.vu = a_rdv(session, self.org, self.agent, self.id, debut=debut, issue="vu")
        self.rdv = a_rdv(session, self.org, self.agent, self.id, self.enfant)
        with transaction(session):
            outbox.announce(session, self.rdv, Genre.NOUVEAU, MAINTENANT)
            session.execute(
                update(Message)
                .where(Message.genre == "nouveau")
                .values(etat="envoye", adresse="marie@exemple.test", sujet="RDV", texte="Pour Zénobie, à 9 h")
            )
            a_elle = Message.usager_id == self.id
            session.execute(update(Message).where(a_elle).values(adresse="zenobie@quetz.test"))
            session.add_all(self._rows())
            record(session, "modification", usager_id=self.id, le=MAINTENANT, agent_id=self.agent, valeurs=VALEURS)
        Scene(session, self.org, self.agent, contexte).merge(autre, self.id, confirmer=True)
        self.garde = session.scalars(
            select(Usager.id).where(Usager.id.in_((autre, self.id)), Usager.fusionne_vers_id.is_(None))
        ).one()
        self.absorbee = ({autre, self.id} - {self.garde}).pop()

    def _rows(self) -> list[Base]:
        compte = Compte(id=1, email="zenobie@quetz.test", etat="actif", actif_le=MAINTENANT)
        self.session.add(compte)
        self.session.flush()
        le = {"cree_le": MAINTENANT}
        return [
            AncienNom(usager_id=self.id, prenom="Ancienne identité", nom="Autrefois", origine="changement", **le),
            AncienContact(usager_id=self.id, genre="email", valeur="vieille@adresse.test", **le),
            AdresseAVerifier(usager_id=self.id, canal="email", adresse="pas-moi@adresse.test", le=MAINTENANT),
            AccesCompte(usager_id=self.id, compte_id=1, territoire_id=self._territoire(), **le),
            Doublon(
                usager_a_id=self.id, usager_b_id=self.mere, score=1.0, niveau="possible", motifs=[], origine="creation",
                raison="se dit Zénobie", **le,
            ),
        ]  # fmt: skip

    def _territoire(self) -> int:
        return self.session.get_one(Usager, self.id).territoire_id

    def forget(self) -> None:
        with transaction(self.session):
            anonymise(self.session, self.garde, MAINTENANT)


@pytest.fixture
def riche(session: Session) -> Riche:
    return Riche(session)


def dump(session: Session) -> str:
    """Every value of every table, in lower case."""
    session.rollback()
    lignes = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            lignes.append(f"{table.name}: " + " | ".join(str(v) for v in row))
    return "\n".join(lignes).lower()


def test_nothing_of_the_person_is_left_in_any_table_R15(riche: Riche) -> None:
    avant = dump(riche.session)
    for mot in MOTS:
        assert mot in avant, f"the story does not hold {mot}"
    empreintes = [v for e in riche.session.scalars(select(EntreeJournal.empreintes)) for v in e.values()]
    assert empreintes
    riche.forget()
    apres = dump(riche.session)
    for mot in (*MOTS, *empreintes):
        lignes = [ligne for ligne in apres.splitlines() if mot in ligne]
        assert not lignes, f"{mot} is left in {lignes}"
    assert not re.search(r"\b77\b.*hébergé|msa|veuf", apres)
    assert check_index(riche.session) == []


def test_the_rdvs_are_still_counted_R15(riche: Riche) -> None:
    riche.forget()
    session = riche.session
    assert set(session.scalars(select(Rdv.id))) == {riche.vu, riche.rdv}
    issues = session.execute(select(Participation.rdv_id, Participation.usager_id, Participation.issue)).all()
    assert {tuple(i) for i in issues} == {
        (riche.vu, riche.garde, "vu"), (riche.rdv, riche.garde, None), (riche.rdv, riche.enfant, None),
    }  # fmt: skip


def test_the_row_stays_neutral_with_its_number_and_dates(riche: Riche) -> None:
    riche.forget()
    for usager_id in (riche.garde, riche.absorbee):
        usager = riche.session.get_one(Usager, usager_id, populate_existing=True)
        assert (usager.nom, usager.prenom, usager.anonymise_le) == (NOM_NEUTRE, None, MAINTENANT)
        assert (usager.cree_le, usager.decede_le, usager.effacement_le) == (MAINTENANT, None, None)


def test_records_of_its_merges_and_its_compte_are_gone_others_stay(riche: Riche) -> None:
    assert riche.session.scalars(select(FusionEtat.nom_table)).all()
    riche.forget()
    for modele in (FusionEtat, Compte, AccesCompte, Doublon, LienProche, AncienNom, AncienContact, AdresseAVerifier):
        assert riche.session.scalars(select(modele)).all() == []
    assert riche.session.get_one(Usager, riche.mere).nom == "Petit"


def test_a_compte_that_opens_another_fiche_stays(riche: Riche) -> None:
    ailleurs = an_organisation(riche.session)
    usager = a_usager(riche.session, ailleurs)
    territoire = riche.session.get_one(Usager, usager).territoire_id
    riche.session.add(AccesCompte(usager_id=usager, compte_id=1, territoire_id=territoire, cree_le=MAINTENANT))
    riche.session.commit()
    riche.forget()
    assert riche.session.scalars(select(Compte.email)).all() == ["zenobie@quetz.test"]
    assert riche.session.scalars(select(AccesCompte.usager_id)).all() == [usager]


def test_nothing_that_waits_goes_out_and_the_proches_are_told_of_R15(riche: Riche) -> None:
    riche.forget()
    session = riche.session
    envoye = session.scalars(select(Message.adresse).where(Message.usager_id == riche.mere)).all()
    assert set(envoye) == {"marie@exemple.test", None}  # another person's address is not hers to forget
    waiting = session.scalars(select(Message.usager_id).where(Message.etat == "attente")).all()
    assert not {riche.garde, riche.absorbee} & set(waiting)
    lignes = session.scalars(select(EntreeJournal.usager_id).where(EntreeJournal.acte == "responsable_efface"))
    assert lignes.all() == [riche.enfant]


# --- when -----------------------------------------------------------------------------------


def test_a_fiche_is_erased_when_its_time_has_come_and_not_before_R15(session: Session) -> None:
    org = an_organisation(session)
    usager = a_usager(session, org, effacement_le=MAINTENANT)
    with transaction(session):
        session.query(Rattachement).delete()
    assert due_ids(session, MAINTENANT - timedelta(seconds=1)) == []
    assert not anonymise_due(session, usager, MAINTENANT - timedelta(seconds=1), LIMITES)
    assert due_ids(session, MAINTENANT) == [usager]
    assert anonymise_due(session, usager, MAINTENANT, LIMITES)
    assert not anonymise_due(session, usager, MAINTENANT, LIMITES)  # once


@pytest.mark.parametrize("contact", ["rdv", "rdv d’un proche", "modification", "acte", "acte de l’usager", None])
def test_a_contact_since_the_announcement_saves_the_fiche_R15(session: Session, contact: str | None) -> None:
    org = an_organisation(session)
    agent = an_agent(session, org)
    vieux = MAINTENANT - timedelta(days=900)
    usager = a_usager(session, org, cree_le=vieux, modifie_le=vieux, effacement_le=MAINTENANT)
    recent = MAINTENANT - timedelta(days=3)
    match contact:
        case "rdv":
            a_rdv(session, org, agent, usager, debut=recent, annule=True)
        case "rdv d’un proche":
            enfant = a_usager(session, org)
            a_lien(session, proche=enfant, responsable=usager)
            a_rdv(session, org, agent, enfant, debut=MAINTENANT + timedelta(days=3))
        case "modification":
            session.execute(update(Usager).where(Usager.id == usager).values(modifie_le=recent))
        case "acte":
            record(session, "lecture", usager_id=usager, le=recent, agent_id=agent)
        case "acte de l’usager":
            record(session, "desabonnement", usager_id=usager, le=recent)
        case None:
            record(session, "sans_contact", usager_id=usager, le=recent)  # our own line is no contact
    session.commit()
    assert anonymise_due(session, usager, MAINTENANT, LIMITES) == (contact is None)
    garde = session.get_one(Usager, usager, populate_existing=True)
    assert (garde.effacement_le, garde.anonymise_le is None) == (None, contact is not None)


def test_a_merged_fiche_goes_with_the_one_that_was_kept(session: Session) -> None:
    org = an_organisation(session)
    garde = a_usager(session, org)
    pointeur = a_usager(session, org, fusionne_vers_id=garde, effacement_le=MAINTENANT)
    assert due_ids(session, MAINTENANT) == []
    assert not anonymise_due(session, pointeur, MAINTENANT, LIMITES)


def test_an_erased_fiche_answers_404_by_every_number_R15(riche: Riche, app: object) -> None:
    from flask import Flask

    from fiches.organisations.models import Agent
    from tests.client import Client

    assert isinstance(app, Flask)
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in(riche.session.get_one(Agent, riche.agent).email)
    riche.forget()
    for usager_id in (riche.garde, riche.absorbee):
        for suite in ("", "/modifier", "/retirer", "/deces"):
            assert client.get(f"/organisations/{riche.org}/usagers/{usager_id}{suite}").status_code == 404
        for acte in ("reprendre", "retirer", "garder", "rattacher"):
            data = {"raison": "orientation"}
            response = client.post(f"/organisations/{riche.org}/usagers/{usager_id}/{acte}", data=data)
            assert response.status_code == 404, acte
    assert 'Léo <span class="nom-famille">Petit' in client.get(f"/organisations/{riche.org}/usagers/retires").get_data(
        as_text=True
    )
    assert riche.session.scalars(select(Retrait)).all() == []
