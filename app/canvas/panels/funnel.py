"""The funnel of the picked step, or of the whole journey when nothing is picked."""

from __future__ import annotations

from ..desk import Desk, Panel
from ..funnel import FunnelView


def build(desk: Desk) -> None:
    """Draw it, and follow what is picked."""
    view = FunnelView(desk.room.name, desk.room.graph)
    desk.on_pick(lambda ids: view.show(ids[0] if len(ids) == 1 else None, desk.room.graph))


PANEL = Panel("funnel", "Funnel", "filter_alt", 60, build, "see")
