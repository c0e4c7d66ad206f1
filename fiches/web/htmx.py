"""The only reader and writer of HX-* headers."""

from flask import render_template, request


def is_fragment() -> bool:
    """Whether this request wants a fragment: sent by htmx, and not for a whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def render(page: str, fragment: str, **values: object) -> str:
    """The page, or for a live request only the fragment that the page includes."""
    return render_template(fragment if is_fragment() else page, **values)
