"""E-mail by SMTP (R21): the message, and the conversation with the server, fault by fault.

`smtplib.sendmail` does not tell at which moment a connection broke, and that decides whether the message
may have been taken: so each step is spoken here.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from threading import Timer

from jinja2 import Environment, FileSystemLoader

from fiches.notifications.mise_en_page import cut
from fiches.notifications.tentatives import Incident, Panne
from fiches.notifications.transports import ATTENTE_RESEAU, DUREE_MAXIMUM, Pli
from fiches.settings import ROOT, ReglagesSmtp

NOM_EXPEDITEUR = "Rendez-vous"  # neutral: it shows in the list of messages (R21)
POLITIQUE = SMTP.clone(cte_type="7bit")  # old relays mangle anything else

INJOIGNABLE = Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)
RACCROCHE = Incident(Panne.COUPURE, certain=True, general=True)
COUPURE = Incident(Panne.COUPURE, certain=False, general=True)
SANS_ISSUE = Incident(Panne.ADRESSE_REFUSEE, certain=True, definitif=True)


class _Panne(Exception):
    """The conversation ended with an incident."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident


def write_courriel(pli: Pli, expediteur: str) -> EmailMessage:
    """The e-mail: plain text and HTML, one Message-ID for all repeats (R20)."""
    message = EmailMessage(POLITIQUE)
    message["From"] = Address(NOM_EXPEDITEUR, addr_spec=expediteur)
    message["To"] = Address(addr_spec=routable(pli.adresse))
    message["Subject"] = pli.sujet
    message["Date"] = format_datetime(pli.date)
    message["Message-ID"] = pli.reference
    message["List-Unsubscribe"] = f"<{pli.arreter}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(pli.texte)
    html = _gabarit().get_template("messages/message.html").render(sujet=pli.sujet, morceaux=cut(pli.texte, pli.base))
    message.add_alternative(html, subtype="html")
    return message


@cache
def _gabarit() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def routable(adresse: str) -> str:
    """The address with its domain in the letters of the network, where the name before @ allows it."""
    nom, _, domaine = adresse.rpartition("@")
    return f"{nom}@{domaine.encode('idna').decode()}" if nom.isascii() else adresse


class TransportSmtp:
    """Sends by one server; the connection stays open until `close`."""

    nom = "smtp"

    def __init__(self, reglages: ReglagesSmtp, attente: float = ATTENTE_RESEAU, maximum: float = DUREE_MAXIMUM) -> None:
        self.reglages, self.attente, self.maximum = reglages, attente, maximum
        self.serveur: smtplib.SMTP | None = None
        self.trop_tard = False

    def send(self, pli: Pli) -> Incident | None:
        """Hand one message over; a kept connection that turns out to be closed is made anew, once."""
        gardee = self.serveur is not None
        incident = self._attempt(pli)
        if gardee and incident is not None and incident.certain and self.serveur is None:
            incident = self._attempt(pli)
        return incident

    def _attempt(self, pli: Pli) -> Incident | None:
        self.trop_tard = False
        garde = Timer(self.maximum, self._cut)
        garde.daemon = True
        garde.start()
        try:
            _talk(self.serveur or self._connect(), pli, self.reglages.expediteur)
        except _Panne as panne:
            self._recover(hang_up=panne.incident.general)
            return panne.incident
        finally:
            garde.cancel()
        return None

    def _connect(self) -> smtplib.SMTP:
        """A server that has let us in. Raises _Panne."""
        r = self.reglages
        try:
            if r.securite == "tls":
                self.serveur = smtplib.SMTP_SSL(
                    r.hote, r.port, timeout=self.attente, context=ssl.create_default_context()
                )
            else:
                self.serveur = smtplib.SMTP(r.hote, r.port, timeout=self.attente)
            if r.securite == "starttls":
                self.serveur.starttls(context=ssl.create_default_context())
            self.serveur.ehlo_or_helo_if_needed()
            if r.utilisateur and r.mot_de_passe:
                self.serveur.login(r.utilisateur, r.mot_de_passe)
        except smtplib.SMTPAuthenticationError as erreur:
            raise _Panne(_refused(erreur.smtp_code, Panne.IDENTIFIANTS)) from None
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):
            raise _Panne(_refused(500, Panne.SECURITE)) from None
        except smtplib.SMTPResponseException as erreur:
            raise _Panne(_refused(erreur.smtp_code, Panne.REPONSE)) from None
        except (OSError, smtplib.SMTPException, ValueError):
            raise _Panne(INJOIGNABLE) from None
        if self.trop_tard:
            raise _Panne(INJOIGNABLE)
        return self.serveur

    def _cut(self) -> None:
        """End a conversation that goes on drop by drop."""
        self.trop_tard = True
        if self.serveur is not None and self.serveur.sock is not None:
            with suppress(OSError):
                self.serveur.sock.shutdown(socket.SHUT_RDWR)

    def _recover(self, hang_up: bool) -> None:
        """Make the connection ready for the next message, or drop it."""
        if self.serveur is None:
            return
        try:
            if not hang_up:
                self.serveur.rset()
                return
        except (OSError, smtplib.SMTPException):
            pass
        self.serveur.close()
        self.serveur = None

    def close(self) -> None:
        """Say goodbye and hang up."""
        serveur, self.serveur = self.serveur, None
        if serveur is not None:
            with suppress(OSError, smtplib.SMTPException):
                serveur.quit()
            serveur.close()


def _talk(serveur: smtplib.SMTP, pli: Pli, expediteur: str) -> None:
    """Hand one message to a server that let us in. Raises _Panne."""
    adresse, corps = _written(serveur, pli, expediteur)
    try:
        code, _ = serveur.mail(expediteur, [] if adresse.isascii() else ["SMTPUTF8", "BODY=8BITMIME"])
        if code != 250:
            raise _Panne(_refused(code, Panne.EXPEDITEUR))
        code, texte = serveur.rcpt(adresse)
        if code not in (250, 251):
            raise _Panne(_judged(code, Panne.ADRESSE_REFUSEE, interdit=texte.startswith(b"5.7.")))
    except (OSError, smtplib.SMTPException):
        raise _Panne(RACCROCHE) from None
    try:
        code, _ = serveur.data(corps)
    except smtplib.SMTPDataError as erreur:
        code = erreur.smtp_code
    except (OSError, smtplib.SMTPException):  # it may have come after the last word of ours
        raise _Panne(COUPURE) from None
    if code != 250:
        raise _Panne(_judged(code, Panne.MESSAGE_REFUSE))


def _written(serveur: smtplib.SMTP, pli: Pli, expediteur: str) -> tuple[str, bytes]:
    try:
        adresse = routable(pli.adresse)
        if not adresse.isascii() and not serveur.has_extn("smtputf8"):
            raise _Panne(SANS_ISSUE)
        courriel = write_courriel(pli, expediteur)
    except (ValueError, HeaderParseError):  # no server could read such an address
        raise _Panne(SANS_ISSUE) from None
    return adresse, courriel.as_bytes(policy=POLITIQUE.clone(utf8=not adresse.isascii()))


def _judged(code: int, panne: Panne, interdit: bool = False) -> Incident:
    """What an answer about this recipient or this message means. `interdit`: a rule of the server's,
    which is more often about us than about them."""
    if 500 <= code < 600:
        if interdit:
            return Incident(Panne.EXPEDITEUR, certain=True, general=True)
        return Incident(panne, certain=True, definitif=True)
    if 400 <= code < 500:
        return Incident(Panne.PLUS_TARD, certain=True, general=code == 421)
    return Incident(Panne.REPONSE, certain=False, general=True)


def _refused(code: int, panne: Panne) -> Incident:
    """What an answer means before any recipient was named: nobody's message passes."""
    return Incident(Panne.PLUS_TARD if 400 <= code < 500 else panne, certain=True, general=True, compte=False)
