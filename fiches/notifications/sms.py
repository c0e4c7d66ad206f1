"""SMS by an HTTP gateway (R21). The contract is in docs/exploitation.md.

Acceptance is a 2xx whose body is a JSON object with a non-empty `id`. Anything else may or may not have
left, unless the answer says that nothing did.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from fiches.notifications.tentatives import Incident, Panne
from fiches.notifications.transports import ATTENTE_RESEAU, DUREE_MAXIMUM, Pli
from fiches.settings import ReglagesSms

REPONSE_MAXIMUM = 64 * 1024  # bytes read of an answer
MAL_REGLE = {401: Panne.IDENTIFIANTS, 403: Panne.IDENTIFIANTS, 407: Panne.IDENTIFIANTS}
MAL_ADRESSE = (404, 405)  # the gateway's own address is wrong


class _SansRedirection(urllib.request.HTTPRedirectHandler):
    """A key and a text are sent to the address that was set, and nowhere else."""

    def redirect_request(self, *_args: Any, **_reste: Any) -> None:
        return None


class PasserelleHttp:
    """Sends by one gateway, one request for each SMS; the system's proxy settings hold."""

    nom = "passerelle"

    def __init__(self, reglages: ReglagesSms, attente: float = ATTENTE_RESEAU, maximum: float = DUREE_MAXIMUM) -> None:
        self.reglages, self.attente, self.maximum = reglages, attente, maximum
        self.ouvreur = urllib.request.build_opener(_SansRedirection)

    def send(self, pli: Pli) -> Incident | None:
        """Hand one SMS over."""
        r = self.reglages
        reference = pli.reference.strip("<>").partition("@")[0]
        contenu = {"to": pli.adresse, "from": r.expediteur, "text": pli.texte, "reference": reference}
        entetes = {
            "Authorization": f"Bearer {r.cle}", "Content-Type": "application/json", "Accept": "application/json",
            "Idempotency-Key": reference,
        }  # fmt: skip
        requete = urllib.request.Request(r.passerelle, json.dumps(contenu).encode(), entetes, method="POST")
        try:
            with self.ouvreur.open(requete, timeout=self.attente) as reponse:
                return read_answer(reponse.status, self._read(reponse))
        except urllib.error.HTTPError as erreur:
            erreur.close()
            return read_answer(erreur.code, b"")
        except urllib.error.URLError:  # raised before the request was sent whole
            return Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)
        except (OSError, http.client.HTTPException, ValueError):
            return Incident(Panne.COUPURE, certain=False, general=True)

    def _read(self, reponse: http.client.HTTPResponse) -> bytes:
        fin = time.monotonic() + self.maximum
        lu = b""
        while len(lu) < REPONSE_MAXIMUM and (morceau := reponse.read1(4096)):
            lu += morceau
            if time.monotonic() > fin:
                raise TimeoutError
        return lu

    def close(self) -> None:
        """Nothing stays open."""


def read_answer(code: int, corps: bytes) -> Incident | None:
    """What the gateway's answer means; None: it took the SMS."""
    if 200 <= code < 300:
        return None if _accepted(corps) else Incident(Panne.REPONSE, certain=False, general=True)
    if code in MAL_REGLE:
        return Incident(MAL_REGLE[code], certain=True, general=True)
    if code in MAL_ADRESSE or 300 <= code < 400:
        return Incident(Panne.INJOIGNABLE, certain=True, general=True)
    if code in (408, 425, 429):
        return Incident(Panne.PLUS_TARD, certain=True, general=True)
    if 400 <= code < 500:
        return Incident(Panne.MESSAGE_REFUSE, certain=True, definitif=True)
    return Incident(Panne.REPONSE, certain=False, general=True)


def _accepted(corps: bytes) -> bool:
    try:
        lu = json.loads(corps)
    except (ValueError, RecursionError):
        return False
    numero = lu.get("id") if isinstance(lu, dict) else None
    return (isinstance(numero, str) and bool(numero.strip())) or type(numero) is int
