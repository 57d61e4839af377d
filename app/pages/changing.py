"""A change somebody asked for on a page: made in their name, then the page as it is now; or why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ...storage.database import Tx
from ..frame import here, visitor


async def change(job: Callable[[Tx, str, int], Any], then: str, *refusals: type[Exception]) -> None:
    """Run ``job(tx, who, now_ms)`` and go to the page ``then``; a refusal of these kinds is told instead."""
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    try:
        await here().db.awrite(lambda tx: job(tx, who.email, now_ms))
    except refusals as problem:
        ui.notify(str(problem), type="warning")
        return
    ui.navigate.to(then)
