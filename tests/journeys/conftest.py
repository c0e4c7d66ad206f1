"""A real server, a real browser: what a person does, with JavaScript and without."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fiches.settings import ROOT
from tests.navigateur import ARGUMENTS, find_chromium

DELAI = 10_000  # ms that a browser step may take before the test fails


@dataclass(frozen=True)
class Serveur:
    """A running server: its address, and its folder."""

    url: str
    instance: Path
    reglages: Mapping[str, str] = field(default_factory=dict)

    def flask(self, *arguments: str, entree: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command on the same base, with the same settings."""
        return run_flask(self.instance, *arguments, entree=entree, reglages=self.reglages)


def run_flask(
    instance: Path, *arguments: str, entree: str | None = None, reglages: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a `flask` command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={**os.environ, "INSTANCE": str(instance), "SECRET_KEY": "test", "LOG_LEVEL": "ERROR", **(reglages or {})},
        input=entree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def demo_instance(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """A base with the demonstration data, made once by the command."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(migrated, folder / "fiches.db")
    made = run_flask(folder, "demo")
    assert made.returncode == 0, made.stderr
    return folder


@contextmanager
def running(base: Path, instance: Path, **reglages: str) -> Iterator[Serveur]:
    """The production server on a copy of a base, with these settings, while the block runs."""
    instance.mkdir(exist_ok=True)
    for file in base.parent.glob("fiches.db*") if base.is_file() else base.glob("fiches.db*"):
        shutil.copy(file, instance / file.name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "INSTANCE": str(instance), "SECRET_KEY": "test", "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "fiches.serveur"],
        cwd=ROOT,
        env=env | {"PORT": str(port), "WORKERS": "1", "ENVOI_AVEC_SERVEUR": "non", **reglages},
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield Serveur(url, instance, {"ADRESSE_PUBLIQUE": url, **reglages})
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(url: str) -> None:
    for _ in range(600):  # a busy machine is slow, not broken
        try:
            urllib.request.urlopen(f"{url}/sante", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serveur]]:
    """Start the production server on a copy of a base, with these settings; stopped after the test."""
    with ExitStack() as serveurs:
        yield lambda base, **reglages: serveurs.enter_context(running(base, tmp_path / "serveur", **reglages))


@pytest.fixture(scope="session")
def demo_lue(demo_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serveur]:
    """A server on the demonstration data that tests which change nothing share: starting one takes
    longer than looking at a page."""
    with running(demo_instance, tmp_path_factory.mktemp("lue") / "serveur") as serveur:
        yield serveur


@pytest.fixture
def demo(serve: Callable[..., Serveur], demo_instance: Path) -> Serveur:
    """A server on the demonstration data."""
    return serve(demo_instance)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with_javascript", "without_javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Each walk is done twice."""
    return bool(request.param)


@pytest.fixture
def page(browser: Browser, javascript: bool) -> Iterator[Page]:
    """A page of a person of its own."""
    yield from _page(browser, javascript, 1280, 900)


@pytest.fixture
def page_js(browser: Browser) -> Iterator[Page]:
    """A page with JavaScript."""
    yield from _page(browser, True, 1280, 900)


def _page(browser: Browser, javascript: bool, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=javascript, viewport={"width": width, "height": height}, locale="fr-FR"
    )
    page = context.new_page()
    page.set_default_timeout(DELAI)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
    yield page
    context.close()
    assert not faults, faults


def sign_in(page: Page, serveur: Serveur, email: str = "agent@demo.test") -> None:
    """Sign in as a person does."""
    page.goto(f"{serveur.url}/connexion")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill("demonstration")
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("heading", level=1, name="Vos usagers").wait_for()
