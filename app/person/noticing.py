"""Whether it is noticed what somebody opens and follows, and the switch for those who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from ...runtime import preferences
from ...storage import users
from ...storage.database import Tx
from ..auth import may, permitted
from ..frame import button, card, here, sure, visitor
from .seen import Seen

NOTICED = "We count what they open and which links they follow."
UNNOTICED = "They asked not to be watched: their letters have no picture that counts and plain links."


def noticing(seen: Seen, who: Any, again: Callable[[], Awaitable[None]]) -> None:
    """What holds now, and the way to change it."""
    allowed = not seen.wish.untracked
    with card("Openings and clicks"):
        ui.label(NOTICED if allowed else UNNOTICED).classes("sj-soft")
        if not may(who, "edit") or seen.contact.erased_at:
            return

        @permitted("edit")
        async def change() -> None:
            asked = "Their next letters are not counted." if allowed else "Do this only when they asked for it."
            title = "Stop counting what they open?" if allowed else "Count again what they open?"
            if not await sure(title, asked, "Stop counting" if allowed else "Count again"):
                return
            actor, _ = await visitor()
            now, contact = here().clock.now_ms(), seen.contact.id
            proof = preferences.Proof(0, "", "", "", more={"source": "by hand", "actor": actor.email})

            def job(tx: Tx) -> None:
                if preferences.measure(tx, here().shelf, contact, not allowed, proof, now):
                    users.note(tx, actor.email, "counting changed", f"#{contact}", now, {"allowed": not allowed})

            await here().db.awrite(job)
            await again()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Stop counting" if allowed else "Count again", change).props('data-mark="noticing"')
