"""A death: nothing more goes out, nothing is told, and all of it can be taken back (R15)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from fiches import clock
from fiches.acces.rules import Contexte
from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.usagers.actions_vie import record_death, take_death_back
from fiches.usagers.models import Usager
from tests.builders import MAINTENANT, a_contexte, a_lien, a_rdv, a_usager, an_agent, an_organisation
from tests.client import Client

DANS_DIX_JOURS = MAINTENANT + timedelta(days=10)
ADRESSES = {"email": "mere@exemple.test", "telephone": "+33612345678"}


class Service:
    """A service, its agent, and an usager with an RDV to come."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.org = an_organisation(session)
        self.agent = an_agent(session, self.org, email="a@exemple.test")
        self.mere = a_usager(session, self.org, **ADRESSES)

    @property
    def contexte(self) -> Contexte:
        return a_contexte(self.session, self.agent, self.org)

    def make(self, *usagers: int, **values: object) -> int:
        rdv = a_rdv(self.session, self.org, self.agent, *usagers, **({"debut": DANS_DIX_JOURS} | values))
        with transaction(self.session):
            outbox.announce(self.session, rdv, Genre.NOUVEAU, MAINTENANT)
        return rdv

    def open_creneau(self, rdv: int) -> None:
        fait = self.session.get_one(Rdv, rdv)
        self.session.add(
            Creneau(
                organisation_id=self.org, agent_id=self.agent, motif_id=fait.motif_id, lieu_id=None, debut=fait.debut,
                duree=30, rdv_id=rdv, cree_le=MAINTENANT,
            )
        )  # fmt: skip
        self.session.commit()

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything of RDVs and messages, but for counters and reasons."""
        self.session.rollback()
        sauf = {"version", "essayer_le"}
        tables = {}
        for modele in (Rdv, Participation, Creneau, Message):
            noms = [c.key for c in inspect(modele).column_attrs if c.key not in sauf]
            rows = self.session.scalars(select(modele).execution_options(populate_existing=True))
            tables[modele.__tablename__] = sorted(tuple(str(getattr(r, n)) for n in noms) for r in rows)
        return tables

    def waiting(self) -> set[tuple[int, str, str]]:
        self.session.rollback()
        rows = select(Message.usager_id, Message.genre, Message.canal).where(Message.etat == "attente")
        return {(u, g, c) for u, g, c in self.session.execute(rows)}


@pytest.fixture
def service(session: Session) -> Service:
    return Service(session)


def test_a_death_cancels_silently_and_frees_the_creneau_R15(service: Service) -> None:
    rdv = service.make(service.mere)
    service.open_creneau(rdv)
    bilan = record_death(service.session, service.contexte, service.mere, MAINTENANT)
    assert (bilan.rdvs, bilan.annules) == (1, 1)
    fait = service.session.get_one(Rdv, rdv, populate_existing=True)
    assert (fait.annule_le, fait.annule_raison) == (MAINTENANT, "deces")
    participation = service.session.scalars(select(Participation)).one()
    assert (participation.issue, participation.excuse_par) == ("excuse", "deces")
    assert service.session.scalars(select(Creneau.rdv_id)).all() == [None]
    assert service.waiting() == set()  # neither announced nor reminded, and no notice of the cancelling


def test_an_rdv_with_somebody_else_takes_place_and_they_still_hear_of_it_R15(service: Service) -> None:
    pere = a_usager(service.session, service.org, prenom="Paul", email="pere@exemple.test")
    rdv = service.make(service.mere, pere)
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    assert service.session.get_one(Rdv, rdv, populate_existing=True).annule_le is None
    assert service.waiting() == {(pere, "nouveau", "email"), (pere, "rappel", "email")}


def test_what_is_past_or_had_an_outcome_stays_as_it_is(service: Service) -> None:
    passe = a_rdv(
        service.session, service.org, service.agent, service.mere, debut=MAINTENANT - timedelta(days=3), issue="vu"
    )
    excuse = a_rdv(service.session, service.org, service.agent, service.mere, issue="excuse")
    avant = service.state()
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    assert service.state() == avant
    assert {passe, excuse}


def test_taken_back_everything_to_come_is_as_it_was_R15(service: Service) -> None:
    """Announced and not yet sent, in part sent, shared with somebody else, of a proche, with a créneau."""
    pere = a_usager(service.session, service.org, prenom="Paul", email="pere@exemple.test")
    enfant = a_usager(service.session, service.org, prenom="Léo")
    a_lien(service.session, proche=enfant, responsable=service.mere)
    seule = service.make(service.mere)
    service.open_creneau(seule)
    service.make(service.mere, pere, debut=DANS_DIX_JOURS + timedelta(days=1))
    service.make(enfant, debut=DANS_DIX_JOURS + timedelta(days=2))
    with transaction(service.session):
        service.session.execute(
            update(Message).where(Message.rdv_id == seule, Message.canal == "sms").values(etat="envoye")
        )
    avant = service.state()
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    assert service.waiting() == {(pere, "nouveau", "email"), (pere, "rappel", "email")}
    take_death_back(service.session, service.contexte, service.mere, MAINTENANT + timedelta(hours=1))
    assert service.state() == avant
    assert service.session.get_one(Usager, service.mere, populate_existing=True).decede_le is None


def test_what_began_meanwhile_stays_as_the_death_left_it(service: Service) -> None:
    rdv = service.make(service.mere)
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    bilan = take_death_back(service.session, service.contexte, service.mere, DANS_DIX_JOURS + timedelta(hours=1))
    assert bilan.rdvs == 0
    assert service.session.get_one(Rdv, rdv, populate_existing=True).annule_raison == "deces"


def test_an_hour_given_to_somebody_else_stays_theirs(service: Service) -> None:
    rdv = service.make(service.mere)
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    autre = a_usager(service.session, service.org, prenom="Paul")
    service.make(autre, debut=DANS_DIX_JOURS + timedelta(minutes=10))
    bilan = take_death_back(service.session, service.contexte, service.mere, MAINTENANT)
    assert (bilan.rdvs, bilan.perdus) == (0, 1)
    assert service.session.get_one(Rdv, rdv, populate_existing=True).annule_raison == "deces"
    assert not {u for u, _, _ in service.waiting()} & {service.mere}


def test_two_deaths_in_one_rdv_taken_back_one_by_one(service: Service) -> None:
    pere = a_usager(service.session, service.org, prenom="Paul", email="pere@exemple.test")
    rdv = service.make(service.mere, pere)
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    record_death(service.session, service.contexte, pere, MAINTENANT)
    assert service.session.get_one(Rdv, rdv, populate_existing=True).annule_raison == "deces"
    take_death_back(service.session, service.contexte, service.mere, MAINTENANT)
    assert service.session.get_one(Rdv, rdv, populate_existing=True).annule_le is None
    assert {u for u, _, _ in service.waiting()} == {service.mere}


def test_another_service_s_rdvs_are_cancelled_too_and_only_counted_R13_R15(app: Flask, session: Session) -> None:
    service = Service(session)
    from fiches.organisations.models import Organisation
    from fiches.usagers.models import Rattachement

    territoire = session.get_one(Organisation, service.org).territoire_id
    voisin = an_organisation(session, territoire_id=territoire)
    session.add(Rattachement(usager_id=service.mere, organisation_id=voisin, raison="orientation", cree_le=MAINTENANT))
    session.commit()
    rdv = a_rdv(session, voisin, an_agent(session, voisin), service.mere, debut=clock.now() + timedelta(days=3))
    client = signed_in(app)
    page = client.get(f"/organisations/{service.org}/usagers/{service.mere}/deces").get_data(as_text=True)
    assert "1 rendez-vous d’un autre service" in page
    assert "Entretien" not in page
    client.post(f"/organisations/{service.org}/usagers/{service.mere}/deces", data={"deces": "oui"})
    session.expire_all()
    assert session.get_one(Rdv, rdv).annule_raison == "deces"


# --- the screens ----------------------------------------------------------------------------


def signed_in(app: Flask) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


def test_the_dead_leave_the_list_and_are_found_by_search_with_the_mention_R15(app: Flask, session: Session) -> None:
    service, client = Service(session), signed_in(app)
    usager = a_usager(session, service.org, prenom="Zénobie", nom="Wrocław", date_naissance="1984-03-14")
    ici = f"/organisations/{service.org}/usagers"
    assert "Ce qui va se passer" in client.get(f"{ici}/{usager}/deces").get_data(as_text=True)
    done = client.post(f"{ici}/{usager}/deces", data={"deces": "oui"})
    assert done.headers["Location"] == f"{ici}/{usager}"
    page = client.get(f"{ici}/{usager}").get_data(as_text=True)
    assert "décès enregistré le" in page
    assert "ans)" not in page
    liste = client.get(ici).get_data(as_text=True)
    assert f'data-usager="{usager}"' not in liste
    assert "1 fiche<" in liste  # the mother alone
    found = client.get(f"{ici}?q=Zénobie").get_data(as_text=True)
    assert f'data-usager="{usager}"' in found
    assert "décès enregistré le" in found
    assert "ans)" not in found
    typed = {"prenom": "Zénobie", "nom": "Wrocław", "date_naissance": "14/03/1984"}
    warned = client.live(f"{ici}/doublons", typed).get_data(as_text=True)
    assert "décès enregistré le" in warned  # the warning stands, and says it
    assert "ans)" not in warned
    assert client.get(f"{ici}/{usager}/modifier").status_code == 200
    client.post(f"{ici}/{usager}/deces", data={"deces": "non"})
    assert f'data-usager="{usager}"' in client.get(ici).get_data(as_text=True)


def test_the_proches_of_the_dead_are_listed_R15(app: Flask, session: Session) -> None:
    service, client = Service(session), signed_in(app)
    enfant = a_usager(session, service.org, prenom="Léo", nom="Petit")
    a_lien(session, proche=enfant, responsable=service.mere)
    page = client.get(f"/organisations/{service.org}/usagers/{service.mere}/deces").get_data(as_text=True)
    assert 'Léo <span class="nom-famille">Petit' in page
    assert "lui donner un autre responsable" in page


@pytest.mark.parametrize("data", [{}, {"deces": "peut-être"}])
def test_an_answer_that_is_none_is_refused(app: Flask, session: Session, data: dict[str, str]) -> None:
    service, client = Service(session), signed_in(app)
    address = f"/organisations/{service.org}/usagers/{service.mere}/deces"
    assert client.post(address, data=data).status_code == 422
    assert session.scalars(select(Usager.decede_le)).all() == [None]


def test_recording_it_twice_is_recording_it_once(service: Service) -> None:
    service.make(service.mere)
    record_death(service.session, service.contexte, service.mere, MAINTENANT)
    avant = service.state()
    assert record_death(service.session, service.contexte, service.mere, MAINTENANT).rdvs == 0
    assert service.state() == avant
