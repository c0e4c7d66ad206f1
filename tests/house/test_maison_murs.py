"""The walls between rooms stand around every module: each is in a list of import-linter."""

import tomllib

from fiches.settings import ROOT

HORS_LISTES = {"fiches.models", "fiches.serveur"}  # all the tables for Alembic, and the server's own command


def test_every_module_stands_behind_a_wall() -> None:
    reglages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    listes = {module for mur in reglages["contracts"] for module in mur["source_modules"]}
    oublies = [
        nom
        for chemin in (ROOT / "fiches").rglob("*.py")
        if not _free(nom := ".".join(chemin.relative_to(ROOT).with_suffix("").parts))
        and not any(nom == liste or nom.startswith(f"{liste}.") for liste in listes)
    ]
    assert not oublies, f"put these in a list of import-linter, in pyproject.toml: {sorted(oublies)}"


def test_every_module_of_a_wall_is_there() -> None:
    reglages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    for mur in reglages["contracts"]:
        for module in mur["source_modules"]:
            chemin = ROOT.joinpath(*module.split("."))
            assert chemin.with_suffix(".py").exists() or chemin.is_dir(), module


def _free(nom: str) -> bool:
    """Whether a module's name tells its room by itself: what joins the application, and its commands."""
    return nom.startswith("fiches.web.") or nom.rsplit(".", 1)[1] in ("__init__", "commands") or nom in HORS_LISTES
