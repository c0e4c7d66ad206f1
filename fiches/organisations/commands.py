"""Commands of this feature."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Add the commands to `flask`."""
