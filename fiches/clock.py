"""The only clock of the application.

Rules never ask for the time: dates come to them as arguments, so that every rule about
"today" can be tested on any day. Views, commands and actions ask here.
"""

from datetime import UTC, date, datetime

from fiches.dates import PARIS


def now() -> datetime:
    """The present instant, aware, in UTC, without microseconds (what the tables store)."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """Today's date where the services are (Paris)."""
    return now().astimezone(PARIS).date()
