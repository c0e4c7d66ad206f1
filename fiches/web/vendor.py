"""The files of others that we carry: which, from which package and version, under which sum.

    python -m fiches.web.vendor               checks the files against their sums
    python -m fiches.web.vendor --recuperer   fetches the packages with npm again, then checks

Nothing is loaded from outside at run time; this is the only place that fetches.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fiches.settings import ROOT

MANIFEST = ROOT / "static" / "vendor" / "vendor.json"


def read_manifest() -> list[dict[str, str]]:
    """One entry per file: paquet, version, licence, source (path in the package), fichier, sha256."""
    entries: list[dict[str, str]] = json.loads(MANIFEST.read_text())
    return entries


def check_files() -> list[str]:
    """What does not match the manifest, in words; empty when all is well."""
    problems = []
    for entry in read_manifest():
        path = ROOT / entry["fichier"]
        if not path.exists():
            problems.append(f"{entry['fichier']} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            problems.append(f"{entry['fichier']} differs from {entry['paquet']} {entry['version']}")
    return problems


def fetch_files() -> None:
    """Fetch each package with npm and put its files in place."""
    entries = read_manifest()
    with tempfile.TemporaryDirectory() as folder:
        for package in sorted({f"{e['paquet']}@{e['version']}" for e in entries}):
            archive = subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
            ).stdout.split()[-1]
            with tarfile.open(Path(folder) / archive) as tar:
                tar.extractall(Path(folder) / package.replace("/", "-"), filter="data")
        for entry in entries:
            source = Path(folder) / f"{entry['paquet']}@{entry['version']}" / "package" / entry["source"]
            target = ROOT / entry["fichier"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def main() -> int:
    """Check, after fetching when asked to; 1 when something differs."""
    if "--recuperer" in sys.argv[1:]:
        fetch_files()
    problems = check_files()
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(read_manifest())} vendored files match their sums")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
