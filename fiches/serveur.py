"""Starts the production server (granian) in place of this process.

Two processes on one machine beat threads; four threads each stay within the pool of
connections. Ctrl-C or SIGTERM stops all of it.
"""

import os
import sys


def main() -> None:
    """Replace this process by the server, on 127.0.0.1 and $PORT."""
    port = os.environ.get("PORT") or "5000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit("PORT must be a port number")
    print(f"Fiches usager : http://127.0.0.1:{port} (Ctrl-C pour arrêter)", flush=True)
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port,
        "--workers", os.environ.get("WORKERS") or "2", "--blocking-threads", "4",
        "--backpressure", "64", "--log-level", "warning", "--no-ws", "app:app",
    ]  # fmt: skip
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
