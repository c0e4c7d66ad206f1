"""Starts the production server (granian) in place of this process.

Two processes on one machine beat threads; four threads each stay within the pool of
connections. Ctrl-C or SIGTERM stops all of it.
"""

import os
import socket
import sys

HOTE = "127.0.0.1"


def main() -> None:
    """Replace this process by the server, on 127.0.0.1 and $PORT."""
    port = os.environ.get("PORT") or "5000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit("PORT doit être un numéro de port, de 1 à 65535.")
    check_port(int(port))
    print(f"Fiches usager : http://{HOTE}:{port} (Ctrl-C pour arrêter)", flush=True)
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOTE, "--port", port,
        "--workers", os.environ.get("WORKERS") or "2", "--blocking-threads", "4",
        "--backpressure", "64", "--log-level", "warning", "--no-ws", "app:app",
    ]  # fmt: skip
    os.execv(sys.executable, command)


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
