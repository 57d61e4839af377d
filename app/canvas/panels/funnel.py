"""The funnel of the picked step, or of the whole journey when nothing is picked."""

from __future__ import annotations

from nicegui import ui

from ..desk import Desk, Panel
from ..funnel import FunnelView
from ..views import title_of

WHOLE = "The whole journey"


def build(desk: Desk) -> None:
    """Draw it under the name of what is picked, and follow that."""
    name = ui.label(WHOLE).classes("sj-strong sj-break").props('role="heading" aria-level="3" data-mark="funnel-of"')
    view = FunnelView(desk.room.name, desk.room.graph)

    def show(ids: tuple[str, ...]) -> None:
        step = ids[0] if len(ids) == 1 and ids[0] in desk.room.content["nodes"] else None
        graph = desk.room.graph
        name.text = WHOLE if step is None else title_of(desk.room.content, graph, step)
        view.show(step, graph)

    desk.on_pick(show)
    show(desk.picked)


PANEL = Panel("funnel", "Funnel", "filter_alt", 60, build, "see")
