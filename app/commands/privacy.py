"""`sojourn erase`, `export-person`, `suppressed` and `retention`: what people may ask, and what is not kept longer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...runtime.numbers import counted
from .common import ACTOR, AsJson, Home, Refused, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...storage.database import Tx

Person = Annotated[str, typer.Argument(help="Their own id, e-mail address, phone number, or the contact's number.")]


def erase(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Erase somebody everywhere: rows, mentions, files. A keyed digest stays, so that nobody imports them again."""
    from ...runtime.governance import privacy

    with opened(home) as instance:
        try:
            contact = instance.db.look(lambda tx: _found(tx, person))
        except Refused:
            done = privacy.finish(instance.db, instance.home, person)  # an erasure that was cut short
            if done is None:
                raise
            contact = None
        else:
            if not (yes or as_json):
                typer.confirm(f"Erase contact {contact} for good?", abort=True, err=True)
            done = privacy.erase(instance.db, instance.home, contact, ACTOR, instance.clock.now_ms())
    if as_json:
        put(
            {
                "contact": contact,
                "contacts": done.contacts,
                "names": done.names,
                "mentions": done.mentions,
                "files": done.files,
                "clean": done.clean,
            }
        )
    else:
        say(done.words)


def export_person(
    person: Person,
    to: Annotated[Path | None, typer.Option("--to", help="A folder for person.json and person.html.")] = None,
    home: Home = None,
) -> None:
    """Everything that is kept about somebody: JSON on the terminal, or JSON and a page to read in a folder."""
    from ...runtime.governance.person_file import person_file
    from ..plain import document

    with opened(home) as instance:
        made = instance.db.look(lambda tx: person_file(tx, _found(tx, person), instance.clock.now_ms()))
        brand = instance.settings.brand_name
    text = json.dumps(made, ensure_ascii=False, indent=2)
    if to is None:
        say(text)
        return
    to.mkdir(parents=True, exist_ok=True)
    (to / "person.json").write_text(text, "utf-8")
    (to / "person.html").write_text(document("person_file.html", file=made, brand=brand), "utf-8")
    say(f"Written to {to / 'person.json'} and {to / 'person.html'}.")


def _found(tx: Tx, person: str) -> int:
    from ...storage.people import whose

    found = whose(tx, person)
    if found is None:
        raise Refused(f"Nobody is known as {person}: an id, an e-mail address or a contact's number is wanted.")
    return found


# ── addresses nothing is sent to ──────────────────────────────────────────────────────────────────────

suppressed = typer.Typer(no_args_is_help=True, help="Addresses nothing is sent to.")


@suppressed.command("list")
def list_(
    words: Annotated[str, typer.Argument(help="Part of an address or a reason.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The newest thousand that hold these words."""
    from ...storage.suppressions import listed

    with opened(home) as instance:
        found = instance.db.look(lambda tx: listed(tx, words, None, 1_000))
    if as_json:
        put([asdict(one) for one in found])
        return
    heads = ("address", "channel", "reason", "since", "until")
    table(heads, ((o.address, o.channel, o.reason, moment(o.created_at), moment(o.expires_at)) for o in found))


@suppressed.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV: address, channel, reason, expires.")], home: Home = None
) -> None:
    """Add a list of addresses; bad lines are named, the rest is kept."""
    from ...runtime import suppression_list

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(f"{file} cannot be read as text in UTF-8: {problem}.") from None
    with opened(home) as instance:
        taken = suppression_list.take_in(instance.db, text, instance.clock.now_ms())
    say(f"{counted(taken.rows, 'line')}: {taken.added} added, {len(taken.bad)} left out.")
    for line, why in taken.bad:
        typer.echo(f"line {line}: {why}", err=True)


@suppressed.command("export")
def take_out(home: Home = None) -> None:
    """The whole list as CSV."""
    from ...runtime import suppression_list

    with opened(home) as instance:
        for lines in suppression_list.written(instance.db):
            typer.echo(lines, nl=False)


# ── how long things are kept ──────────────────────────────────────────────────────────────────────────

kept = typer.Typer(no_args_is_help=True, help="How long things are kept.")


@kept.command("show")
def show(home: Home = None, as_json: AsJson = False) -> None:
    """Each rule with its days (0 is for ever) and what it would take today."""
    from ...runtime.governance import retention

    with opened(home) as instance:
        days = instance.db.look(retention.rules)
        going = retention.would_go(instance.db, days, instance.clock.now_ms())
    if as_json:
        put({rule.key: {"days": days[rule.key], "would_go": going[rule.key]} for rule in retention.RULES})
        return
    table(("rule", "days", "would go", "what"), ((r.key, days[r.key], going[r.key], r.title) for r in retention.RULES))


@kept.command("set")
def set_(
    rule: Annotated[str, typer.Argument(help="A rule that `show` lists.")],
    days: Annotated[int, typer.Argument(help="Days; 0 is for ever.")],
    home: Home = None,
) -> None:
    """Keep something for so many days."""
    from ...runtime.governance import retention

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        instance.db.write(lambda tx: retention.keep(tx, {rule: days}, ACTOR, now_ms))
    say("Kept for ever." if not days else f"Kept for {counted(days, 'day')}.")


@kept.command("run")
def run(home: Home = None, as_json: AsJson = False) -> None:
    """Let go now what the rules no longer keep; a running instance does it by itself."""
    from ...runtime.governance import retention

    with opened(home) as instance:
        days = instance.db.look(retention.rules)
        gone = retention.sweep(instance.db, days, instance.clock.now_ms())
    if as_json:
        put(gone)
        return
    table(("rule", "gone"), gone.items())
