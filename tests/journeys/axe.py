"""axe-core in the page: evaluated, because the policy for contents blocks a script tag."""

from typing import Any

from playwright.sync_api import Page

from fiches.settings import ROOT

AXE = (ROOT / "tests" / "vendor" / "axe" / "axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """What axe finds wrong, each with the element it is about; best practices included."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run(document)).violations")
    return [f"{v['id']}: {v['help']} — {node['html'][:160]}" for v in found for node in v["nodes"]]
