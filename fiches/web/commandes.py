"""What the project's commands have in common: usage errors in French, and a standard output that may fail."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from flask.cli import AppGroup

from fiches.web.refus import Refus

ID_MAXIMUM = 2**31 - 1  # largest id that every database's integer column can compare with


class Entier(click.ParamType[int]):
    """A whole number between two bounds; `name` is what it counts, for the sentence that refuses it."""

    def __init__(self, name: str, minimum: int, maximum: int = ID_MAXIMUM) -> None:
        self.name, self.minimum, self.maximum = name, minimum, maximum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; fails with a French sentence."""
        texte = str(value).strip()
        lisible = texte.isascii() and texte.isdecimal() and len(texte) <= 10
        if not lisible or not self.minimum <= int(texte) <= self.maximum:
            phrase = f"«\u00a0{texte[:20]}\u00a0» n’est pas un {self.name} (un nombre, {self.minimum} au moins)"
            self.fail(phrase, param, ctx)
        return int(texte)


IDENTIFIANT = Entier("identifiant", 1)


class UsageIncorrect(click.UsageError):
    """A usage error whose message is already French; exit status 2."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence, then where help is."""
        click.echo(f"Usage incorrect\u00a0: {self.message}.", file=file, err=file is None)
        if self.ctx is not None:
            click.echo(f"Aide\u00a0: {self.ctx.command_path} --help", file=file, err=file is None)


def _in_french(erreur: click.UsageError, ctx: click.Context) -> click.UsageError:
    match erreur:
        case UsageIncorrect() | click.exceptions.NoArgsIsHelpError():
            return erreur
        case click.MissingParameter(param=click.Argument() as manque):
            phrase = f"il manque {manque.make_metavar(ctx)}"
        case click.MissingParameter(param=click.Option() as manque):
            phrase = f"il manque l’option {manque.opts[0]}"
        case click.NoSuchOption(option_name=nom):
            phrase = f"l’option {nom} n’existe pas"
        case click.BadParameter(param=click.Parameter() as fautif):
            phrase = f"{fautif.opts[0]}\u00a0: {erreur.message}"
        case click.BadOptionUsage(option_name=nom):
            phrase = f"l’option {nom} ne s’emploie pas ainsi"
        case _:
            phrase = "les mots donnés après la commande ne conviennent pas"
    return UsageIncorrect(phrase, ctx)


class Commande(click.Command):
    """A command that tells in French how it is misused."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; raises UsageIncorrect."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as erreur:
            raise _in_french(erreur, ctx) from None


class Groupe(AppGroup):
    """A group of such commands."""

    command_class = Commande

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; raises UsageIncorrect."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as erreur:
            raise _in_french(erreur, ctx) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; raises UsageIncorrect when there is no such command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            connues = ", ".join(self.list_commands(ctx))
            raise UsageIncorrect(f"cette commande n’existe pas\u00a0; il y a\u00a0: {connues}", ctx) from None


def explain(erreur: OSError) -> str:
    """Why a file cannot be read or written, in French, without its name."""
    match erreur:
        case FileNotFoundError():
            return "il n’existe pas"
        case PermissionError():
            return "accès refusé"
        case IsADirectoryError():
            return "c’est un dossier"
        case OSError(errno=errno.ENOSPC):
            return "il n’y a plus de place"
    return "erreur du système"


@contextmanager
def standard_output() -> Iterator[IO[str]]:
    """Standard output in UTF-8, for what other programs read.

    Raises Refus when it cannot be written; ends the command without a word, status 1, when whoever
    read it has gone (`| head`).
    """
    sortie = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield sortie
        sortie.flush()
    except OSError as erreur:
        _give_up_output()
        if isinstance(erreur, BrokenPipeError):
            raise SystemExit(1) from None
        raise Refus(f"Impossible d’écrire sur la sortie standard\u00a0: {explain(erreur)}.") from None
    finally:
        sortie.detach()  # or standard output would be closed with the wrapper


def _give_up_output() -> None:
    """Let what is still buffered go nowhere: Python would try to write it once more when it ends."""
    rien = os.open(os.devnull, os.O_WRONLY)
    os.dup2(rien, sys.stdout.fileno())
    os.close(rien)
