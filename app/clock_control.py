"""The clock of an instance that is moved by hand: what time it is there, and buttons that make time pass."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nicegui import core, ui

from ..runtime.clock import ManualClock
from . import words
from .auth import permitted

if TYPE_CHECKING:
    from .instance import Instance

HOUR_MS = 3_600_000

log = logging.getLogger("sojourn.face")


def clock_control(instance: Instance, zone: ZoneInfo) -> None:
    """Buttons that make time pass, for an instance whose clock is moved by hand."""
    clock = instance.clock
    assert isinstance(clock, ManualClock)
    done: list[float] = []

    def tell() -> None:
        face.text = words.moment(clock.now_ms(), zone)
        waiting.value = done[-1] if done else 0

    @permitted("clock")
    async def pass_by(ms: int, _clicked: object = None) -> None:
        if getattr(core.app.state, "advancing", False):
            ui.notify("Time is passing already.")
            return
        core.app.state.advancing = True
        for made in buttons:
            made.disable()
        waiting.visible = True
        done.append(0.0)
        try:
            await instance.runtime.advance(ms, done.append)
        except Exception:
            log.exception("time could not be moved")
            ui.notify("Time could not be moved. Look at the log of this instance.", type="negative")
        finally:
            core.app.state.advancing = False
            waiting.visible = False
            for made in buttons:
                made.enable()
            tell()

    @permitted("clock")
    async def run_at(speed: float) -> None:
        clock.set(clock.now_ms(), speed)
        ui.notify("Time stands still." if not speed else f"Time runs {words.number(speed)} times as fast.")

    with ui.element("div").classes("sj-clock").props('role="group" aria-label="The clock of this instance"'):
        ui.icon("schedule")
        face = ui.label(words.moment(clock.now_ms(), zone)).classes("sj-clock-face")
        buttons = []
        for label, ms in (("+1 hour", HOUR_MS), ("+1 day", 24 * HOUR_MS), ("+1 week", 168 * HOUR_MS)):
            buttons.append(ui.button(label, on_click=partial(pass_by, ms), color=None).props("flat dense no-caps"))
        speeds = {
            0: "stands still",
            1: "as it is",
            60: "a minute a second",
            300: "five minutes a second",
            3600: "an hour a second",
        }
        ui.select(speeds, value=clock.speed if clock.speed in speeds else 0, on_change=lambda e: run_at(e.value)).props(
            'dense borderless options-dense aria-label="How fast time runs"'
        ).classes("sj-speed")
        waiting = ui.circular_progress(0, min=0, max=1, show_value=False, size="20px", color=None)
        waiting.classes("sj-passing").props('aria-label="Time is passing"')
        waiting.visible = False
    ui.timer(1, tell)
