"""`sojourn import`, `export`, `contracts` and `connections`: data in and out, and what it should look like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...runtime.numbers import counted
from .common import ACTOR, AsJson, Home, Refused, moment, opened, progress, put, say, table

LISTED = 1_000  # bad lines

contracts = typer.Typer(no_args_is_help=True, help="What events should look like.")
connections = typer.Typer(no_args_is_help=True, help="Databases and folders that data is fetched from.")


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file, a head line first.")],
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=PROPERTY", help="Where a column goes; “COLUMN=” leaves it out."),
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="The rows are events, not contacts.")] = False,
    event: Annotated[str, typer.Option(help="The name of every row's event, where no column has it.")] = "",
    basis: Annotated[str, typer.Option(help="What the consents in the file rest on: where and how they agreed.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be read, change nothing.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read contacts or events from a file. The same file again changes nothing; one that was interrupted goes on where
    it stood; bad lines are listed, the rest is kept."""
    from ...runtime import imports
    from ...storage.imports import errors as bad_lines

    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    kind = "events" if events else "contacts"
    seen = imports.sniff(file, kind)
    if preview:
        _shown(_mapping(file, seen.mapping, map_ or []), seen, as_json)
        return
    with opened(home) as instance:
        mapping = _mapping(file, imports.remembered(instance.db, seen), map_ or [])
        try:
            with progress(f"Reading {file.name}") as shown:
                run = imports.run(
                    instance.db, file, mapping, instance.clock, ACTOR, shown, kind=kind, event=event, basis=basis
                )
        except imports.MissingMapping as problem:
            raise Refused(f'{problem} Such as: --map "{next(iter(mapping))}=email".') from None
        errors = instance.db.look(lambda tx: bad_lines(tx, run.id or 0, LISTED))
    figures = {"rows": run.rows, "new": run.created, "changed": run.changed, "as_before": run.unchanged}
    if as_json:
        listed = [{"line": line, "reason": reason, "row": raw} for line, reason, raw in errors]
        put({"run": run.id, "kind": kind, **figures, "left_out": run.bad, "mapping": mapping, "errors": listed})
        return
    say(
        f"{counted(run.rows, 'line')}: {run.created} new, {run.changed} changed, "
        f"{run.unchanged} as before, {run.bad} left out."
    )
    for line, reason, _ in errors:
        typer.echo(f"line {line}: {reason}", err=True)


def export(
    file: Annotated[Path, typer.Argument(help="Where to write: a name that ends in .csv or .parquet.")],
    events: Annotated[bool, typer.Option("--events", help="Events instead of contacts.")] = False,
    event: Annotated[str | None, typer.Option(help="Events of this name only, a column for each property.")] = None,
    segment: Annotated[str | None, typer.Option(help="Contacts of this segment only.")] = None,
    home: Home = None,
) -> None:
    """Write contacts or events to a file, as it can be imported again."""
    from ...nodes.rule import Rule
    from ...runtime import audience
    from ...runtime.exchange import exports
    from ...storage import segments
    from ...storage.exports import how_many

    if file.suffix.lower() not in (".csv", ".parquet"):
        raise Refused("The file's name has to end in .csv or .parquet.")
    with opened(home) as instance:
        inside = None
        if segment is not None:
            found = instance.db.look(lambda tx: segments.segment_named(tx, segment))
            if found is None:
                raise Refused(f"There is no segment {segment}; `sojourn segments list` names them.")
            rule = Rule.model_validate(found.rule)
            inside = instance.db.look(lambda tx: audience.ids(tx, rule, instance.clock.now_ms()))
        rows = exports.events(instance.db, event) if events or event else exports.contacts(instance.db, inside)
        total = instance.db.look(lambda tx: how_many(tx, "events" if events or event else "contacts"))
        try:
            with progress(f"Writing {file.name}") as shown:
                exports.write(rows, file, lambda done: shown(done, total))
        except OSError as error:
            raise Refused(f"{file} cannot be written: {error.strerror or error}.") from None
    say(f"{file} is written.")


@contracts.command("list")
def list_contracts(home: Home = None, as_json: AsJson = False) -> None:
    """Every event with its contract: how strictly it is meant and how often it was broken."""
    from ...runtime.contracts import catalogue

    with opened(home) as instance:
        found = instance.db.look(lambda tx: catalogue.everyone(tx, instance.clock.now_ms()))
        rows = [(one.name, one.mode, one.origin, one.learnt.get("n", 0), one.violations) for one in found]
    if as_json:
        put([dict(zip(("event", "mode", "origin", "seen", "violations"), row, strict=True)) for row in rows])
    else:
        table(("event", "mode", "schema", "seen", "broken"), rows)


@contracts.command("export")
def export_contracts(home: Home = None) -> None:
    """Print all contracts as one JSON document."""
    from ...runtime.contracts import catalogue

    with opened(home) as instance:
        text = instance.db.look(lambda tx: catalogue.written(catalogue.everyone(tx, instance.clock.now_ms())))
    typer.echo(text.decode())


@contracts.command("import")
def import_contracts(
    file: Annotated[Path, typer.Argument(help="A JSON document as `contracts export` prints it.")], home: Home = None
) -> None:
    """Take contracts from a file: all of them, or none when one is wrong."""
    from ...runtime.contracts import catalogue

    try:
        text = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        count = instance.db.write(lambda tx: catalogue.bring_in(tx, text, ACTOR, now_ms))
    say(f"{counted(count, 'contract')} taken in.")


@contracts.command()
def mode(
    name: Annotated[str, typer.Argument(help="The event.", metavar="EVENT")],
    wanted: Annotated[str, typer.Argument(help="learn, warn or strict.", metavar="MODE")],
    home: Home = None,
) -> None:
    """Say how strictly a contract is meant. What was learnt so far becomes the schema where nobody wrote one."""
    from ...runtime.contracts import catalogue

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        contract = instance.db.look(lambda tx: catalogue.named(tx, name, now_ms))
        if contract is None:
            raise Refused(f"No event {name} was ever seen; `sojourn contracts list` names those that were.")
        form = catalogue.freeze(contract)
        said = contract.title, contract.description
        instance.db.write(lambda tx: catalogue.change(tx, name, form, wanted, ACTOR, now_ms, *said))
    say(f"{name} is meant this way now: {catalogue.MODES[wanted]}.")


@connections.command("list")
def list_connections(home: Home = None, as_json: AsJson = False) -> None:
    """Every connection with how its last run went."""
    from ...storage import connections as kept
    from ...storage.columns import to_ms

    def row(one: Any) -> tuple[Any, ...]:
        ran = moment(to_ms(one.ran_at)) if one.ran_at else None
        return one.id, one.title, one.kind, one.brings, one.status, one.state or "never ran", ran, one.said

    with opened(home) as instance:
        rows = [row(one) for one in instance.db.look(kept.everyone)]
    heads = ("id", "title", "kind", "brings", "status", "state", "ran_at", "said")
    if as_json:
        put([dict(zip(heads, each, strict=True)) for each in rows])
    else:
        table(heads, rows)


@connections.command()
def run(
    number: Annotated[int, typer.Argument(help="The id in `sojourn connections list`.", metavar="ID")],
    home: Home = None,
) -> None:
    """Look into a connection now."""
    from ...runtime.exchange import pulls
    from ...storage import connections as kept

    with opened(home) as instance:
        if instance.db.look(lambda tx: kept.get(tx, number)) is None:
            raise Refused(f"There is no connection {number}; `sojourn connections list` names them.")
        said = pulls.run(instance.db, instance.clock, instance.secrets, number, ACTOR)
    say(said)


def _mapping(file: Path, mapping: dict[str, str], wanted: list[str]) -> dict[str, str]:
    for one in wanted:
        column, equals, target = one.partition("=")
        if not equals or column not in mapping:
            raise Refused(f"--map {one}: the columns of {file} are {', '.join(mapping)}; write COLUMN=PROPERTY.")
        mapping[column] = target
    return mapping


def _shown(mapping: dict[str, str], seen: Any, as_json: bool) -> None:
    if as_json:
        put({"mapping": mapping, "rows": [list(row) for row in seen.rows]})
        return
    for column, target in mapping.items():
        say(f"{column} → {target or '(left out)'}")
    table(list(mapping), seen.rows)
