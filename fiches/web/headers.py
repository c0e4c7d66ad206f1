"""Response headers: a strict policy for contents, and no copies of signed-in pages."""

from flask import Flask, Response, request
from flask_login import current_user

# data: images are the ticks that style sheets draw; nothing else comes from outside.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def init_headers(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint == "static":
        if "v" in request.args:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
    response.vary.update(("Cookie", "HX-Request", "HX-Request-Type"))
    if current_user.is_authenticated or request.method not in ("GET", "HEAD") or "jeton" in (request.view_args or {}):
        response.headers["Cache-Control"] = "no-store"
    return response
