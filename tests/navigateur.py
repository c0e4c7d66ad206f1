"""The browser that the tests drive: the system's Chromium, installed when it is missing.

python -m tests.navigateur     makes sure that there is one, and says which
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A closed network, a container, no screen; no background traffic of the browser's own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The path of a Chromium, $CHROMIUM first."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_chromium() -> None:
    """Install one from the system's packages (needs root on Debian), else Playwright's own."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
        packages = ["chromium", "fonts-liberation"]
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False)
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Say which browser the tests will drive; 0 even without one: those tests then say so."""
    if find_chromium() is None:
        install_chromium()
    print(f"browser: {find_chromium() or 'Playwright’s own'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
