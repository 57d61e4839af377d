"""The command line: one line a command; every mistake of a person is answered with a sentence."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .commands import (
    bounces,
    channels,
    clock,
    consents,
    contacts,
    coupons,
    data,
    deliverability,
    exchange,
    journeys,
    owner,
    playbooks,
    policy,
    privacy,
    products,
    running,
    safe,
    segments,
    templates,
)

app = typer.Typer(
    name="sojourn",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Customer journeys, drawn in the browser and run from here. Start with `sojourn demo`.",
)
app.command()(running.demo)
app.command()(owner.init)
app.command()(running.serve)
app.command()(running.worker)
app.command()(running.check)
app.command("import")(exchange.import_)
app.command()(exchange.export)
app.add_typer(exchange.contracts, name="contracts")
app.add_typer(exchange.connections, name="connections")
app.add_typer(journeys.app, name="journeys")
app.add_typer(segments.app, name="segments")
app.add_typer(playbooks.app, name="playbooks")
app.add_typer(templates.app, name="templates")
app.add_typer(products.app, name="products")
app.add_typer(coupons.app, name="coupons")
app.add_typer(channels.app, name="channels")
app.add_typer(bounces.app, name="bounces")
app.add_typer(policy.app, name="policy")
app.add_typer(deliverability.app, name="deliverability")
app.command()(data.counts)
app.command()(data.messages)
app.command()(data.explain)
app.command()(data.schema)
app.add_typer(owner.keys, name="keys")
app.add_typer(owner.users, name="users")
app.add_typer(owner.settings, name="settings")
app.add_typer(clock.app, name="clock")
app.command()(privacy.erase)
app.command("export-person")(privacy.export_person)
app.add_typer(privacy.suppressed, name="suppressed")
app.add_typer(privacy.kept, name="retention")
app.add_typer(contacts.app, name="contacts")
app.add_typer(consents.app, name="consents")
app.command()(safe.backup)
app.command()(safe.restore)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"sojourn {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Which version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command. A problem of ours is a sentence on stderr and exit code 1; wrong usage is 2."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        typer.echo(sentence, err=True)
        sys.exit(1)


def sentence_of(error: Exception) -> str | None:
    """What to tell a person; None for a fault of the program itself, whose traceback is wanted."""
    if type(error).__module__.startswith(__name__.partition(".")[0] + "."):
        return str(error) or type(error).__doc__
    if type(error).__name__ == "OperationalError":
        first = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return f"The database cannot be used: {first}. `sojourn check` says where it is expected."
    if type(error).__name__ == "DatabaseError":
        first = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return f"The database is damaged or no database ({first}): restore a backup with `sojourn restore`."
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be read or written by this user."
    return None
