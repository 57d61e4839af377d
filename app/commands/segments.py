"""`sojourn segments`: import, list, count, ids, refresh, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..control import ask
from .common import ACTOR, AsJson, Home, Refused, home_folder, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...nodes.rule import Rule
    from ...storage.database import Tx

app = typer.Typer(no_args_is_help=True, help="Segments: what there is, in and out as files, who is in them now.")
Name = Annotated[str, typer.Argument(help="The segment's short name.", metavar="SEGMENT")]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All segments with their size when they were last brought up to date."""
    from ...nodes.rule import Rule
    from ...storage import segments
    from ...storage.columns import to_ms

    with opened(home) as instance:
        found = instance.db.look(segments.segments)
    lines = [
        {
            "name": each.name,
            "title": each.title,
            "kind": each.kind,
            "size": each.size if each.filled else None,
            "refreshed_at": moment(to_ms(each.refreshed_at) if each.refreshed_at else None),
            "revision": each.revision,
            "who": Rule.model_validate(each.rule).words(),
        }
        for each in found
    ]
    if as_json:
        put(lines)
        return
    table(("name", "title", "kind", "size", "who"), ([line[key] for key in _HEADS] for line in lines))
    if not lines:
        say("No segments yet: `sojourn segments import FILE.yaml`, or make one in the browser.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Segments in their written form (YAML or JSON).")], home: Home = None
) -> None:
    """Keep the segments of a file, over those of the same names."""
    from ...runtime import segment_file, segments
    from ...runtime.segment_checks import order

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not text in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    found = {each["name"]: each for each in segment_file.read_all(text)}
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()

        def keep(tx: Tx) -> list[str]:
            return [
                f"{(kept := segments.save(tx, found[name], ACTOR, now_ms)).name}: revision {kept.revision}"
                for name in order({name: each["rule"] for name, each in found.items()})
            ]

        for line in instance.db.write(keep):
            say(line)
    ask(home_folder(home), "nudge")


@app.command()
def count(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """How many contacts are in a segment now, by its rule."""
    from ...runtime.audience import count as count_
    from ...storage import catalog

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        number, total = instance.db.look(
            lambda tx: (count_(tx, _rule(tx, name), now_ms), catalog.contact_ids(tx)[0]),
        )
    put({"segment": name, "count": number, "contacts": total}) if as_json else say(str(number))


@app.command()
def ids(name: Name, home: Home = None) -> None:
    """Who is in a segment now, by its rule: one external id a line; the contact's number for those who have none."""
    from ...runtime.audience import asked
    from ...storage import segment_queries

    with opened(home) as instance, instance.db.read() as tx:
        for contact, external_id, _ in segment_queries.names(tx, asked(tx, _rule(tx, name), instance.clock.now_ms())):
            typer.echo(contact if external_id is None else external_id)


@app.command()
def refresh(home: Home = None, as_json: AsJson = False) -> None:
    """Bring every segment up to date now; journeys are told who came in and who went out."""
    from ...runtime.segment_refresh import refresh_all

    with opened(home) as instance:
        done = refresh_all(instance.db, instance.shelf, instance.clock.now_ms())
    lines: list[dict[str, Any]] = [
        {"name": each.name, "size": each.size, "joined": each.joined, "left": each.left} for each in done
    ]
    put(lines) if as_json else table(("name", "size", "joined", "left"), ([*line.values()] for line in lines))
    ask(home_folder(home), "nudge")


@app.command()
def export(
    names: Annotated[list[str] | None, typer.Argument(help="Short names; all where none is said.")] = None,
    home: Home = None,
) -> None:
    """Write segments to standard output in their written form."""
    from ...runtime import segment_file, segments
    from ...storage import segments as store

    def read(tx: Tx) -> list[dict[str, Any]]:
        chosen = [segments.named(tx, name) for name in names] if names else store.segments(tx)
        return [segments.written(each) for each in chosen]

    with opened(home) as instance:
        typer.echo(segment_file.write(instance.db.look(read)), nl=False)


@app.command()
def schema() -> None:
    """The JSON Schema of the written form of segments."""
    import json

    from ...runtime import segment_file

    typer.echo(json.dumps(segment_file.schema(), indent=2, ensure_ascii=False))


_HEADS = ("name", "title", "kind", "size", "who")


def _rule(tx: Tx, name: str) -> Rule:
    from ...nodes.rule import Rule
    from ...runtime import segments

    return Rule.model_validate(segments.named(tx, name).rule)
