"""The worker: what is due leaves once, with the words and the address of that moment (R19, R20, R21)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.notifications import outbox
from fiches.notifications.courriel import TransportSmtp
from fiches.notifications.envoi import Bilan, Expediteur, claim, record, send_due
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Canal
from fiches.notifications.sms import PasserelleHttp
from fiches.notifications.tentatives import Incident, Panne
from fiches.notifications.transports import Pli, TransportLocal
from fiches.proches.models import LienProche
from fiches.rdvs.models import Rdv
from tests.builders import a_lien
from tests.notifications.poste import BASE, DANS_DIX_JOURS, Poste
from tests.notifications.serveurs import sms_gateway, smtp_server


@pytest.fixture
def poste(session: Session) -> Poste:
    return Poste(session)


class Capricieux:
    """A transport that answers what it is told, and remembers what it was given."""

    nom = "smtp"

    def __init__(self, *reponses: Incident | None) -> None:
        self.reponses = list(reponses)
        self.recus: list[Pli] = []

    def send(self, pli: Pli) -> Incident | None:
        self.recus.append(pli)
        return self.reponses.pop(0) if self.reponses else None

    def close(self) -> None:
        pass


COUPURE = Incident(Panne.COUPURE, certain=False)
PLUS_TARD = Incident(Panne.PLUS_TARD, certain=True)
INJOIGNABLE = Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)
REFUSEE = Incident(Panne.ADRESSE_REFUSEE, certain=True, definitif=True)


def test_one_e_mail_and_one_sms_reach_the_mother_of_a_child_R19_R21(poste: Poste) -> None:
    mere, enfant = poste.person(), poste.person(prenom="Léonie", nom="Durand", email=None, telephone=None)
    a_lien(poste.session, proche=enfant, responsable=mere)
    poste.make(enfant)
    with smtp_server() as boite, sms_gateway() as passerelle:
        poste.uses(email=TransportSmtp(boite.reglages), sms=PasserelleHttp(passerelle.reglages))
        assert str(poste.send()) == "2 envoyés, 0 reportés, 0 abandonnés, 0 en échec"
        assert str(poste.send()) == "0 envoyés, 0 reportés, 0 abandonnés, 0 en échec"
    ((adresse, courriel),) = boite.recus
    email, sms = poste.rows()
    assert (adresse, courriel["Message-ID"], email.transport) == ("mere@exemple.test", email.message_id, "smtp")
    assert "pour Léonie" in email.texte
    html = courriel.get_body(("html",)).get_content()
    assert html.count(f'<a href="{BASE}/avis/') == 3
    assert "Durand" not in email.texte
    (recu,) = passerelle.recus
    assert recu == {
        "to": "+33612345678", "from": "RDV", "text": sms.texte, "reference": sms.message_id.strip("<>").split("@")[0]
    }  # fmt: skip
    assert passerelle.entetes[0]["Authorization"] == "Bearer clef-secrete"
    assert sms.transport == "passerelle"


def test_without_settings_the_text_stays_readable_in_the_base_R21(poste: Poste) -> None:
    poste.make(poste.person())
    poste.send()
    for message in poste.rows():
        assert (message.etat, message.transport, message.envoye_le) == ("envoye", "local", poste.le)
        assert f"{BASE}/avis/" in (message.texte or "")


def test_a_reminder_leaves_at_its_hour_and_not_before_R19(poste: Poste) -> None:
    poste.make(poste.person())
    poste.send()
    rappel = poste.rows(genre="rappel")[0]
    assert rappel.etat == "attente"
    poste.le = rappel.du_le - timedelta(seconds=1)
    assert poste.send().etats.total() == 0
    assert str(poste.send(apres=timedelta(seconds=1))).startswith("2 envoyés")


def test_what_an_unseen_change_made_unwanted_is_given_up_when_claimed_R19(poste: Poste) -> None:
    rdv = poste.make(poste.person())
    with transaction(poste.session):  # a path that forgot the outbox
        poste.session.execute(update(Rdv).where(Rdv.id == rdv).values(ne_pas_prevenir=True))
    assert poste.send().partis == set()
    assert {(m.etat, m.raison) for m in poste.rows()} == {("abandon", "ne_pas_prevenir")}


def test_nothing_leaves_once_the_rdv_has_begun(poste: Poste) -> None:
    poste.make(poste.person())
    poste.le = DANS_DIX_JOURS
    poste.send()
    assert {(m.etat, m.raison) for m in poste.rows()} == {("abandon", "passe")}


def test_the_cancellation_of_an_announced_rdv_leaves(poste: Poste) -> None:
    rdv = poste.make(poste.person(telephone=None))
    poste.send()
    poste.cancel(rdv)
    poste.send()
    assert [(m.genre, m.etat) for m in poste.rows()] == [("nouveau", "envoye"), ("annule", "envoye")]


def test_the_address_is_that_of_the_moment_of_sending_R20(poste: Poste) -> None:
    mere = poste.person(telephone=None)
    poste.make(mere)
    poste.change(mere, email="nouvelle@exemple.test")
    poste.send()
    assert poste.row().adresse == "nouvelle@exemple.test"


def test_a_repeat_is_the_very_same_message_R20(poste: Poste) -> None:
    poste.by_mail(1)
    capricieux = Capricieux(COUPURE)
    poste.uses(email=capricieux)
    poste.send()
    with transaction(poste.session):  # the service's phone changes meanwhile: no event of the RDV
        from fiches.organisations.models import Organisation

        poste.session.execute(update(Organisation).values(telephone="+33353999999"))
    poste.send(apres=timedelta(minutes=1))
    premier, second = capricieux.recus
    assert premier == second
    assert poste.row().etat == "envoye"


def test_what_certainly_did_not_leave_is_written_anew(poste: Poste) -> None:
    (usager,) = poste.by_mail(1)
    capricieux = Capricieux(PLUS_TARD)
    poste.uses(email=capricieux)
    poste.send()
    poste.change(usager, email="corrigee@exemple.test")
    poste.send(apres=timedelta(minutes=1))
    assert [p.adresse for p in capricieux.recus] == ["p0@exemple.test", "corrigee@exemple.test"]


def test_a_doubtful_message_to_a_former_address_is_replaced_by_another_R20(poste: Poste) -> None:
    (usager,) = poste.by_mail(1)
    capricieux = Capricieux(COUPURE)
    poste.uses(email=capricieux)
    poste.send()
    poste.change(usager, email="corrigee@exemple.test")
    poste.send(apres=timedelta(minutes=1))
    premier, second = capricieux.recus
    assert second.adresse == "corrigee@exemple.test"
    assert premier.reference != second.reference
    assert [(m.etat, m.raison) for m in poste.rows()] == [("abandon", "autre_adresse"), ("envoye", None)]


def test_a_doubtful_message_does_not_go_to_an_address_that_said_not_me_R21(poste: Poste) -> None:
    (usager,) = poste.by_mail(1)
    poste.uses(email=Capricieux(COUPURE))
    poste.send()
    with transaction(poste.session):
        marque = AdresseAVerifier(usager_id=usager, canal="email", adresse="p0@exemple.test", le=poste.le)
        poste.session.add(marque)
    poste.send(apres=timedelta(minutes=1))
    assert (poste.row().etat, poste.row().raison) == ("abandon", "a_verifier")


@pytest.mark.parametrize("suite", ["move", "cancel"])
def test_whoever_may_have_read_a_doubtful_message_hears_what_became_of_it_R19(poste: Poste, suite: str) -> None:
    poste.by_mail(1)
    (rdv,) = poste.session.scalars(select(Rdv.id)).all()
    capricieux = Capricieux(COUPURE)
    poste.uses(email=capricieux)
    poste.send()
    poste.move(rdv, DANS_DIX_JOURS + timedelta(days=1)) if suite == "move" else poste.cancel(rdv)
    poste.send(apres=timedelta(minutes=1))
    genre = "deplace" if suite == "move" else "annule"
    assert [(m.genre, m.etat) for m in poste.rows()] == [("nouveau", "abandon"), (genre, "envoye")]


def test_a_message_overtaken_while_it_was_being_sent_is_not_sent_again_R19(poste: Poste) -> None:
    poste.by_mail(1)
    (rdv,) = poste.session.scalars(select(Rdv.id)).all()
    pris = claim(poste.session, poste.expediteur, list(Canal), poste.le, Bilan())
    assert pris is not None
    poste.move(rdv, DANS_DIX_JOURS + timedelta(days=1))
    record(poste.session, poste.expediteur, pris, PLUS_TARD, poste.le)
    poste.send(apres=timedelta(minutes=2))
    assert [(m.genre, m.etat) for m in poste.rows()] == [("nouveau", "abandon"), ("deplace", "envoye")]


def test_a_transport_that_is_down_stops_the_round_and_uses_up_no_attempt_R20(poste: Poste) -> None:
    poste.by_mail(5)
    capricieux = Capricieux(INJOIGNABLE)
    poste.uses(email=capricieux)
    bilan = poste.send()
    assert bilan.en_panne == {Canal.EMAIL: Panne.INJOIGNABLE}
    assert len(capricieux.recus) == 1
    assert {(m.etat, m.tentatives) for m in poste.rows()} == {("attente", 0)}
    assert str(poste.send()) == "5 envoyés, 0 reportés, 0 abandonnés, 0 en échec"


def test_a_transport_that_is_down_does_not_stop_the_other_channel(poste: Poste) -> None:
    for _ in range(3):
        poste.make(poste.person())
    poste.uses(email=Capricieux(INJOIGNABLE))
    poste.send()
    assert [m.etat for m in poste.rows(canal="sms", genre="nouveau")] == ["envoye"] * 3
    assert [m.etat for m in poste.rows(canal="email", genre="nouveau")] == ["attente"] * 3


def test_a_refused_address_fails_at_once_and_the_others_leave_R20(poste: Poste) -> None:
    poste.by_mail(3)
    poste.uses(email=Capricieux(None, REFUSEE, None))
    assert str(poste.send()) == "2 envoyés, 0 reportés, 0 abandonnés, 1 en échec"
    assert (poste.row(etat="echec").raison, poste.row(etat="echec").adresse) == ("adresse_refusee", "p1@exemple.test")


def test_a_message_that_never_passes_fails_after_eight_attempts_with_its_reason_R20(poste: Poste) -> None:
    poste.by_mail(1)
    capricieux = Capricieux(*[PLUS_TARD] * 20)
    poste.uses(email=capricieux)
    for _ in range(20):
        poste.send(apres=timedelta(hours=1))
    assert (poste.row().etat, poste.row().raison, len(capricieux.recus)) == ("echec", "plus_tard", 8)


def test_a_message_kept_back_until_its_rdv_began_is_a_failure_that_shows_R20(poste: Poste) -> None:
    poste.by_mail(1)
    poste.uses(email=Capricieux(*[INJOIGNABLE] * 20))
    poste.send()
    poste.send(apres=timedelta(days=11))
    assert (poste.row().etat, poste.row().raison) == ("echec", "injoignable")


def test_an_error_of_ours_is_tried_again_and_keeps_no_other_message_R20(poste: Poste) -> None:
    class Casse(TransportLocal):
        def send(self, pli: Pli) -> Incident | None:
            raise RuntimeError(pli.adresse)

    poste.make(poste.person())
    poste.uses(email=Casse())
    assert str(poste.send()) == "1 envoyés, 1 reportés, 0 abandonnés, 0 en échec"
    assert poste.row(canal="email", genre="nouveau").raison == "erreur"


# --- claims ---------------------------------------------------------------------------------------


def test_a_claim_lapses_and_another_worker_repeats_the_same_message_R20(poste: Poste) -> None:
    poste.by_mail(1)
    mort, capricieux = poste.worker("mort"), Capricieux()
    perdu = claim(poste.session, mort, list(Canal), poste.le, Bilan())
    assert perdu is not None
    poste.uses(email=capricieux)
    assert poste.send(apres=timedelta(seconds=599)).etats.total() == 0
    assert poste.send(apres=timedelta(seconds=1)).etats.total() == 1
    assert capricieux.recus == [perdu.pli]


def test_who_lost_the_claim_records_nothing_R20(poste: Poste) -> None:
    poste.by_mail(1)
    lent = poste.worker("lent", email=Capricieux())
    perdu = claim(poste.session, lent, list(Canal), poste.le, Bilan())
    assert perdu is not None
    poste.uses(email=Capricieux())
    poste.send(apres=timedelta(minutes=11))
    record(poste.session, lent, perdu, REFUSEE, poste.le)
    assert poste.row().etat == "envoye"


def test_a_waiting_twin_that_a_merge_brought_yields_to_the_one_that_may_have_arrived_R19(poste: Poste) -> None:
    (usager,) = poste.by_mail(1)
    pris = claim(poste.session, poste.expediteur, list(Canal), poste.le, Bilan())
    assert pris is not None
    with transaction(poste.session):
        ligne = poste.session.get_one(Message, pris.id)
        poste.session.add(
            Message(
                organisation_id=poste.org, rdv_id=ligne.rdv_id, usager_id=usager, genre="nouveau", canal="email",
                evenement=0, du_le=poste.le, essayer_le=poste.le, message_id="<jumeau@x>", cree_le=poste.le,
            )
        )  # fmt: skip
    record(poste.session, poste.expediteur, pris, COUPURE, poste.le)
    assert [(m.etat, m.raison) for m in poste.rows()] == [("attente", "coupure"), ("abandon", "double")]


def test_workers_side_by_side_never_send_the_same_message_R20(poste: Poste) -> None:
    poste.by_mail(40)
    with smtp_server() as boite:

        def work(nom: str) -> None:
            ouvrier = poste.worker(nom, email=TransportSmtp(boite.reglages))
            with Session(poste.session.get_bind(), expire_on_commit=False) as session:
                send_due(session, ouvrier, lambda: poste.le)

        with ThreadPoolExecutor(4) as equipe:
            list(equipe.map(work, ["un", "deux", "trois", "quatre"]))
        work("dernier")
    assert len(boite.recus) == len(set(boite.ids())) == 40
    assert {m.etat for m in poste.rows()} == {"envoye"}


def test_an_rdv_that_moves_while_its_message_is_claimed_is_told_anew_R19(poste: Poste) -> None:
    """Fifty RDVs are moved while workers send: everybody's last message says the last date."""
    poste.by_mail(25)
    rdvs = poste.session.scalars(select(Rdv.id)).all()
    capricieux = Capricieux()

    def work(_: int) -> None:
        ouvrier = poste.worker(f"o{_}", email=capricieux)
        with Session(poste.session.get_bind(), expire_on_commit=False) as session:
            send_due(session, ouvrier, lambda: poste.le)

    def move(_: int) -> None:
        with Session(poste.session.get_bind(), expire_on_commit=False) as session:
            autre = Poste.__new__(Poste)
            autre.session, autre.le = session, poste.le
            for rdv in rdvs:
                autre.move(rdv, DANS_DIX_JOURS + timedelta(days=3))

    with ThreadPoolExecutor(3) as equipe:
        list(equipe.map(lambda f: f(0), [work, move, work]))
    work(9)
    derniers = {p.adresse: p.texte for p in capricieux.recus}
    assert len(derniers) == 25
    assert all("lundi 7 décembre" in texte for texte in derniers.values()), derniers
    assert poste.session.scalar(select(func.count()).where(Message.etat == "envoi")) == 0


def test_the_worker_stops_after_the_message_being_sent(poste: Poste) -> None:
    poste.by_mail(5)
    capricieux = Capricieux()
    expediteur: Expediteur = poste.worker("o", email=capricieux)
    send_due(poste.session, expediteur, lambda: poste.le, arret=lambda: len(capricieux.recus) == 2)
    assert sorted(m.etat for m in poste.rows()) == ["attente"] * 3 + ["envoye"] * 2


def test_a_change_of_responsable_while_a_message_is_being_sent_loses_nothing_R20_R26(session: Session) -> None:
    """The former responsable's message was claimed, so the change could not re-point it; it failed."""
    poste = Poste(session)
    m1, m2 = poste.person(telephone=None), poste.person(email="m2@exemple.test", telephone=None)
    enfant = poste.person(prenom="Léo", email=None, telephone=None)
    a_lien(session, proche=enfant, responsable=m1)
    poste.make(enfant)
    with transaction(session):
        session.execute(update(Message).where(Message.genre == "nouveau").values(etat="envoi", reclame_le=poste.le))
        session.execute(update(LienProche).values(responsable_id=m2))
        outbox.resync_usagers(session, [enfant], poste.le)
    assert poste.row(usager_id=m1, genre="nouveau").etat == "envoi"
    poste.send(apres=timedelta(hours=1))  # the lease of the dead worker has run out
    assert poste.row(usager_id=m1, genre="nouveau").etat == "abandon"
    assert poste.row(usager_id=m2, genre="nouveau").etat == "envoye"
