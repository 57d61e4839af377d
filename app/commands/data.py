"""`sojourn counts`, `messages`, `explain` and `schema`: what became of people and letters."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import AsJson, Home, moment, opened, put, say, table
from .journeys import Name, named

if TYPE_CHECKING:
    from ...storage.database import Tx

PAGE = 1_000


def counts(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """How many people came to each step of a journey, stand there now, and moved on by each way out."""
    from ...runtime.counting import journey_counts
    from ...runtime.why_held import of_journey

    with opened(home) as instance, instance.db.read() as tx:
        journey = named(tx, name)
        found, held = journey_counts(tx, journey), of_journey(tx, journey.id or 0)
    if as_json:
        lines = {node: [asdict(line) for line in held.get(node, ())] for node in found}
        put({"journey": name, "nodes": {node: {**s.as_dict(), "held": lines[node]} for node, s in found.items()}})
        return
    table(
        ("step", "entered", "here now", "moved", "left", "messages"),
        (
            (node, s.entered, s.here, *(_pairs(part) for part in (s.moved, s.left, s.messages)))
            for node, s in found.items()
        ),
    )


def messages(
    journey: Annotated[str | None, typer.Option(help="Of one journey only.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Every message with its state and times, the oldest first; with --json one line a message."""
    with opened(home) as instance:
        nodes: dict[int, list[str]] = {}
        after, rows = 0, [()]
        if not as_json:
            say("id  contact  journey  node  channel  status  queued  sent  reason")
        while rows:
            with instance.db.read() as tx:
                rows = _page(tx, after, journey, nodes)
            for row in rows:
                after = row["id"]
                if as_json:
                    put(row)
                else:
                    shown = ("id", "contact", "journey", "node", "channel", "status", "queued_at", "sent_at", "reason")
                    say("  ".join(str(row[key] if row[key] is not None else "-") for key in shown))


def explain(
    message: Annotated[int, typer.Argument(help="The message's id in `sojourn messages`.", metavar="MESSAGE")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Why a message was sent or not, from what was known at the time."""
    from ...runtime.explain import explain as explained

    with opened(home) as instance:
        told = instance.db.look(lambda tx: explained(tx, message))
    if as_json:
        put({"node": told.node, **asdict(told.story), "words": told.words()})
    else:
        for sentence in told.words():
            say(sentence)


def schema() -> None:
    """The JSON Schema of a journey's written form."""
    from ...runtime import journey_file

    typer.echo(json.dumps(journey_file.schema(), indent=2, ensure_ascii=False))


def _page(tx: Tx, after: int, journey: str | None, nodes: dict[int, list[str]]) -> list[dict[str, Any]]:
    from ...storage import exports, journeys

    found = []
    for values in exports.messages_after(tx, after, PAGE, journey):
        row: dict[str, Any] = dict(zip(exports.MESSAGE, values, strict=True))
        version = row.pop("version_id")
        if version not in nodes:
            kept = journeys.version(tx, version)
            nodes[version] = sorted(kept.content["nodes"]) if kept else []
        row["node"] = nodes[version][row["node"]] if row["node"] < len(nodes[version]) else None
        row["contact"] = row["email"] or row["external_id"] or row["contact_id"]
        for key in ("queued_at", "due_at", "sent_at", "opened_at", "clicked_at"):
            row[key] = moment(row[key])
        found.append(row)
    return found


def _pairs(counted: dict[str, int]) -> str:
    return ", ".join(f"{key} {n}" for key, n in counted.items())
