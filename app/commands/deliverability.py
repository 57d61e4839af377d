"""`sojourn deliverability`: what DNS says of the sender, and the keys that sign letters."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import ACTOR, AsJson, Home, Refused, opened, put, say, table

app = typer.Typer(
    invoke_without_command=True, help="Whether letters reach the inbox: what DNS says of the sender, and what to do."
)
keys = typer.Typer(no_args_is_help=True, help="The keys that sign letters (DKIM).")
app.add_typer(keys, name="keys")
Selector = Annotated[str, typer.Argument(help="The key's selector, as `list` shows it.")]


@app.callback()
def look(
    context: typer.Context,
    helo: Annotated[str, typer.Option(help="The name the sending server gives, where it is not known here.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask DNS for everything receivers look at; each finding comes with what to do. Ends with 0 whatever is found."""
    if context.invoked_subcommand is not None:
        return
    from ...runtime.deliverability import dns

    with opened(home) as instance:
        found = dns.look(instance, helo=helo)
    if as_json:
        put({"counts": dns.counted(found), "findings": [one.as_json() for one in found]})
        return
    for one in found:
        say(f"{one.state:8}{one.title}: {one.sentence}")
        if one.fix:
            say(f"        {one.fix}")
        for record in one.records:
            say(f"        {record.name}  {record.type}  {record.quoted}")


@keys.command()
def make(
    domain: Annotated[str, typer.Argument(help="The domain letters come from; without it, the sender's.")] = "",
    algorithm: Annotated[str, typer.Option(help="rsa, which everybody reads, or ed25519 beside it.")] = "rsa",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print the record to publish. It signs nothing before it is turned on."""
    from ...runtime.deliverability import keys as making

    with opened(home) as instance:
        try:
            key = making.make(instance, domain or instance.settings.sender_address or "", algorithm, ACTOR)
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    if as_json:
        put(making.shown(key))
        return
    record = making.record_of(key)
    say(f"Publish this record, then `sojourn deliverability keys turn {key.selector} on`:")
    say(f"{record.name}  {record.type}  {record.quoted}")


@keys.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """Every key with its record; the private half is never shown."""
    from ...runtime.deliverability import keys as making
    from ...storage import dkim_keys

    with opened(home) as instance:
        found = [making.shown(key) for key in instance.db.look(dkim_keys.everyone)]
    if as_json:
        put(found)
        return
    heads = ("domain", "selector", "algorithm", "state", "record")
    table(heads, [(*(one[key] for key in heads[:3]), one["status"], one["record"]["quoted"]) for one in found])


@keys.command()
def turn(selector: Selector, state: Annotated[str, typer.Argument(help="on or off.")], home: Home = None) -> None:
    """Sign letters with a key, or stop to. Publish its record first: unread signatures count against the sender."""
    from ...runtime.deliverability import keys as making

    if state not in ("on", "off"):
        raise Refused("A key is turned on or off.")
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            instance.db.write(lambda tx: making.turn(tx, selector, "on" if state == "on" else "off", ACTOR, now_ms))
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{selector} is {state}.")


@keys.command()
def remove(selector: Selector, home: Home = None) -> None:
    """Forget a key that is off. Leave its record in DNS for some days: letters on their way need it."""
    from ...runtime.deliverability import keys as making

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            instance.db.write(lambda tx: making.remove(tx, selector, ACTOR, now_ms))
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{selector} is forgotten.")
