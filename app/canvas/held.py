"""Why people got nothing so far, as a list of sentences that stays as long as it is true."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import context, ui

from ...runtime.numbers import counted
from ...runtime.why_held import Line
from ...storage import held, journeys, users
from ...storage.database import Tx
from .. import words
from ..auth import permitted
from ..frame import button, here, visitor

ICONS = {
    "waiting": "schedule",
    "retrying": "restart_alt",
    "next": "outbox",
    "skipped": "block",
    "failed": "error_outline",
}
ONE = {
    "waiting": "1 waits",
    "retrying": "1 waits for another try",
    "next": "1 goes out next",
    "skipped": "1 was skipped",
    "failed": "1 failed",
}
MANY = {
    "waiting": "{} wait",
    "retrying": "{} wait for another try",
    "next": "{} go out next",
    "skipped": "{} were skipped",
    "failed": "{} failed",
}
MOST = 12  # lines; what is rarer is summed up


class HeldList:
    """Stands in the page from the first; shown while anything is held back."""

    def __init__(self, journey: str) -> None:
        self._journey = journey
        self._shown: list[str] = []
        self._place = ui.element("div").classes("sj-held").props('data-mark="held" aria-label="Who got nothing so far"')
        self._place.set_visibility(False)

    def write(self, lines: Sequence[Line]) -> None:
        """The lines as they are now."""
        now_ms, zone = here().clock.now_ms(), context.client.storage["zone"]
        said = [told(line, now_ms, zone) for line in lines[:MOST]]
        rest = sum(line.count for line in lines[MOST:])
        if rest:
            said.append(f"{words.number(rest)} more for other reasons")
        if said == self._shown:
            return
        self._shown = said
        self._place.clear()
        self._place.set_visibility(bool(said))
        with self._place:
            for line, text in zip([*lines[:MOST], None], said, strict=False):
                with ui.element("div").classes("sj-held-line"):
                    ui.icon(ICONS[line.state] if line else "more_horiz").props('aria-hidden="true"')
                    ui.label(text).classes("sj-break")
            if any(line.rule == "letter" and line.state == "waiting" for line in lines):
                button("Try again", self._try_again, "restart_alt").props('data-mark="try-again"')

    @permitted("edit")
    async def _try_again(self) -> None:
        """Those set aside are asked for again, now that their facts may have been corrected; the gate is asked too."""
        who, _ = await visitor()
        instance, journey = here(), self._journey
        now_ms = instance.clock.now_ms()

        def job(tx: Tx) -> int:
            found = journeys.journey_named(tx, journey)
            count = held.try_again(tx, "letter", now_ms, journey_id=found.id) if found and found.id else 0
            users.note(tx, who.email, "letters.again", journey, now_ms, {"messages": count})
            return count

        count = await instance.db.awrite(job)
        ui.notify(f"{counted(count, 'message')} will be tried again in a moment.")


def told(line: Line, now_ms: int, zone: ZoneInfo) -> str:
    """One line as a sentence: how many, why, and when they go on or when the last of them was decided."""
    text = ONE[line.state] if line.count == 1 else MANY[line.state].format(words.number(line.count))
    if line.why:
        text += f": {line.why}"
    if line.state in ("waiting", "retrying") and line.next_ms is not None:
        first = "it" if line.count == 1 else "the first"
        when = words.moment(line.next_ms, zone) if line.next_ms > now_ms else "in a moment"
        text += f"; {first} is asked again {'on ' if when[:1].isdigit() else ''}{when}"
    elif line.state in ("skipped", "failed") and line.last_ms is not None:
        last = "" if line.count == 1 else "the last "
        text += f"; {last}{words.ago(line.last_ms, now_ms)}"
    return text
