"""`sojourn playbooks`: what there is to start from, and starting from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import ACTOR, AsJson, Home, opened, put, say, table

if TYPE_CHECKING:
    from ...runtime.playbooks import Playbook

app = typer.Typer(no_args_is_help=True, help="Playbooks: complete journeys to start from.")


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All playbooks, with what each needs and whether this instance has seen it."""
    from ...runtime import playbooks

    with opened(home) as instance:
        known = instance.db.look(playbooks.known_here)
    found = [line(book, known) for book in playbooks.playbooks()]
    if as_json:
        put(found)
        return
    missing = [
        ", ".join(need["name"] for need in one["needs"] if not need["has"] and not need["optional"]) for one in found
    ]
    rows = [(one["name"], one["title"], one["group"], gone or "–") for one, gone in zip(found, missing, strict=True)]
    table(("name", "title", "group", "not seen yet"), rows)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The playbook's short name.", metavar="NAME")], home: Home = None
) -> None:
    """Make a draft from a playbook; nothing is sent before it is published."""
    from ...runtime import playbooks

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        made = instance.db.write(lambda tx: playbooks.add(tx, name, ACTOR, now_ms))
    say(f"{made}: draft saved. `sojourn journeys publish {made}` makes it live.")


def line(book: Playbook, known: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """A playbook for programs."""
    needs = [
        {"kind": need.kind, "name": need.name, "for": need.reason, "optional": need.optional}
        | {"has": (need.kind, need.name) in known or need.kind == "topic"}
        for need in book.needs
    ]
    return {
        "name": book.name,
        "title": book.title,
        "sentence": book.sentence,
        "group": book.group,
        "goal": book.goal,
        "needs": needs,
        "kpis": [{"label": kpi.label, "aim": kpi.aim} for kpi in book.kpis],
        "steps": len(book.content["nodes"]),
        "letters": len(book.content["letters"]),
    }
