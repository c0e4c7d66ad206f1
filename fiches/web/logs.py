"""Structured logs: one JSON line per request, the route and not the address, no personal data."""

import logging
import time

import structlog
from flask import Flask, Response, g, request

from fiches.settings import Settings

log = structlog.get_logger()


def init_logs(app: Flask, settings: Settings) -> None:
    """Log each request by its route's pattern; query strings and forms never reach a log."""
    configure_logs(settings.log_level)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access log holds query strings

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _log(response: Response) -> Response:
        if request.endpoint != "static":
            started = g.get("started")
            log.info(
                "request",
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1) if started else None,
            )
        return response


def configure_logs(level: str) -> None:
    """JSON lines on standard output, from this level on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(),
    )
