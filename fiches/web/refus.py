"""How a command refuses: one French sentence on standard error, exit status 1."""

from typing import IO, Any

import click


class Refus(click.ClickException):
    """Raised by a command; the message is the whole sentence."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence, without click's English prefix."""
        click.echo(self.message, file=file, err=file is None)
