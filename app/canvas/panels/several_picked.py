"""Several things picked at once: line them up, duplicate them, take them away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ...auth import permitted
from ..desk import Desk

CARD = (260, 100)  # about the size of a card, to spread them without overlap
Place = tuple[float, float]


def several_picked(desk: Desk, nodes: list[str], edges: list[str]) -> None:
    """How many, and what can be done with all of them."""
    counted = [
        f"{len(found)} {word}{'' if len(found) == 1 else 's'}"
        for found, word in ((nodes, "step"), (edges, "way"))
        if found
    ]
    with ui.element("div").classes("sj-form-head"):
        with ui.element("div").classes("sj-step-icon"):
            ui.icon("select_all")
        with ui.element("div").classes("sj-form-head-words"):
            ui.label(" and ".join(counted) + " picked").classes("sj-card-title").props('role="heading" aria-level="2"')
            ui.label("What you do here is done to all of them.").classes("sj-form-help")
    if not desk.may_edit:
        return

    @permitted("edit")
    async def submit(intent: dict[str, Any]) -> None:
        answer = desk.submit(intent)
        if not answer.ok:
            ui.notify(answer.error or "", type="warning")

    async def line_up(arrange: Callable[[dict[str, Place]], dict[str, Place]], label: str) -> None:
        places = _places(desk, nodes)
        await submit({"op": "move", "moves": arrange(places), "label": label})

    with ui.element("div").classes("sj-form-some"):
        if len(nodes) > 1:
            for text, icon, arrange in (
                ("Align left", "align_horizontal_left", left),
                ("Align tops", "align_vertical_top", top),
                ("Spread across", "horizontal_distribute", across),
                ("Spread down", "vertical_distribute", down),
            ):
                _tool(text, icon, lambda arrange=arrange, text=text: line_up(arrange, text))
        if nodes:
            _tool("Duplicate", "content_copy", lambda: submit({"op": "duplicate", "nodes": nodes}))
        _tool("Delete", "delete", lambda: submit({"op": "delete", "nodes": nodes, "edges": edges}))


def left(places: dict[str, Place]) -> dict[str, Place]:
    """All start where the leftmost starts."""
    x = min(place[0] for place in places.values())
    return {key: (x, y) for key, (_, y) in places.items()}


def top(places: dict[str, Place]) -> dict[str, Place]:
    """All start as high as the highest."""
    y = min(place[1] for place in places.values())
    return {key: (x, y) for key, (x, _) in places.items()}


def across(places: dict[str, Place]) -> dict[str, Place]:
    """The same distance between all, from left to right."""
    return _spread(places, 0)


def down(places: dict[str, Place]) -> dict[str, Place]:
    """The same distance between all, from top to bottom."""
    return _spread(places, 1)


def _spread(places: dict[str, Place], axis: int) -> dict[str, Place]:
    order = sorted(places, key=lambda key: places[key][axis])
    first, last = places[order[0]][axis], places[order[-1]][axis]
    step = max((last - first) / max(len(order) - 1, 1), CARD[axis])
    moved = {}
    for n, key in enumerate(order):
        at = list(places[key])
        at[axis] = round(first + n * step, 2)
        moved[key] = (at[0], at[1])
    return moved


def _places(desk: Desk, nodes: list[str]) -> dict[str, Place]:
    found = desk.room.content.get("nodes") or {}
    loose = desk.room.document.loose
    places = {key: found[key].get("at") or loose.get(key) or (0, 0) for key in nodes if key in found}
    return {key: (x, y) for key, (x, y) in places.items()}


def _tool(text: str, icon: str, on_click: Any) -> None:
    ui.button(text, icon=icon, on_click=on_click, color=None).props("flat dense no-caps").classes("sj-form-tool")
