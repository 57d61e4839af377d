"""May we write to them now? A line for each channel, in the gate's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from ...runtime import may_write
from ...runtime.may_write import May
from ...runtime.policy.supposed import CannotSuppose
from ...storage.database import Tx
from ..frame import card, chip

ANSWERS = {"go": ("yes", "good"), "defer": ("not yet", "warn"), "skip": ("no", "bad")}


def ask(instance: Any, tx: Tx, contact_id: int) -> list[May]:
    """What the gate says now; nothing where there is nobody to ask about."""
    channels = instance.runtime.outbox.channels if "runtime" in instance.__dict__ else {}
    senders = {name: frozenset(channel.senders()) for name, channel in channels.items()}
    try:
        return may_write.may_write(tx, contact_id, instance.clock.now_ms(), senders)
    except CannotSuppose:
        return []


def panel(lines: Sequence[May]) -> None:
    """Draw it."""
    with card("May we write now?", "as the gate would answer a message of marketing this minute") as box:
        box.props["data-mark"] = "may-write"
        with ui.element("div").classes("sj-timeline"):
            for one in lines:
                said, tone = ANSWERS[one.marketing.answer]
                with ui.element("div").classes("sj-happened") as line:
                    line.props["data-channel"] = one.channel
                    ui.label(one.label).classes("sj-strong")
                    chip(said, tone)
                    ui.label(sentence(one)).classes("sj-happened-more sj-break")
                    ui.label(owed(one)).classes("sj-happened-more sj-soft sj-break")


def sentence(one: May) -> str:
    """Why, and about what."""
    if not one.marketing.go:
        return one.marketing.reason
    return f"Nothing stands against a message about {_listed([f'“{title}”' for title in one.about])}."


def owed(one: May) -> str:
    """The same of what they are owed, like an order confirmation."""
    if one.owed.go:
        return "What they are owed may go."
    if one.owed.rule == one.marketing.rule:
        return "That holds for what they are owed too."
    return f"What they are owed: {one.owed.reason}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
