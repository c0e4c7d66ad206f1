"""House checks of templates and static files."""

import re
from pathlib import Path

from fiches.settings import ROOT
from fiches.web.vendor import check_files

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN_FILES = [
    path
    for folder, pattern in (("fiches", "*.py"), ("tests", "*.py"), ("templates", "*.html"), ("static", "*.*s*"))
    for path in (ROOT / folder).rglob(pattern)
    if "vendor" not in path.parts and path.suffix in (".py", ".html", ".css", ".js")
]


def test_every_fragment_is_included_by_some_page() -> None:
    everything = {path: path.read_text() for path in TEMPLATES}
    for path in TEMPLATES:
        if not path.name.startswith("_") or path.name in ("_session_expiree.html", "_alerte.html"):
            continue  # those two stand in for a fragment that could not be made
        name = str(path.relative_to(ROOT / "templates"))
        users = [other for other, text in everything.items() if other != path and f'"{name}"' in text]
        assert users, f"{name} is included by no page: include it, or delete it"


def test_no_template_trusts_text_or_holds_script_or_style() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        for forbidden in (
            r"\|\s*safe\b",
            r"<script(?![^>]*\bsrc=)",
            r"<style",
            r"\sstyle=",
            r"\son[a-z]+=",
            "hx-on",
            "js:",
        ):
            assert not re.search(forbidden, text), f"{path.name} holds {forbidden}"


def test_every_fragment_starts_by_saying_what_it_is_given() -> None:
    for path in TEMPLATES:
        if path.name.startswith("_") and path.name != "_session_expiree.html":
            assert path.read_text().startswith("{#"), f"{path.name}: begin with a comment listing its variables"


def test_vendored_files_are_those_of_the_manifest() -> None:
    assert check_files() == []


def test_no_file_grows_past_what_one_reads_in_one_go() -> None:
    long = {str(p.relative_to(ROOT)): n for p in OWN_FILES if (n := len(p.read_text().splitlines())) > 400}
    assert not long, f"split these: {long}"


def test_nothing_is_loaded_from_outside() -> None:
    for path in [*TEMPLATES, *(ROOT / "static").glob("css/*.css"), ROOT / "static" / "fiches.js"]:
        assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:)?//", path.read_text()), path


def test_french_texts_use_typographic_apostrophes() -> None:
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", path.read_text(), flags=re.S)
        assert not re.search(r"\w'\w", text), f"{path.name}: write ’ in French words"


def test_french_texts_use_no_break_spaces() -> None:
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", "", path.read_text(), flags=re.S)
        found = re.search(r".{0,20}(« | »| [;?!](\s|$)|\w :\s).{0,20}", text)
        assert not found, f"{path.name}: no-break space in {found and found.group(0)!r}"


def test_paths_of_this_machine_are_in_no_file() -> None:
    for path in OWN_FILES:
        if path.parent == Path(__file__).parent:
            continue  # the checks name what they forbid
        assert not re.search(r"/(work|root|farm)/", path.read_text()), path
