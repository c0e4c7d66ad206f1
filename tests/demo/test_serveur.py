"""`make demo` and `make serve`: never two servers on one port, each getting half of the requests."""

import os
import socket
import subprocess
import sys

import pytest

from fiches.serveur import check_port


def test_a_port_where_somebody_listens_is_refused_even_if_the_port_can_be_shared() -> None:
    with socket.socket() as occupant:
        occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        dit = subprocess.run(
            [sys.executable, "-m", "fiches.serveur"],
            env=os.environ | {"PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (dit.returncode, dit.stdout) == (1, "")
    assert dit.stderr == f"Le port {port} est déjà utilisé\u00a0: PORT={port + 1} make demo\n"


def test_a_free_port_is_let_through() -> None:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = prise.getsockname()[1]
    check_port(port)


@pytest.mark.parametrize("port", ["0", "65536", "cinq"])
def test_what_is_no_port_is_refused(port: str) -> None:
    dit = subprocess.run(
        [sys.executable, "-m", "fiches.serveur"],
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (dit.returncode, dit.stderr) == (1, "PORT doit être un numéro de port, de 1 à 65535.\n")
