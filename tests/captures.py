"""The screenshots of README and guides, made anew on fresh demonstration data.

make captures      writes docs/captures/*.png
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from fiches.settings import ROOT
from tests.journeys.personnes import find_connu, find_paire
from tests.navigateur import ARGUMENTS, find_chromium

FOLDER = ROOT / "docs" / "captures"
PORT = "5097"
URL = f"http://127.0.0.1:{PORT}"


def main() -> None:
    """Make the demonstration in a folder of its own, serve it, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "INSTANCE": folder, "PORT": PORT, "WORKERS": "1", "LOG_LEVEL": "ERROR"}
        for command in (["db", "upgrade"], ["demo"]):
            subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=env, check=True)
        server = subprocess.Popen([sys.executable, "-m", "fiches.serveur"], cwd=ROOT, env=env)
        try:
            _wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
                for name, width, height in (("", 1280, 800), ("-telephone", 380, 800)):
                    page = browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR")
                    _take(page, Path(folder), name)
        finally:
            server.terminate()
            server.wait(10)


def _wait() -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{URL}/sante", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _take(page: Page, instance: Path, suffix: str) -> None:
    def capture(name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")

    page.goto(f"{URL}/connexion")
    capture("connexion")
    page.fill("#email", "agent@demo.test")
    page.fill("#mot_de_passe", "demonstration")
    page.get_by_role("button", name="Se connecter").click()
    capture("liste")
    connu = find_connu(instance)
    home = page.url
    page.goto(f"{home}/nouveau")
    page.locator("#prenom").press_sequentially(connu.prenom)
    page.locator("#nom").press_sequentially(connu.nom_faute)
    page.locator("#date_naissance").press_sequentially(connu.naissance_tapee)
    page.locator("[data-niveau]").first.wait_for()
    capture("creer")
    page.goto(f"{home}/{connu.id}")
    capture("fiche")
    a, b = find_paire(instance)
    page.goto(f"{home.removesuffix('/usagers')}/fusion?a={a}&b={b}")
    capture("fusion")


if __name__ == "__main__":
    main()
