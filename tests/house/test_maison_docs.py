"""Documents cannot rot: what README, guides and docs name is compared with the code."""

import re

import click
from flask import Flask

from fiches.settings import ROOT
from fiches.usagers.champs import NOMS_CHAMPS
from fiches.web.errors import ERREURS

DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_setting_is_in_the_guide_of_who_runs_it() -> None:
    source = text("fiches/settings.py") + text("fiches/serveur.py")
    names = set(re.findall(r'env(?:iron)?\.get\("([A-Z_]+)"\)|_(?:integer|yes)\(env, "([A-Z_]+)"', source))
    settings = {a or b for a, b in names}
    assert len(settings) >= 9
    missing = [s for s in settings if f"`{s}`" not in text("docs/exploitation.md")]
    assert not missing, f"add a line to the table of docs/exploitation.md for {missing}"


def test_every_address_and_field_is_in_the_interface(app: Flask) -> None:
    interface = text("docs/interface.md")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("static", "acces.accueil"):
            continue
        address = re.sub(r"<int:(\w+)>", lambda m: "<org>" if m[1] == "org" else "<id>", rule.rule)
        tail = address.removeprefix("/organisations/<org>")
        assert address in interface or tail in interface, f"docs/interface.md does not name {address}"
    for nom in NOMS_CHAMPS:
        assert f"`{nom}`" in interface, f"docs/interface.md does not name the field {nom}"


def test_every_command_is_in_the_interface(app: Flask) -> None:
    documented = text("docs/interface.md") + text("docs/exploitation.md")
    for name in _commands(app.cli):
        if name.split()[0] in ("db", "routes", "run", "shell"):
            continue
        assert f"flask {name}" in documented, f"docs/interface.md does not name `flask {name}`"


def test_every_rule_is_carried_under_its_number() -> None:
    rules, fusion = text("docs/rules.md"), text("docs/fusion.md")
    for n in range(37):
        assert re.search(rf"\bR{n}\b", rules), f"docs/rules.md lacks R{n}"
    for n in range(1, 33):
        assert re.search(rf"\bF{n}\b", fusion), f"docs/fusion.md lacks F{n}"


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name} links to {target}, which is not there"


def test_the_tree_that_the_readme_draws_is_the_tree() -> None:
    for name in re.findall(r"^(fiches/[a-z_]+/|[a-z_]+/)\s", text("README.md"), flags=re.M):
        assert (ROOT / name).is_dir(), f"README.md draws {name}, which is not there"
    for folder in (ROOT / "fiches").iterdir():
        if (folder / "__init__.py").exists():
            assert folder.name + "/" in text("README.md"), f"README.md does not draw fiches/{folder.name}/"


def test_error_pages_have_a_sentence_for_each_code_the_interface_names() -> None:
    assert {400, 401, 403, 404, 409, 413, 422, 429, 500} <= set(ERREURS)


def test_no_document_names_a_path_of_somebody_s_machine() -> None:
    forbidden = re.compile(r"(?<![\w.~<])/(home|root|work|farm|Users)/")
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "Makefile", *DOCS.glob("*.md")]:
        found = forbidden.search(path.read_text())
        assert not found, f"{path.name}: {found and found.group(0)}"


def _commands(group: click.Group, prefix: str = "") -> list[str]:
    found: list[str] = []
    for name, command in group.commands.items():
        full = f"{prefix}{name}"
        found += _commands(command, f"{full} ") if isinstance(command, click.Group) else [full]
    return found
