"""Real servers for the tests of sending: an SMTP server and an SMS gateway that fail as they are told."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from fiches.settings import ReglagesSms, ReglagesSmtp


@dataclass
class BoiteAuxLettres:
    """What an SMTP server took, and how it answers: `rcpt` by address, `data` for all."""

    port: int = 0
    recus: list[tuple[str, EmailMessage]] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str = "250 OK"
    expediteurs_refuses: bool = False
    raccroche_apres_data: int = 0  # so many times
    lenteur: float = 0.0
    sur_data: Callable[[str], None] | None = None

    @property
    def reglages(self) -> ReglagesSmtp:
        return ReglagesSmtp("127.0.0.1", self.port, "aucune", None, None, "rdv@service.test")

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.expediteurs_refuses:
            return "553 sender refused"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reponse = self.rcpt.get(address, "250 OK")
        if reponse.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reponse

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.lenteur:
            time.sleep(self.lenteur)
        if not self.data.startswith("2"):
            return self.data
        courriel = message_from_bytes(envelope.content, policy=default)
        assert isinstance(courriel, EmailMessage)
        self.recus.append((envelope.rcpt_tos[0], courriel))
        if self.sur_data is not None:
            self.sur_data(str(courriel["Message-ID"]))
        if self.raccroche_apres_data:
            self.raccroche_apres_data -= 1
            server.transport.abort()
        return self.data

    def ids(self) -> list[str]:
        return [str(c["Message-ID"]) for _, c in self.recus]


@contextmanager
def smtp_server() -> Iterator[BoiteAuxLettres]:
    """An SMTP server on this machine."""
    boite = BoiteAuxLettres(port=free_port())
    controller = Controller(boite, hostname="127.0.0.1", port=boite.port)
    controller.start()
    try:
        yield boite
    finally:
        controller.stop()


@dataclass
class Passerelle:
    """What a gateway took, and how it answers: (code, body), or None to hang up without a word."""

    port: int = 0
    recus: list[dict[str, Any]] = field(default_factory=list)
    entetes: list[dict[str, str]] = field(default_factory=list)
    reponse: tuple[int, bytes] | None = (200, b'{"id": "42"}')
    lenteur: float = 0.0

    @property
    def reglages(self) -> ReglagesSms:
        return ReglagesSms(f"http://127.0.0.1:{self.port}/envois", "clef-secrete", "RDV")


@contextmanager
def sms_gateway() -> Iterator[Passerelle]:
    """A gateway on this machine."""
    passerelle = Passerelle()

    class Guichet(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            passerelle.recus.append(corps)
            passerelle.entetes.append(dict(self.headers))
            time.sleep(passerelle.lenteur)
            if passerelle.reponse is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            code, texte = passerelle.reponse
            self.send_response(code)
            if 300 <= code < 400:
                self.send_header("Location", "/ailleurs")
            self.send_header("Content-Length", str(len(texte)))
            self.end_headers()
            self.wfile.write(texte)

        def do_GET(self) -> None:
            passerelle.recus.append({"GET": self.path})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Silent."""

    class Serveur(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """A client that did not wait for its answer."""

    serveur = Serveur(("127.0.0.1", 0), Guichet)
    serveur.daemon_threads = True
    passerelle.port = serveur.server_address[1]
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    try:
        yield passerelle
    finally:
        serveur.shutdown()
        serveur.server_close()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with each connection what `talk` says; its port."""
    ecoute = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                prise, _ = ecoute.accept()
            except OSError:
                return
            with prise:
                try:
                    talk(prise)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(ecoute.getsockname()[1])
    finally:
        ecoute.close()
