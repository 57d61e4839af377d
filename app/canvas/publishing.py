"""The last question before a draft runs: what happens to the people inside, then yes or no."""

from __future__ import annotations

from nicegui import ui

from ...runtime.governance import approval, versions
from ...runtime.governance.problems import JourneyHasProblems
from ...runtime.governance.reach import consequences
from ...runtime.program import content_hash
from ...storage import journeys
from ...storage.database import Tx
from ..auth import permitted
from ..frame import button, here, visitor

LONGEST_NOTE = 500


@permitted("publish")
async def ask_and_publish(name: str) -> bool:
    """Say what publishing does, ask, and publish exactly what the answer was about. Whether it was published."""
    now_ms = here().clock.now_ms()

    def read(tx: Tx) -> tuple[int, str, str, list[str]] | None:
        journey = journeys.journey_named(tx, name)
        if journey is None or journey.id is None:
            return None
        return journey.id, journey.title, content_hash(journey.draft), consequences(tx, journey, now_ms)

    seen = await here().db.aread(read)
    if seen is None:
        return False
    journey_id, title, digest, said = seen
    with ui.dialog() as dialog, ui.element("div").classes("sj-dialog").props('data-mark="publish-dialog"'):
        ui.label(f"Publish “{title}”?").classes("sj-card-title sj-break")
        with ui.element("ul").classes("sj-said"):
            for sentence in said:
                with ui.element("li"):
                    ui.label(sentence)
        note = ui.input("What is new (for the history)").props("outlined dense").classes("sj-field is-wide")
        note.props["maxlength"] = LONGEST_NOTE
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", lambda: dialog.submit(False))
            button("Publish", lambda: dialog.submit(True), kind="main").props('data-mark="publish-yes"')
    agreed = await dialog
    words = str(note.value or "")[:LONGEST_NOTE]
    dialog.delete()
    return bool(agreed) and await _publish(journey_id, digest, words)


@permitted("publish")
async def _publish(journey_id: int, digest: str, note: str) -> bool:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    try:
        number = await here().db.awrite(
            lambda tx: versions.publish(tx, journey_id, who.email, now_ms, note, hash_shown=digest).number
        )
    except (approval.ReviewRefused, JourneyHasProblems) as refusal:
        ui.notify(str(refusal), type="warning", multi_line=True)
        return False
    here().runtime.nudge()
    ui.notify(f"Version {number} is live.", type="positive")
    return True
