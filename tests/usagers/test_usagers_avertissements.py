"""The warnings as agents meet them: while typing, at submission, outside their organisation."""

import re
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.doublons.models import CompteurJugement, Doublon
from fiches.journal.models import EntreeJournal
from fiches.usagers.models import Rattachement, Usager
from tests.builders import a_referent, a_usager, an_agent, an_organisation
from tests.client import Client

EMMA = {"prenom": "Emmanuelle", "nom": "Lécuyer", "date_naissance": "14/03/1984"}


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


@pytest.fixture
def voisine(session: Session, org: int) -> int:
    return an_organisation(session, "PMI Mâcon", territoire_id=1)


@pytest.fixture
def agent(app: Flask, session: Session, org: int) -> Client:
    an_agent(session, org, email="a@exemple.test")
    return signed_in(app, "a@exemple.test")


@pytest.fixture
def emma(session: Session, org: int) -> int:
    return an_emma(session, org)


def an_emma(session: Session, org: int, **values: object) -> int:
    return a_usager(
        session, org, prenom="Emmanuelle", nom="Lécuyer", date_naissance="1984-03-14", telephone="+33611223344",
        email="emma.lecuyer@exemple.fr", **values,
    )  # fmt: skip


def signed_in(app: Flask, email: str) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in(email)
    return client


def niveaux(text: str) -> dict[int, str]:
    return {int(i): n for i, n in re.findall(r'data-usager="(\d+)" data-niveau="(\w+)"', text)}


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Usager)) or 0


# --- while typing -------------------------------------------------------------------------


def test_the_fragment_explains_itself_and_masks_contact_R5(agent: Client, org: int, emma: int) -> None:
    typed = {"prenom": "Emanuelle", "nom": "Lécuyer", "date_naissance": "14/03/1984", "telephone": "06"}
    text = agent.live(f"/organisations/{org}/usagers/doublons", typed).text
    assert niveaux(text) == {emma: "probable"}
    assert "même date de naissance" in text
    assert "Emanuelle / Emmanuelle" in text
    assert "06 •• •• •• 44" in text
    assert "06 11 22 33 44" not in text
    assert "emma.lecuyer@" not in text


def test_with_nothing_to_say_the_fragment_is_empty_R5(agent: Client, org: int, emma: int) -> None:
    for typed in (
        {},
        {"prenom": "Z"},
        {"nom": "Wozniakowski", "prenom": "Xanthippe"},
        {"date_naissance": "31/02/1990"},
    ):
        assert agent.live(f"/organisations/{org}/usagers/doublons", typed).text.strip() == ""


def test_a_shared_e_mail_is_said_under_it_and_is_no_item_R4(agent: Client, session: Session, org: int) -> None:
    for prenom in ("Anne", "Paul"):
        a_usager(session, org, prenom=prenom, nom="Blin", email="famille.blin@exemple.fr")
    typed = {"prenom": "Zoé", "nom": "Tissot", "email": "famille.blin@exemple.fr"}
    text = agent.live(f"/organisations/{org}/usagers/doublons", typed).text
    assert "déjà sur les fiches d’Anne Blin et de Paul Blin" in text
    assert niveaux(text) == {}


@pytest.mark.parametrize(
    "typed",
    [
        {"prenom": "\ud800", "nom": "\x00" * 50},
        {"prenom": "é" * 5000, "nom": "<b>" * 1000},
        {"nom": "' OR 1=1 --", "date_naissance": "99/99/9999", "telephone": "+" * 500, "email": "@" * 500},
        {"prenom": "مريم", "nom": "Нгуен"},
        {"prenom": "😀", "nom": "X"},
        {"sauf": "999999"},
        {"sauf": "abc", "prenom": "A"},
        {"sauf": "9" * 40, "prenom": "A"},
    ],
)
def test_nonsense_never_breaks_the_fragment(agent: Client, org: int, emma: int, typed: dict[str, str]) -> None:
    body = {k: v.encode("utf-8", "surrogatepass").decode("latin-1") for k, v in typed.items()}
    assert agent.live(f"/organisations/{org}/usagers/doublons", body).status_code in (200, 404)


# --- at submission ------------------------------------------------------------------------


def test_a_strong_likeness_is_asked_about_and_the_judgement_is_kept_R9(
    agent: Client, session: Session, org: int, emma: int
) -> None:
    adresse = f"/organisations/{org}/usagers/nouveau"
    asked = agent.post(adresse, data=EMMA)
    assert asked.status_code == 422
    assert "Une fiche semble déjà exister" in asked.text
    assert niveaux(asked.text) == {emma: "certain"}
    assert count(session) == 1
    done = agent.post(adresse, data=EMMA | {"autre_personne": "oui", "candidats": str(emma)})
    assert done.status_code == 303
    assert count(session) == 2
    pair = session.scalars(select(Doublon)).one()
    assert (pair.usager_a_id, pair.etat, pair.decide_par_id) == (emma, "ecarte", 1)
    counted = session.scalars(select(CompteurJugement)).all()
    assert sum(c.nombre for c in counted) >= 1
    assert not any("agent" in c.name for c in CompteurJugement.__table__.columns)  # never per agent


def test_a_strong_candidate_that_was_not_on_the_page_is_asked_about_again_R9(
    agent: Client, session: Session, org: int, emma: int
) -> None:
    again = an_emma(session, org)
    data = EMMA | {"autre_personne": "oui", "candidats": str(emma)}
    response = agent.post(f"/organisations/{org}/usagers/nouveau", data=data)
    assert response.status_code == 422
    assert "vient d’apparaître" in response.text
    assert set(niveaux(response.text)) == {emma, again}
    without = agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA | {"autre_personne": "oui"})
    assert without.status_code == 303  # without the hidden field the tick covers all


@pytest.mark.parametrize("candidats", ["x", "-1", "9" * 50, "1;2", ",,,", "²"])
def test_a_nonsense_list_of_candidates_covers_nobody(
    agent: Client, session: Session, org: int, emma: int, candidats: str
) -> None:
    data = EMMA | {"autre_personne": "oui", "candidats": candidats}
    expected = 422 if str(emma) not in candidats.split(";") else 303
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=data).status_code in (expected, 422)


def test_of_two_agents_who_type_the_same_person_at_once_the_second_is_asked_R9(
    app: Flask, session: Session, org: int
) -> None:
    for email in ("a@exemple.test", "b@exemple.test"):
        an_agent(session, org, email=email)
    clients = [signed_in(app, email) for email in ("a@exemple.test", "b@exemple.test")]
    codes: list[int] = []
    start = threading.Barrier(2)

    def create(client: Client) -> None:
        start.wait()
        codes.append(client.post(f"/organisations/{org}/usagers/nouveau", data=EMMA).status_code)

    threads = [threading.Thread(target=create, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 422]
    assert count(session) == 1


def test_while_modifying_only_what_the_change_raises_is_asked_about_R9(
    agent: Client, session: Session, org: int, emma: int
) -> None:
    twin = an_emma(session, org)
    adresse = f"/organisations/{org}/usagers/{twin}/modifier"
    assert agent.post(adresse, data={"ville": "Mâcon"}).status_code == 303  # they looked alike before
    other = a_usager(session, org, prenom="Zoé", nom="Tissot", date_naissance="1990-05-02")
    raised = agent.post(f"/organisations/{org}/usagers/{other}/modifier", data=EMMA)
    assert raised.status_code == 422
    assert {emma, twin} <= set(niveaux(raised.text))
    session.rollback()
    assert session.get(Usager, other).nom == "Tissot"  # type: ignore[union-attr]


# --- outside one's organisations ----------------------------------------------------------


def test_another_service_s_fiche_shows_only_with_close_names_and_an_exact_datum_R10(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    there = an_emma(session, voisine)
    adresse = f"/organisations/{org}/usagers/doublons"
    assert niveaux(agent.live(adresse, {"prenom": "Emmanuelle", "nom": "Lécuyer"}).text) == {}
    assert niveaux(agent.live(adresse, {"prenom": "Paul", "nom": "Tissot", "date_naissance": "14/03/1984"}).text) == {}
    text = agent.live(adresse, EMMA).text
    assert niveaux(text) == {there: "probable"}
    assert "PMI Mâcon" in text
    assert "1984" in text
    for secret in ("14/03/1984", "••", "même date", "Utiliser cette fiche"):
        assert secret not in text


def test_each_display_is_journalled_once_and_their_number_limited_R10(
    agent: Client, session: Session, app: Flask, org: int, voisine: int
) -> None:
    there = [
        a_usager(session, voisine, prenom="Emmanuelle", nom="Lécuyer", date_naissance=f"1984-03-{d}")
        for d in (14, 15, 16)
    ]
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], apercus_externes_par_jour=2)
    adresse = f"/organisations/{org}/usagers/doublons"
    shown = [
        set(niveaux(agent.live(adresse, EMMA | {"date_naissance": f"{d}/03/1984"}).text)) for d in (14, 15, 16, 14)
    ]
    assert shown == [{there[0]}, {there[1]}, set(), {there[0]}]
    assert session.scalar(select(func.count()).where(EntreeJournal.acte == "apercu")) == 2


def test_a_fiche_is_attached_only_after_it_was_shown_and_for_a_reason_R10(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    there = an_emma(session, voisine, remarques="Suivi renforcé", logement="hébergé")
    adresse = f"/organisations/{org}/usagers/{there}"
    assert agent.post(f"{adresse}/rattacher", data={"raison": "orientation"}).status_code == 404  # never shown
    agent.live(f"/organisations/{org}/usagers/doublons", EMMA)
    assert agent.get(adresse).status_code == 404  # shown is not opened
    assert agent.post(f"{adresse}/rattacher", data={"raison": "curiosité"}).status_code == 422
    assert agent.post(f"{adresse}/rattacher", data={"raison": "orientation"}).status_code == 303
    page = agent.get(adresse).text
    assert "06 11 22 33 44" in page
    assert "Suivi renforcé" not in page  # remarques stay with who wrote them
    assert "hébergé" not in page  # identity and contact are opened, nothing else
    assert 'name="logement"' not in agent.get(f"{adresse}/modifier").text
    assert agent.post(f"{adresse}/modifier", data={"logement": "SDF"}).status_code == 303
    session.rollback()
    assert session.get(Usager, there).logement == "hébergé"  # type: ignore[union-attr]
    kept = session.get(Rattachement, (there, org))
    assert kept is not None
    assert (kept.raison, kept.agent_id) == ("orientation", 1)
    assert session.scalar(select(func.count()).where(EntreeJournal.acte == "rattachement")) == 1


def test_attaching_while_typing_loses_nothing_R10(agent: Client, session: Session, org: int, voisine: int) -> None:
    there = an_emma(session, voisine)
    typed = EMMA | {"ville": "Cluny"}
    agent.live(f"/organisations/{org}/usagers/doublons", typed)
    page = agent.post(f"/organisations/{org}/usagers/{there}/rattacher", data=typed | {"raison": "accueil_commun"})
    assert page.status_code == 200
    assert 'value="Cluny"' in page.text


def test_the_search_of_the_list_shows_outside_fiches_under_the_same_conditions_R10(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    there = an_emma(session, voisine)
    assert f'data-usager="{there}"' not in agent.live(f"/organisations/{org}/usagers?q=lecuyer+emmanuelle").text
    text = agent.live(f"/organisations/{org}/usagers?q=lecuyer+emmanuelle+14/03/1984").text
    assert f'data-usager="{there}"' in text
    assert "PMI Mâcon" in text
    assert "06 11" not in text


def test_another_territoire_is_never_hinted_at_R10(agent: Client, session: Session, org: int) -> None:
    an_emma(session, an_organisation(session))
    data = EMMA | {"email": "emma.lecuyer@exemple.fr", "telephone": "0611223344"}
    assert agent.live(f"/organisations/{org}/usagers/doublons", data).text.strip() == ""


def test_a_protected_fiche_alerts_its_referents_and_not_who_types_R11(
    agent: Client, session: Session, org: int
) -> None:
    protected = an_emma(session, org, protegee=True)
    referent = an_agent(session, org)
    a_referent(session, protected, referent, org)
    assert agent.live(f"/organisations/{org}/usagers/doublons", EMMA).text.strip() == ""
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=EMMA).status_code == 303
    acts = session.scalars(select(EntreeJournal.acte).where(EntreeJournal.usager_id == protected)).all()
    assert "correspondance" in acts


def test_a_tick_without_the_list_of_candidates_covers_outside_fiches_too_R9(
    agent: Client, session: Session, org: int, voisine: int
) -> None:
    an_emma(session, voisine)
    data = EMMA | {"autre_personne": "oui"}
    assert agent.post(f"/organisations/{org}/usagers/nouveau", data=data).status_code == 303
