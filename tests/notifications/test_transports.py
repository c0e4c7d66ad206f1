"""The transports against real servers, fault by fault: what is certain, what is not (R20, R21)."""

import dataclasses
import socket
import time
from datetime import UTC, datetime
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiches.notifications.courriel import TransportSmtp, write_courriel
from fiches.notifications.sms import PasserelleHttp, read_answer
from fiches.notifications.tentatives import Incident, Panne
from fiches.notifications.transports import Pli
from fiches.settings import ReglagesSms, ReglagesSmtp
from tests.notifications.serveurs import free_port, raw_server, sms_gateway, smtp_server

BASE = "https://rdv.exemple.test"
PLI = Pli(
    reference="<abc@fiches-usager.invalid>",
    adresse="mere@exemple.test",
    sujet="Rendez-vous le vendredi 4 décembre 2026",
    texte=f"Bonjour,\n\nLieu : Chez <Zoé> & Cie\n\nAnnuler ce RDV : {BASE}/avis/a\nNe plus recevoir : {BASE}/avis/s\n"
    f"Ce n’est pas moi : {BASE}/avis/p",
    arreter=f"{BASE}/avis/s",
    date=datetime(2026, 11, 24, 9, tzinfo=UTC),
    base=BASE,
)


def reglages(port: int, securite: str = "aucune", **values: str) -> ReglagesSmtp:
    return ReglagesSmtp(
        "127.0.0.1", port, securite, values.get("utilisateur"), values.get("mot_de_passe"), "rdv@service.test"
    )


def smtp(port: int, **values: str) -> TransportSmtp:
    return TransportSmtp(reglages(port, **values), attente=1.0, maximum=3.0)


# --- SMTP -----------------------------------------------------------------------------------------


def test_the_e_mail_has_both_texts_one_message_id_and_a_way_out_R20_R21() -> None:
    with smtp_server() as boite:
        transport = smtp(boite.port)
        assert transport.send(PLI) is None
        transport.close()
    ((adresse, courriel),) = boite.recus
    assert adresse == "mere@exemple.test"
    assert parseaddr(courriel["From"]) == ("Rendez-vous", "rdv@service.test")
    assert courriel["Message-ID"] == PLI.reference
    assert courriel["List-Unsubscribe"] == f"<{BASE}/avis/s>"
    assert courriel["Auto-Submitted"] == "auto-generated"
    assert courriel["Subject"] == PLI.sujet
    assert courriel["Date"] == "Tue, 24 Nov 2026 09:00:00 +0000"
    texte, html = courriel.get_body(("plain",)), courriel.get_body(("html",))
    assert texte is not None
    assert html is not None
    assert texte.get_content().split() == PLI.texte.split()
    page = html.get_content()
    assert "Chez &lt;Zoé&gt; &amp; Cie" in page
    assert all(f'<a href="{BASE}/avis/{c}">' in page for c in "asp")
    assert not any(mot in page for mot in ("<img", "<script", "<link", "src="))


def test_several_messages_share_a_connection_and_a_dropped_one_is_made_anew() -> None:
    with smtp_server() as boite:
        transport = smtp(boite.port)
        assert transport.send(PLI) is None
        assert transport.serveur is not None
        assert transport.serveur.sock is not None
        transport.serveur.sock.shutdown(socket.SHUT_RDWR)
        assert transport.send(PLI) is None
        transport.close()
    assert len(boite.recus) == 2


def test_a_refused_address_is_final_and_the_next_one_passes_R20() -> None:
    with smtp_server() as boite:
        boite.rcpt["mere@exemple.test"] = "550 5.1.1 no such user"
        transport = smtp(boite.port)
        assert transport.send(PLI) == Incident(Panne.ADRESSE_REFUSEE, certain=True, definitif=True)
        assert transport.send(dataclasses.replace(PLI, adresse="autre@exemple.test")) is None
        transport.close()


@pytest.mark.parametrize(
    ("reponse", "incident"),
    [
        ("451 4.7.1 greylisted", Incident(Panne.PLUS_TARD, certain=True)),
        ("421 too many", Incident(Panne.PLUS_TARD, certain=True, general=True)),
        ("554 5.7.1 relay access denied", Incident(Panne.EXPEDITEUR, certain=True, general=True)),
    ],
)
def test_answers_about_the_recipient(reponse: str, incident: Incident) -> None:
    with smtp_server() as boite:
        boite.rcpt["mere@exemple.test"] = reponse
        assert smtp(boite.port).send(PLI) == incident
    assert boite.recus == []


@pytest.mark.parametrize(
    ("reponse", "incident"),
    [
        ("554 content refused", Incident(Panne.MESSAGE_REFUSE, certain=True, definitif=True)),
        ("452 full", Incident(Panne.PLUS_TARD, certain=True)),
    ],
)
def test_answers_about_the_message(reponse: str, incident: Incident) -> None:
    with smtp_server() as boite:
        boite.data = reponse
        assert smtp(boite.port).send(PLI) == incident


def test_a_server_that_is_down_is_a_fault_of_the_transport_R20() -> None:
    assert smtp(free_port()).send(PLI) == Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)


def test_a_refused_sender_is_a_fault_of_the_transport() -> None:
    with smtp_server() as boite:
        boite.expediteurs_refuses = True
        assert smtp(boite.port).send(PLI) == Incident(Panne.EXPEDITEUR, certain=True, general=True, compte=False)


def test_a_server_that_hangs_up_after_data_leaves_a_doubt_R20() -> None:
    with smtp_server() as boite:
        boite.raccroche_apres_data = 1
        transport = smtp(boite.port)
        assert transport.send(PLI) == Incident(Panne.COUPURE, certain=False, general=True)
        assert transport.send(PLI) is None
        transport.close()
    assert boite.ids() == [PLI.reference] * 2


def test_a_slow_server_leaves_a_doubt_R20() -> None:
    with smtp_server() as boite:
        boite.lenteur = 1.5
        assert smtp(boite.port).send(PLI) == Incident(Panne.COUPURE, certain=False, general=True)


def test_a_server_that_answers_drop_by_drop_is_cut_off_R20() -> None:
    def drip(prise: socket.socket) -> None:
        prise.sendall(b"220 ok\r\n")
        prise.recv(100)
        for _ in range(100):
            prise.sendall(b"250-goutte\r\n")
            time.sleep(0.2)

    with raw_server(drip) as port:
        transport = TransportSmtp(reglages(port), attente=1.0, maximum=1.0)
        incident = transport.send(PLI)
    assert incident is not None
    assert (incident.certain, incident.general) == (True, True)


@pytest.mark.parametrize("securite", ["starttls", "tls"])
def test_nothing_is_said_in_clear_to_a_server_without_the_security_asked_for(securite: str) -> None:
    with smtp_server() as boite:
        incident = smtp(boite.port, securite=securite, utilisateur="u", mot_de_passe="m").send(PLI)
    assert incident == Incident(Panne.SECURITE, certain=True, general=True, compte=False)
    assert boite.recus == []


def test_a_server_that_knows_no_passwords_is_a_fault_of_the_transport() -> None:
    with smtp_server() as boite:
        incident = smtp(boite.port, utilisateur="u", mot_de_passe="m").send(PLI)
    assert incident is not None
    assert (incident.general, incident.compte) == (True, False)


@pytest.mark.parametrize("adresse", ["a b@exemple.test", "a..b@exemple.test", "zoé@exemple.test", "x@" + "a" * 300])
def test_an_address_that_no_server_reads_is_final(adresse: str) -> None:
    with smtp_server() as boite:
        incident = smtp(boite.port).send(dataclasses.replace(PLI, adresse=adresse))
    assert incident is None or incident.definitif
    assert (incident is None) == bool(boite.recus)


def test_a_domain_with_accents_is_written_in_the_letters_of_the_network() -> None:
    with smtp_server() as boite:
        assert smtp(boite.port).send(dataclasses.replace(PLI, adresse="zoe@société.example")) is None
    assert boite.recus[0][0] == "zoe@xn--socit-esab.example"


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=150),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
)
def test_no_place_name_breaks_out_of_an_e_mail(sujet: str, texte: str) -> None:
    courriel = write_courriel(dataclasses.replace(PLI, sujet=sujet, texte=texte), "rdv@service.test")
    lu = courriel.as_bytes()
    assert lu.isascii()
    entetes = lu.split(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    noms = [ligne.split(":")[0] for ligne in entetes if not ligne.startswith((" ", "\t"))]
    assert sorted(noms) == sorted(
        [
            "from", "to", "subject", "date", "message-id", "list-unsubscribe", "auto-submitted", "mime-version",
            "content-type",
        ]
    )  # fmt: skip


# --- the gateway ----------------------------------------------------------------------------------


def gateway(reglages_sms: ReglagesSms) -> PasserelleHttp:
    return PasserelleHttp(reglages_sms, attente=1.0, maximum=2.0)


def test_the_gateway_takes_an_sms_and_is_told_which_one_R20_R21() -> None:
    with sms_gateway() as passerelle:
        assert gateway(passerelle.reglages).send(dataclasses.replace(PLI, adresse="+33612345678")) is None
    assert passerelle.recus[0]["reference"] == "abc"
    assert passerelle.entetes[0]["Idempotency-Key"] == "abc"


@pytest.mark.parametrize(
    ("reponse", "incident"),
    [
        ((500, b"oops"), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b"<html>merci</html>"), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b""), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b'{"id": ""}'), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b"[" * 60000), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b'{"id": true}'), Incident(Panne.REPONSE, certain=False, general=True)),
        ((200, b"\xff\xfe"), Incident(Panne.REPONSE, certain=False, general=True)),
        ((302, b""), Incident(Panne.INJOIGNABLE, certain=True, general=True)),
        ((401, b""), Incident(Panne.IDENTIFIANTS, certain=True, general=True)),
        ((429, b""), Incident(Panne.PLUS_TARD, certain=True, general=True)),
        ((422, b'{"erreur": "numero"}'), Incident(Panne.MESSAGE_REFUSE, certain=True, definitif=True)),
        (None, Incident(Panne.COUPURE, certain=False, general=True)),
    ],
)
def test_answers_of_the_gateway(reponse: tuple[int, bytes] | None, incident: Incident) -> None:
    with sms_gateway() as passerelle:
        passerelle.reponse = reponse
        assert gateway(passerelle.reglages).send(PLI) == incident
    assert len(passerelle.recus) == 1  # a redirection is not followed: key and text go where the setting says


@pytest.mark.parametrize(("corps", "accepte"), [(b'{"id": "a"}', True), (b'{"id": 0}', True), (b'{"id": null}', False)])
def test_an_identifier_is_what_makes_an_acceptance(corps: bytes, accepte: bool) -> None:
    assert (read_answer(201, corps) is None) == accepte


def test_a_gateway_that_hangs_leaves_a_doubt() -> None:
    with sms_gateway() as passerelle:
        passerelle.lenteur = 1.5
        assert gateway(passerelle.reglages).send(PLI) == Incident(Panne.COUPURE, certain=False, general=True)


def test_a_gateway_that_is_down_is_a_fault_of_the_transport() -> None:
    down = ReglagesSms(f"http://127.0.0.1:{free_port()}/", "c", "RDV")
    assert gateway(down).send(PLI) == Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)


def test_a_gateway_that_talks_no_http_leaves_a_doubt() -> None:
    def garbage(prise: socket.socket) -> None:
        prise.recv(65536)
        prise.sendall(b"\x00\x01\x02 n'importe quoi\r\n\r\n")

    with raw_server(garbage) as port:
        incident = gateway(ReglagesSms(f"http://127.0.0.1:{port}/", "c", "RDV")).send(PLI)
    assert incident == Incident(Panne.COUPURE, certain=False, general=True)
