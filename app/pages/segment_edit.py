"""Writing a segment: the rule, what is said about it, and while one writes how many people that is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nicegui import ui

from ...runtime import presets, segments
from ...runtime.drafts import free
from ...runtime.presets import NoSuchPreset
from ...runtime.segment_changes import changes
from ...runtime.segments import SegmentProblem
from ...storage import segments as rows
from ...storage import users
from ...storage.database import Tx
from ...storage.segments import Segment
from ..auth import permitted
from ..frame import button, empty, frame, headline, here, opened, sentence, stylesheet, visitor
from .segment_form import SegmentForm
from .segment_look import LiveLook
from .segment_parts import address, fill_soon

RESERVED = {"new", "presets"}  # pages
GUARD = """window.sjUnsaved = false;
window.addEventListener('beforeunload', (event) => {
  if (window.sjUnsaved) { event.preventDefault(); event.returnValue = ''; }
});"""
MEANWHILE = "Somebody else saved this segment meanwhile. Open it in another tab, and bring over what you changed."


@ui.page("/segments/new", title="New segment · Sojourn")
@permitted("edit")
async def segment_new(preset: str = "", copy: str = "") -> None:
    """An empty form, or one filled from a preset or from another segment."""
    who, known = await visitor()
    written: dict[str, Any] = {"owner": who.email}
    if preset:
        try:
            written |= deepcopy(presets.preset(preset).written)
        except NoSuchPreset:
            ui.notify("There is no preset of that name.", type="warning")
    elif copy:
        found = await here().db.aread(lambda tx: rows.segment_named(tx, copy))
        if found is not None:
            written |= segments.written(found)
            written |= {"title": f"{found.title} (copy)"[:200], "owner": who.email}
    written.pop("name", None)
    with opened("Segments", who, known, "New segment", "People who have something in common, by a rule.") as actions:
        _Desk(None, written, actions)


@ui.page("/segments/{name}/edit", title="Segment · Sojourn")
@permitted("edit")
async def segment_edit(name: str) -> None:
    """The form of a segment that is there."""
    who, known = await visitor()
    found = await here().db.aread(lambda tx: rows.segment_named(tx, name))
    if found is None:
        with frame("Segments", who, known):
            empty("group_off", "There is no such segment", "It may have been deleted. The list has all of them.")
        return
    with opened("Segments", who, known, found.title, f"Version {found.revision}") as actions:
        _Desk(found, segments.written(found), actions)


class _Desk:
    """The form beside what it means now, and the ways to leave it."""

    def __init__(self, segment: Segment | None, written: dict[str, Any], actions: Any) -> None:
        stylesheet("forms.css")
        stylesheet("segments.css")
        self._segment, self._unsaved = segment, False
        with actions:
            self._state = ui.label("").classes("sj-soft").props('role="status" data-mark="unsaved"')
            button("Cancel", lambda: ui.navigate.to(address(segment.name) if segment else "/segments"))
            button("Save", self._ask_and_save, kind="main").props('data-mark="save"')
        self._wrong = ui.element("div").classes("sj-form-problems").props('role="alert" data-mark="problems"')
        with ui.element("div").classes("sj-columns is-segment"):
            with ui.element("div").classes("sj-stack"):
                self.form = SegmentForm(written, self._edited)
            with ui.element("div").classes("sj-stack sj-segment-side"):
                self.look = LiveLook()
        ui.run_javascript(GUARD)
        self.look.ask(self._as_kept())

    def _edited(self) -> None:
        self.look.ask(self._as_kept())
        changed = self.form.is_changed
        if changed is not self._unsaved:
            self._unsaved = changed
            self._state.text = "Unsaved changes" if changed else ""
            ui.run_javascript(f"window.sjUnsaved = {'true' if changed else 'false'}")
        self._say([])

    def _as_kept(self) -> dict[str, Any]:
        """What is written, under the name it has or would have."""
        written = self.form.written()
        return written if self._segment else {**written, "name": "new-segment"}

    def _say(self, sentences: list[str]) -> None:
        self._wrong.clear()
        with self._wrong:
            for text in sentences:
                with ui.element("div").classes("sj-form-problem is-bad"):
                    ui.icon("error")
                    ui.label(text)

    @permitted("edit")
    async def _ask_and_save(self) -> None:
        if wrong := self.form.problems():
            self._say(wrong)
            return
        written = self.form.written()
        said = changes(self._segment.rule, written["rule"]) if self._segment else []
        if self._segment is None or not said:
            await self._save(written, "")
            return
        with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
            dialog.on("hide", dialog.delete)
            headline(dialog, f"Save as version {self._segment.revision + 1}")
            for text in said[:12]:
                sentence(text)
            note = ui.input("Why (kept with the version)").props("outlined dense maxlength=500").classes("sj-field")

            @permitted("edit")
            async def save() -> None:
                dialog.close()
                await self._save(written, (note.value or "").strip())

            with ui.element("div").classes("sj-dialog-actions"):
                button("Go on writing", dialog.close)
                button("Save", save, kind="main").props('data-mark="save-yes"')

    async def _save(self, written: dict[str, Any], note: str) -> None:
        who, _ = await visitor()
        at, opened_at = here(), self._segment
        now_ms = at.clock.now_ms()

        def job(tx: Tx) -> str:
            if opened_at is None:
                taken = {*rows.rules(tx), *RESERVED}
                name = free(str(written["title"]), taken, "segment")
            else:
                name = opened_at.name
                if segments.named(tx, name).changed_at != opened_at.changed_at:
                    raise SegmentProblem([MEANWHILE])
            kept = segments.save(tx, {**written, "name": name}, who.email, now_ms, note)
            users.note(tx, who.email, "segment saved", name, now_ms, {"version": kept.revision})
            return name

        try:
            name = await at.db.awrite(job)
        except (SegmentProblem, segments.NoSuchSegment) as problem:
            self._say(getattr(problem, "sentences", None) or [str(problem)])
            return
        fill_soon(name)
        ui.run_javascript("window.sjUnsaved = false")
        ui.navigate.to(address(name))
