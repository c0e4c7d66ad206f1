"""The walk of a merge with RDVs, a proche and waiting messages: what waits afterwards is what was shown."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from fiches.db import prepare_engine, transaction
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.organisations.models import Agent, Organisation
from fiches.usagers.models import Usager
from tests.builders import a_lien, a_rdv, a_usager
from tests.journeys.conftest import Serveur, sign_in
from tests.journeys.personnes import find_paire


def open_base(instance: Path) -> Session:
    engine = create_engine(f"sqlite:///{instance / 'fiches.db'}")
    prepare_engine(engine)
    return Session(engine)


def add_rdvs(session: Session, a: int, b: int) -> set[int]:
    """One RDV in common, one of b alone, one of b's child, each announced and not yet sent; the first
    fiche has a mobile, the second an e-mail."""
    maintenant = datetime.now(UTC).replace(microsecond=0)
    session.execute(update(Usager).where(Usager.id == a).values(telephone="+33611223344", email=None, notif_sms=True))
    session.execute(update(Usager).where(Usager.id == b).values(telephone=None, email="b@x.test", notif_email=True))
    session.execute(update(Usager).where(Usager.id.in_((a, b))).values(notif_email=True, notif_sms=True))
    session.commit()
    org = session.scalars(select(Organisation.id).where(Organisation.nom == "MDS Chalon")).one()
    agent = session.scalars(select(Agent.id).where(Agent.email == "agent@demo.test")).one()
    enfant = a_usager(session, org, prenom="Léo", index=False)
    a_lien(session, proche=enfant, responsable=b)
    jours = ((20, (a, b)), (21, (b,)), (22, (enfant,)))
    rdvs = {a_rdv(session, org, agent, *qui, debut=maintenant + timedelta(days=j)) for j, qui in jours}
    with transaction(session):
        for rdv in rdvs:
            outbox.announce(session, rdv, Genre.NOUVEAU, maintenant)
    return rdvs


def waiting(session: Session, rdvs: set[int]) -> list[tuple[str, ...]]:
    session.rollback()
    colonnes = (Message.rdv_id, Message.usager_id, Message.genre, Message.canal)
    lignes = session.execute(select(*colonnes).where(Message.etat == "attente", Message.rdv_id.in_(rdvs)))
    return sorted(tuple(str(v) for v in ligne) for ligne in lignes)


def shown(page: Page, rdvs: set[int]) -> list[tuple[str, ...]]:
    noms = ("data-rdv", "data-destinataire", "data-genre", "data-canal")
    lignes = [tuple(str(e.get_attribute(n)) for n in noms) for e in page.locator('[data-message="attente"]').all()]
    return sorted(ligne for ligne in lignes if int(ligne[0]) in rdvs)


def test_what_waits_after_the_merge_is_what_the_preview_said_F24_R28(
    page: Page, demo: Serveur, javascript: bool
) -> None:
    a, b = find_paire(demo.instance)
    with open_base(demo.instance) as session:
        rdvs = add_rdvs(session, a, b)
        sign_in(page, demo)
        page.goto(f"{page.url.rsplit('/', 1)[0]}/fusion?a={a}&b={b}")
        avant = shown(page, rdvs)
        assert {ligne[3] for ligne in avant} == {"email", "sms"}  # both addresses are kept: each channel is told
        page.locator("#garder_telephone_a").uncheck()
        if javascript:
            expect(page.locator('[data-message="abandon"][data-canal="sms"]').first).to_contain_text("aucun téléphone")
        else:
            page.get_by_role("button", name="Voir le résultat").click()
        attendus = shown(page, rdvs)
        assert attendus
        assert {ligne[3] for ligne in attendus} == {"email"}
        page.locator('[data-message="attente"] summary').first.click()
        expect(page.locator('[data-message="attente"] .message-texte').first).to_contain_text("endez-vous")
        if page.get_by_label("Oui, c’est la même personne").count():
            page.get_by_label("Oui, c’est la même personne").check()
        page.get_by_role("button", name="Fusionner", exact=True).click()
        expect(page).to_have_url(re.compile(rf"/usagers/({a}|{b})$"))
        assert waiting(session, rdvs) == attendus
        assert session.scalars(select(Message.id).filter_by(etat="envoye").where(Message.rdv_id.in_(rdvs))).all() == []
        session.get_bind().dispose()
