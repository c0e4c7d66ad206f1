"""The pages of messages: the local outbox, failures on the fiche, the preview of texts (R10, R11, R20, R21)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.journal.models import EntreeJournal
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.tentatives import Incident
from fiches.organisations.models import Agent
from fiches.rdvs.models import Lieu, Motif, Rdv
from tests.builders import a_lien, a_referent, a_usager, an_agent, an_organisation
from tests.client import Client
from tests.notifications.poste import Poste
from tests.notifications.test_envoi import REFUSEE, Capricieux


@pytest.fixture
def poste(session: Session) -> Poste:
    poste = Poste(session)
    poste.le = clock.now()
    return poste


@pytest.fixture
def agent(app: Flask, session: Session, poste: Poste) -> Client:
    return signed_in(app, session, poste.org, "a@exemple.test")


def signed_in(app: Flask, session: Session, org: int, email: str, role: str = "agent") -> Client:
    an_agent(session, org, email=email, role=role)
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in(email)
    return client


def page(client: Client, org: int, suite: str = "messages") -> str:
    reponse = client.get(f"/organisations/{org}/{suite}")
    assert reponse.status_code == 200, reponse.text
    return reponse.text


def fails(poste: Poste, incident: Incident = REFUSEE) -> int:
    """A person whose e-mail was refused for good."""
    (usager,) = poste.by_mail(1)
    poste.uses(email=Capricieux(incident))
    poste.send()
    poste.uses()
    return usager


def test_the_local_outbox_shows_the_exact_text_with_its_links_R21(poste: Poste, agent: Client, app: Flask) -> None:
    poste.expediteur = poste.worker("o")
    base = app.extensions["settings"].adresse_publique
    object.__setattr__(poste.expediteur, "base", base)
    mere, enfant = poste.person(), poste.person(prenom="Léonie", nom="Durand", email=None, telephone=None)
    a_lien(poste.session, proche=enfant, responsable=mere)
    poste.make(enfant)
    poste.send()
    texte = page(agent, poste.org, "messages?etat=envoye")
    assert texte.count('data-etat="envoye"') == 2
    assert "pour Léonie" in texte
    assert f'<a href="{base}/avis/' in texte
    assert "Gardé ici, rien n’est parti" in texte
    assert 'data-etat="attente"' not in texte
    assert page(agent, poste.org, "messages?etat=attente").count('data-etat="attente"') == 2


def test_what_did_leave_does_not_show_its_personal_links(poste: Poste, agent: Client) -> None:
    poste.by_mail(1)
    poste.uses(email=Capricieux())
    poste.send()
    texte = page(agent, poste.org)
    assert "/avis/" not in texte
    assert "p0@exemple.test" in texte


def test_another_organisation_s_messages_are_not_shown(app: Flask, session: Session, poste: Poste) -> None:
    poste.make(poste.person())
    poste.send()
    ailleurs = an_organisation(session, territoire_id=1)
    voisin = signed_in(app, session, ailleurs, "voisin@exemple.test")
    assert "data-message" not in page(voisin, ailleurs)
    assert voisin.get(f"/organisations/{poste.org}/messages").status_code == 404


def test_the_address_of_a_responsable_of_another_service_is_masked_R10(poste: Poste, agent: Client) -> None:
    ailleurs = an_organisation(poste.session, territoire_id=1)
    mere = a_usager(poste.session, ailleurs, prenom="Odile", email="odile@exemple.test", telephone="+33612345678")
    enfant = poste.person(prenom="Léonie", email=None, telephone=None)
    a_lien(poste.session, proche=enfant, responsable=mere)
    poste.make(enfant)
    poste.send()
    for texte in (page(agent, poste.org), page(agent, poste.org, f"usagers/{enfant}")):
        assert "odile@" not in texte
        assert "06 12 34 56 78" not in texte
        assert "Odile Dupont" in texte
        assert f'/usagers/{mere}"' not in texte


def test_a_fiche_protegee_shows_neither_address_nor_words_R11(poste: Poste, app: Flask, agent: Client) -> None:
    usager = poste.person(prenom="Anne", protegee=True)
    poste.make(usager)
    poste.send()
    for texte in (page(agent, poste.org), page(agent, poste.org, f"usagers/{usager}")):
        assert "mere@exemple.test" not in texte
        assert "Un rendez-vous est prévu" not in texte
    referent = signed_in(app, poste.session, poste.org, "r@exemple.test")
    qui = poste.session.scalars(select(Agent.id).where(Agent.email == "r@exemple.test")).one()
    a_referent(poste.session, usager, qui, poste.org)
    assert "mere@exemple.test" in page(referent, poste.org)
    assert "Un rendez-vous est prévu" in page(referent, poste.org)


def test_what_a_mother_received_does_not_tell_the_place_of_her_protected_child_s_rdv_R11(
    poste: Poste, app: Flask, agent: Client
) -> None:
    mere, enfant = poste.person(), poste.person(prenom="Léonie", email=None, telephone=None, protegee=True)
    a_lien(poste.session, proche=enfant, responsable=mere)
    poste.make(enfant)
    poste.send()
    pages = ["messages", *(f"usagers/{u}" for u in (mere, enfant))]
    for suite in pages:
        texte = page(agent, poste.org, suite)
        assert "mere@exemple.test" in texte
        assert "Lieu : Accueil" not in texte
        assert "Un rendez-vous est prévu" not in texte
    referent = signed_in(app, poste.session, poste.org, "r@exemple.test")
    qui = poste.session.scalars(select(Agent.id).where(Agent.email == "r@exemple.test")).one()
    a_referent(poste.session, enfant, qui, poste.org)
    for suite in pages:
        assert "Lieu : Accueil" in page(referent, poste.org, suite)


def test_a_message_that_should_have_left_says_so(poste: Poste, agent: Client) -> None:
    poste.by_mail(1)
    with transaction(poste.session):
        poste.session.execute(update(Message).values(du_le=clock.now() - timedelta(hours=1)))
    texte = page(agent, poste.org, "messages?etat=attente")
    assert "Devait partir le" in texte
    assert "Part le" not in texte


def test_a_channel_without_address_is_named(poste: Poste, agent: Client) -> None:
    usager = poste.person(email=None, telephone=None)
    fiche = page(agent, poste.org, f"usagers/{usager}")
    assert fiche.count("(aucune adresse)") == 1
    assert fiche.count("(aucun téléphone)") == 1


def test_many_messages_come_by_pages_and_an_absurd_page_is_empty(poste: Poste, agent: Client) -> None:
    poste.by_mail(20)
    assert page(agent, poste.org).count("data-message=") == 25
    assert page(agent, poste.org, "messages?page=2").count("data-message=") == 15
    for absurde in ("0", "-3", "zzz", "9" * 40, "9999"):
        page(agent, poste.org, f"messages?page={absurde}&etat=%00")


# --- failures ---------------------------------------------------------------------------------------


def test_a_final_failure_shows_on_the_fiche_and_is_sent_again_to_the_corrected_address_R20(
    poste: Poste, agent: Client
) -> None:
    usager = fails(poste)
    fiche = page(agent, poste.org, f"usagers/{usager}")
    assert "Un message n’a pas pu partir" in fiche
    assert "adresse refusée" in fiche
    poste.change(usager, email="corrigee@exemple.test")
    echec = poste.row(etat="echec")
    suite = f"/organisations/{poste.org}/usagers/{usager}"
    reponse = agent.post(f"/organisations/{poste.org}/messages/{echec.id}/renvoyer", data={"suite": suite})
    assert (reponse.status_code, reponse.headers["Location"]) == (303, suite)
    capricieux = Capricieux()
    poste.uses(email=capricieux)
    poste.le = clock.now()
    poste.send()
    assert [p.adresse for p in capricieux.recus] == ["corrigee@exemple.test"]
    assert capricieux.recus[0].reference == echec.message_id
    fiche = page(agent, poste.org, f"usagers/{usager}")
    assert "n’a pas pu partir" not in fiche
    assert "Message renvoyé" in fiche


def test_a_failure_about_a_child_shows_on_the_child_s_fiche(poste: Poste, agent: Client) -> None:
    mere = poste.person(telephone=None)
    enfant, autre = (poste.person(prenom=p, email=None, telephone=None) for p in ("Léonie", "Hugo"))
    for proche in (enfant, autre):
        a_lien(poste.session, proche=proche, responsable=mere)
    poste.make(enfant)
    poste.uses(email=Capricieux(REFUSEE))
    poste.send()
    assert "n’a pas pu partir" in page(agent, poste.org, f"usagers/{enfant}")
    assert "n’a pas pu partir" in page(agent, poste.org, f"usagers/{mere}")
    assert "n’a pas pu partir" not in page(agent, poste.org, f"usagers/{autre}")


def _overtake(poste: Poste, usager: int) -> None:
    poste.move(poste.row(etat="echec").rdv_id or 0, poste.le + timedelta(days=11))


def _refuse(poste: Poste, usager: int) -> None:
    poste.change(usager, notif_email=False)


def _start(poste: Poste, usager: int) -> None:
    with transaction(poste.session):
        poste.session.execute(update(Rdv).values(debut=clock.now()))


def _already(poste: Poste, usager: int) -> None:
    with transaction(poste.session):
        poste.session.execute(update(Message).where(Message.etat == "echec").values(etat="envoye"))


@pytest.mark.parametrize(
    ("change", "pourquoi"),
    [
        (_overtake, "le RDV a été déplacé"),
        (_refuse, "refusé dans ses préférences"),
        (_start, "le RDV est passé"),
        (_already, "n’est plus en échec"),
    ],
)
def test_what_is_no_longer_wanted_is_not_sent_again_and_it_is_said_why(
    poste: Poste, agent: Client, change: Callable[[Poste, int], None], pourquoi: str
) -> None:
    usager = fails(poste)
    echec = poste.row(etat="echec").id
    change(poste, usager)
    avant = [(m.id, m.etat) for m in poste.rows()]
    reponse = agent.post(f"/organisations/{poste.org}/messages/{echec}/renvoyer")
    assert reponse.status_code == 409
    assert pourquoi in reponse.text
    assert [(m.id, m.etat) for m in poste.rows()] == avant


def test_another_organisation_s_agent_sends_nothing_again(app: Flask, session: Session, poste: Poste) -> None:
    fails(poste)
    echec = poste.row(etat="echec").id
    ailleurs = an_organisation(session, territoire_id=1)
    voisin = signed_in(app, session, ailleurs, "voisin@exemple.test")
    for org in (ailleurs, poste.org):
        assert voisin.post(f"/organisations/{org}/messages/{echec}/renvoyer").status_code == 404
    assert poste.row(etat="echec").id == echec


# --- addresses to be checked --------------------------------------------------------------------------


def test_an_address_that_said_not_me_is_told_and_opened_again_once_checked_R21(poste: Poste, agent: Client) -> None:
    usager = poste.person(telephone=None)
    poste.make(usager)
    with transaction(poste.session):
        poste.session.add(
            AdresseAVerifier(usager_id=usager, canal="email", adresse="mere@exemple.test", le=clock.now())
        )
        poste.session.add(AdresseAVerifier(usager_id=usager, canal="sms", adresse="+33600000000", le=clock.now()))
    poste.change(usager, notif_email=True)
    fiche = page(agent, poste.org, f"usagers/{usager}")
    assert 'data-a-verifier="email"' in fiche
    assert 'data-a-verifier="sms"' not in fiche  # that one is no longer on the fiche
    assert {m.etat for m in poste.rows(genre="rappel")} == {"abandon"}
    adresse = f"/organisations/{poste.org}/usagers/{usager}/adresse-verifiee"
    assert agent.post(adresse, data={"canal": "email"}).status_code == 303
    assert "data-a-verifier" not in page(agent, poste.org, f"usagers/{usager}")
    assert {m.etat for m in poste.rows(genre="rappel")} == {"attente"}
    assert "Adresse vérifiée avec la personne" in page(agent, poste.org, f"usagers/{usager}")
    assert agent.post(adresse, data={"canal": "email"}).status_code == 303  # once more changes nothing
    assert agent.post(adresse, data={"canal": "pigeon"}).status_code == 422
    actes = select(func.count()).where(EntreeJournal.acte == "adresse_verifiee")
    assert poste.session.scalar(actes) == 1


def test_only_a_referent_checks_the_address_of_a_fiche_protegee_R11(poste: Poste, agent: Client) -> None:
    usager = poste.person(protegee=True)
    reponse = agent.post(f"/organisations/{poste.org}/usagers/{usager}/adresse-verifiee", data={"canal": "email"})
    assert reponse.status_code == 403


# --- the preview of texts -------------------------------------------------------------------------------


def test_an_admin_reads_every_text_before_anybody_receives_it_R21(app: Flask, session: Session, poste: Poste) -> None:
    poste.make(poste.person())
    with transaction(session):
        session.execute(update(Lieu).values(adresse="12 place de Beaune, Chalon"))
    admin = signed_in(app, session, poste.org, "admin@exemple.test", "admin")
    texte = page(admin, poste.org, "reglages/messages")
    for mots in (
        "RDV pris, par e-mail",
        "Rappel, par SMS",
        "RDV annulé, par SMS",
        "12 place de Beaune",
        "compté 2 SMS",
    ):
        assert mots in texte, mots
    assert "Entretien" not in texte.split('class="apercus"')[1]
    with transaction(session):
        session.execute(update(Motif).values(dire_motif=True))
    assert "Motif : Entretien" in page(admin, poste.org, "reglages/messages?lieu=aucun&pour=proche")
    assert "pour Léonie" in page(admin, poste.org, "reglages/messages?pour=proche")
    for absurde in ("motif=9999999999999999999999", "motif=x&lieu=-1", "lieu=%00"):
        page(admin, poste.org, f"reglages/messages?{absurde}")


def test_a_motif_that_sends_nothing_says_so_R17(app: Flask, session: Session, poste: Poste) -> None:
    poste.make(poste.person(), visibilite="invisible")
    admin = signed_in(app, session, poste.org, "admin@exemple.test", "admin")
    texte = page(admin, poste.org, "reglages/messages")
    assert "Rien n’est envoyé" in texte
    assert "par SMS</h2>" not in texte


def test_an_organisation_without_motif_has_nothing_to_preview(app: Flask, session: Session, poste: Poste) -> None:
    admin = signed_in(app, session, poste.org, "admin@exemple.test", "admin")
    assert "Aucun motif" in page(admin, poste.org, "reglages/messages")


def test_the_texts_are_the_admin_s_business(poste: Poste, agent: Client) -> None:
    assert agent.get(f"/organisations/{poste.org}/reglages/messages").status_code == 403
    assert "Voir les textes" not in page(agent, poste.org)
