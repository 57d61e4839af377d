"""`sojourn channels`: the accounts messages go out by."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from .common import ACTOR, AsJson, Home, Refused, opened, put, say, table

app = typer.Typer(no_args_is_help=True, help="Accounts at carriers: texts, push, webhooks and more.")
Name = Annotated[str, typer.Argument(help="The account's name.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A YAML file: one account, or several under `accounts:`.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Open accounts, or change those of the same names. All of the file or nothing; secrets left out stay."""
    from ...runtime import accounts
    from ...storage.accounts import everyone as accounts_of

    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    try:
        given = accounts.read_file(file.read_text(encoding="utf-8"))
        with opened(home) as instance:
            now_ms = instance.clock.now_ms()
            names = instance.db.write(lambda tx: accounts.keep_all(tx, instance, given, ACTOR, now_ms))
            found = instance.db.look(lambda tx: _shown(tx, names))
            kept = instance.db.look(accounts_of)
            warned = [w for one in kept if one.name in names for w in accounts.warnings(instance, one)]
    except UnicodeDecodeError:
        raise Refused(f"{file} is no text in UTF-8.") from None
    except accounts.AccountProblem as problem:
        raise Refused(str(problem)) from None
    if as_json:
        put(found)
        return
    for one in found:
        say(f"{one['name']}: {one['medium']} by {one['carrier']}, {one['status']}.{_callback(one)}")
    for sentence in warned:
        typer.echo(sentence, err=True)


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """Every account; secrets are not shown."""
    with opened(home) as instance:
        found = instance.db.look(lambda tx: _shown(tx))
    if as_json:
        put(found)
        return
    heads = ("name", "medium", "carrier", "state", "place")
    table(heads, [(one["name"], one["medium"], one["carrier"], one["status"], one["place"]) for one in found])


@app.command()
def carriers(medium: Annotated[str, typer.Argument(help="Only of this medium.")] = "", as_json: AsJson = False) -> None:
    """Who can carry what, and what each wants to know."""
    from ...runtime.accounts import secret_names
    from ...runtime.channels.channel import carriers as known
    from ...runtime.channels.channel import media

    found: list[dict[str, Any]] = []
    for name in sorted(media()) if not medium else [medium]:
        for carrier, kind in sorted(known(name).items()):
            assert kind.Settings is not None
            fields = kind.Settings.model_fields
            found.append(
                {
                    "medium": name,
                    "carrier": carrier,
                    "label": kind.label,
                    "settings": {key: field.description or "" for key, field in fields.items()},
                    "needed": [key for key, field in fields.items() if field.is_required()],
                    "secret": sorted(secret_names(kind)),
                    "example": dict(kind.example),
                }
            )
    if as_json:
        put(found)
        return
    for one in found:
        say(f"{one['medium']} by {one['carrier']} ({one['label']})")
        for key, words in one["settings"].items():
            marks = ", ".join(word for word in ("needed", "secret") if key in one[word])
            say(f"  {key}: {words}{f' ({marks})' if marks else ''}")


@app.command()
def turn(name: Name, state: Annotated[str, typer.Argument(help="on or off.")], home: Home = None) -> None:
    """Use an account, or leave it alone."""
    from ...runtime import accounts

    if state not in ("on", "off"):
        raise Refused("An account is turned on or off.")
    with opened(home) as instance:
        try:
            instance.db.write(lambda tx: accounts.turn(tx, name, state == "on", ACTOR, instance.clock.now_ms()))
        except accounts.AccountProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{name} is {state}.")


@app.command()
def remove(name: Name, home: Home = None) -> None:
    """Close an account and forget its secrets. What went out by it stays in the record."""
    from ...runtime import accounts

    with opened(home) as instance:
        try:
            instance.db.write(lambda tx: accounts.remove(tx, name, ACTOR, instance.clock.now_ms()))
        except accounts.AccountProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{name} is closed.")


@app.command()
def test(
    name: Name,
    to: Annotated[str, typer.Option(help="An address of your own: a number, a token, nothing for a webhook.")] = "",
    text: Annotated[str, typer.Option(help="What it says.")] = "A test from Sojourn.",
    home: Home = None,
) -> None:
    """Send one message by an account, to see that it works. It belongs to no journey and no contact."""
    from ...runtime import account_test, accounts

    with opened(home) as instance:
        try:
            said = asyncio.run(account_test.send(instance, name, to, text, ACTOR))
        except accounts.AccountProblem as problem:
            raise Refused(str(problem)) from None
    say(said.words)
    if not said.ok:
        raise typer.Exit(1)


def _shown(tx: Any, names: list[str] | None = None) -> list[dict[str, Any]]:
    from ...runtime.accounts import shown
    from ...storage import accounts

    return [shown(one) for one in accounts.everyone(tx) if names is None or one.name in names]


def _callback(one: dict[str, Any]) -> str:
    from ...runtime.channels.channel import carriers as known

    can = known(one["medium"])[one["carrier"]].capabilities
    return f" Its callbacks come to /hooks/{one['name']}." if can.receipts or can.replies else ""
