"""Starts the production server (granian) and the worker that sends messages, and ends both together.

Two processes on one machine beat threads; four threads each stay within the pool of connections. Ctrl-C
or SIGTERM stops all of it. A worker that dies is started again, a server that dies ends it all.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

HOTE = "127.0.0.1"
DELAI_SERVEUR, DELAI_ENVOI = 8.0, 20.0  # seconds given to each to end by itself: a message may be on its way
REGARD = 0.2  # seconds between two looks at the processes
RELANCES = (1.0, 5.0, 30.0, 60.0)  # seconds before a worker is started again, the last one for good
STABLE = 120.0  # seconds after which a worker's death is no longer one of a series


def main() -> None:
    """Serve on 127.0.0.1 and $PORT until told to stop."""
    port = os.environ.get("PORT") or "5000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit("PORT doit être un numéro de port, de 1 à 65535.")
    check_port(int(port))
    avec_envoi = read_avec_envoi()
    print(f"Fiches usager : http://{HOTE}:{port} (Ctrl-C pour arrêter)", flush=True)
    sys.exit(Duo(server_command(port), worker_command() if avec_envoi else None).run())


def server_command(port: str) -> list[str]:
    """What starts granian."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOTE, "--port", port,
        "--workers", os.environ.get("WORKERS") or "2", "--blocking-threads", "4",
        "--backpressure", "64", "--log-level", "warning", "--no-ws", "app:app",
    ]  # fmt: skip


def worker_command() -> list[str]:
    """What starts the worker; it ends by itself should this process vanish."""
    return [sys.executable, "-m", "flask", "notifications", "envoyer", "--boucle", "--parent", str(os.getpid())]


def read_avec_envoi() -> bool:
    """Whether the worker is wanted; ends with a sentence when a setting cannot be used."""
    from fiches.settings import SettingInvalid, read_settings

    try:
        return read_settings().envois.avec_serveur
    except SettingInvalid as fault:
        sys.exit(f"Réglage refusé : {fault}")


class Duo:
    """The server and, beside it, the worker."""

    def __init__(self, serveur: list[str], envoi: list[str] | None) -> None:
        self.commande_envoi = envoi
        self.arret = False
        self.morts = 0
        self.relance = 0.0  # when the worker is to be started
        self.debut_envoi = 0.0
        self.envoi: subprocess.Popen[bytes] | None = None
        for numero in (signal.SIGTERM, signal.SIGINT):
            signal.signal(numero, self._ask)
        # A group of its own: granian stopped while it starts leaves its workers behind.
        self.serveur = subprocess.Popen(serveur, process_group=0)

    def _ask(self, _numero: int, _image: FrameType | None) -> None:
        self.arret = True

    def run(self) -> int:
        """Watch both until told to stop; the server's own exit status when it ended by itself."""
        try:
            while not self.arret:
                if self.serveur.poll() is not None:
                    return self.serveur.returncode or 1
                self._watch_envoi()
                time.sleep(REGARD)
            return 0
        finally:
            self._end()

    def _watch_envoi(self) -> None:
        """Start the worker, again if need be, later each time it dies young."""
        if self.commande_envoi is None:
            return
        if self.envoi is None:
            if time.monotonic() >= self.relance:
                self.envoi = subprocess.Popen(self.commande_envoi)
                self.debut_envoi = time.monotonic()
        elif self.envoi.poll() is not None:
            if time.monotonic() - self.debut_envoi > STABLE:
                self.morts = 0
            attente = RELANCES[min(self.morts, len(RELANCES) - 1)]
            print(f"Le programme d’envoi s’est arrêté, relance dans {attente:.0f} s.", file=sys.stderr, flush=True)
            self.morts += 1
            self.relance = time.monotonic() + attente
            self.envoi = None

    def _end(self) -> None:
        """Ask both to end, wait, and insist."""
        deux = ((self.serveur, DELAI_SERVEUR), (self.envoi, DELAI_ENVOI))
        restent = [(p, delai) for p, delai in deux if p is not None and p.poll() is None]
        for processus, _ in restent:
            processus.send_signal(signal.SIGTERM)
        debut = time.monotonic()
        for processus, delai in restent:
            try:
                processus.wait(max(0.1, debut + delai - time.monotonic()))
            except subprocess.TimeoutExpired:
                processus.kill()
                processus.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.serveur.pid, signal.SIGKILL)


def check_port(port: int) -> None:
    """End with a sentence, status 1, when somebody listens on this port: granian shares it without
    a word, and each request would go to one of the two applications."""
    with socket.socket() as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that just stopped is no obstacle
        try:
            prise.bind((HOTE, port))
        except OSError:
            libre = port + 1 if port < 65535 else 5000
            sys.exit(f"Le port {port} est déjà utilisé : PORT={libre} make demo")


if __name__ == "__main__":
    main()
