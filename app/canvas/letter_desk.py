"""Writing a letter: its source on one side, what a real contact would see on the other."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.content.issues import Issue
from ..auth import permitted
from ..sealed import letter_frame
from . import asking
from .desk import Desk
from .form.widget import field_props
from .letter_proof import proof
from .letter_variables import Variables
from .onlooker import Onlooker

SHORTLY_S = 0.5
SUBJECT = 50  # characters most mail programs show on a phone
NAMED = """(made) => made.component.proxy.editorPromise.then(() =>
    made.el.querySelector('.cm-content').setAttribute('aria-label', 'The letter as MJML'))"""


class LetterDesk:
    """One letter in a window of its own."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._client = context.client
        self._waiting: asyncio.Task[None] | None = None
        self._dirty: dict[str, str] = {}
        self._worked = False  # whether the frame shows a version of it
        self._silent = False
        with ui.dialog(value=True).props("maximized no-backdrop-dismiss transition-duration=0") as self._dialog:
            self._dialog.props["aria-label"] = self._name
            self._dialog.on("hide", self._close)
            with ui.element("div").classes("sj-proof").props('data-mark="letter-editor"'):
                self._head()
                with ui.element("div").classes("sj-proof-source"):
                    self._source()
                with ui.element("div").classes("sj-proof-sight"):
                    self._sight()
        self._again()
        background_tasks.create(self._darken(), name="the colours of the source", context=self._client)

    @property
    def _letter(self) -> dict[str, Any]:
        return (self._desk.room.content.get("letters") or {}).get(self._name) or {}

    def refresh(self) -> None:
        """The letter was changed: by this hand, or by somebody else's."""
        if self._dialog.is_deleted:
            return
        if not self._letter:
            self._dialog.close()
            ui.notify(f"The letter {self._name} was deleted.", type="warning")
            return
        self._silent = True
        for part, field in self._fields.items():
            value = str(self._letter.get(part) or "")
            if part not in self._dirty and field.value != value:
                field.value = value
        self._silent = False
        self._measure()
        self._again()

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _head(self) -> None:
        with ui.element("div").classes("sj-proof-head"):
            ui.icon("mail").classes("sj-soft")
            ui.label(self._name).classes("sj-card-title sj-clip").props('role="heading" aria-level="2"')
            ui.element("div").classes("sj-grow")
            self._state = ui.label("").classes("sj-form-help").props('role="status"')
            close = ui.button(icon="close", on_click=self._dialog.close, color=None)
            close.props('flat round dense aria-label="Close the letter"').classes("sj-icon-button")

    def _source(self) -> None:
        readonly = not self._desk.may_edit
        self._fields: dict[str, Any] = {}
        for part, label in (("subject", "Subject"), ("preheader", "Preheader")):
            value = str(self._letter.get(part) or "")
            field = ui.input(label, value=value, on_change=partial(self._typed, part))
            self._fields[part] = field_props(field, part, readonly).props('maxlength="998"')
            if part == "subject":
                self._length = ui.label("").classes("sj-form-length")
        ui.label("The line mail programs show behind the subject.").classes("sj-form-help")
        with ui.element("div").classes("sj-proof-line"):
            ui.label("Source (MJML)").classes("sj-form-label sj-grow")
            if not readonly:
                Variables(self._desk, self._insert)
        code = ui.codemirror(
            str(self._letter.get("mjml") or ""),
            language="HTML",
            theme="vscodeLight",
            line_wrapping=True,
            indent="  ",
            on_change=partial(self._typed, "mjml"),
        )
        code.classes("sj-proof-code").props["data-input"] = "mjml"
        code.on("vnodeMounted", js_handler=NAMED)
        code.set_enabled(not readonly)
        self._fields["mjml"] = code
        with ui.element("div").classes("sj-proof-issues").props('role="status" data-mark="issues"') as self._issues:
            pass
        with ui.expansion("Text part").classes("sj-proof-text").props("dense"):
            text = ui.textarea(
                "Text", value=str(self._letter.get("text") or ""), on_change=partial(self._typed, "text")
            )
            self._fields["text"] = field_props(text, "text", readonly).props("autogrow")
            ui.label("Left empty, it is made from the letter.").classes("sj-form-help")
        self._measure()

    async def _darken(self) -> None:
        """Only the browser knows whether it is dark when the look is automatic."""
        if await ui.run_javascript("document.body.classList.contains('body--dark')", timeout=10):
            self._fields["mjml"].theme = "vscodeDark"

    def _sight(self) -> None:
        with ui.element("div").classes("sj-proof-line"):
            self._who = Onlooker(self._desk, self._again)
            self._widths = self._tabs({"desktop": "Desktop", "phone": "Phone", "text": "Text"}, self._widen)
        with ui.element("div").classes("sj-proof-inbox"):
            self._subject = ui.label("").classes("sj-strong sj-clip")
            self._preheader = ui.label("").classes("sj-form-note sj-clip")
        self._stale = ui.label("").classes("sj-proof-stale sj-break").props('role="status" data-mark="stale"')
        self._stale.visible = False
        with ui.element("div").classes("sj-proof-frame") as self._frame:
            self._page = letter_frame("The letter").props('data-mark="letter-preview"')
        self._plain = ui.label("").classes("sj-mono sj-source")
        self._missing = ui.label("").classes("sj-form-help")
        self._widen("desktop")

    def _tabs(self, options: dict[str, str], choose: Any) -> dict[str, ui.button]:
        made = {}
        with ui.element("div").classes("sj-proof-tabs").props('role="group" aria-label="How it is shown"'):
            for key, text in options.items():
                made[key] = ui.button(text, on_click=partial(choose, key), color=None).props("flat dense no-caps")
        return made

    def _widen(self, width: str, _clicked: object = None) -> None:
        for key, made in self._widths.items():
            made.classes("is-on") if key == width else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if key == width else "false"
        self._frame.classes("is-phone") if width == "phone" else self._frame.classes(remove="is-phone")
        self._frame.visible, self._plain.visible = width != "text", width == "text"

    def _insert(self, written: str) -> None:
        """At the cursor of the source."""
        ui.run_javascript(
            f"const code = getElement({self._fields['mjml'].id}).editor;"
            f"code.dispatch(code.state.replaceSelection({json.dumps(written)})); code.focus()"
        )

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def _typed(self, part: str, event: Any) -> None:
        if self._silent or str(event.value or "") == str(self._dirty.get(part, self._letter.get(part) or "")):
            return
        self._dirty[part] = str(event.value or "")
        self._measure()
        self._state.text = "Writing …"
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._shortly(), name="a letter is handed over", context=self._client)

    async def _shortly(self) -> None:
        await asyncio.sleep(SHORTLY_S)
        self._waiting = None
        await self._flush()

    @permitted("edit")
    async def _flush_permitted(self) -> None:
        letter = {**self._letter, **self._dirty}
        if not letter.get("text"):
            letter.pop("text", None)
        self._dirty.clear()
        answer = self._desk.submit({"op": "journey", "letters": {self._name: letter}})
        if not answer.ok:
            ui.notify(answer.error or "", type="warning")

    async def _flush(self) -> None:
        if self._dirty and self._letter:
            await self._flush_permitted()

    async def _close(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        await self._flush()
        self._dialog.delete()

    def _measure(self) -> None:
        length = len(str(self._fields["subject"].value or ""))
        self._length.text = f"{length} characters" + (f"; a phone shows about {SUBJECT}" if length > SUBJECT else "")
        self._length.classes("is-long") if length > SUBJECT else self._length.classes(remove="is-long")

    # ── seeing ────────────────────────────────────────────────────────────────────────────────────────

    def _again(self) -> None:
        background_tasks.create(self._look(), name="a letter is looked at", context=self._client)

    async def _look(self) -> None:
        address = asking.picture(self._desk, self._name)
        await self._who.say_who()
        found = await proof(self._desk.instance, self._desk.room.name, self._name, self._who.contact)
        if found is None or self._dialog.is_deleted or address != asking.picture(self._desk, self._name):
            return
        self._tell(found.issues)
        self._tell_stale(found.issues if found.rendered is None else ())
        if found.rendered is None:
            return
        self._worked = True
        self._page.props["src"] = address + (f"&contact={self._who.contact}" if self._who.contact else "")
        self._subject.text = found.rendered.subject
        self._preheader.text = found.rendered.preheader or "(no preheader)"
        self._plain.text = found.rendered.text
        missing = ", ".join(found.rendered.missing)
        self._missing.text = f"Not known of them, so left empty: {missing}." if missing else ""

    def _tell(self, issues: tuple[Issue, ...]) -> None:
        self._state.text = "" if self._dirty else f"{len(issues)} to fix" if issues else "Ready"
        self._issues.clear()
        with self._issues:
            for issue in issues[:20]:
                place = f"Line {issue.line}" if issue.line else ""
                row = ui.element("button" if place else "div").classes("sj-proof-issue")
                if place:
                    row.props('type="button"').on("click", partial(self._go, issue.line), args=[])
                with row:
                    ui.label(place)
                    ui.label(issue.text)

    def _tell_stale(self, issues: tuple[Issue, ...]) -> None:
        """What stands in the frame is not what stands in the source: say so, and why."""
        self._stale.visible = bool(issues)
        self._frame.classes("is-stale") if issues else self._frame.classes(remove="is-stale")
        if issues:
            first = issues[0]
            at = f"your text has an error at line {first.line}" if first.line else "your text has an error"
            shown = "The last version that worked" if self._worked else "Nothing to show yet"
            self._stale.text = f"{shown}; {at}: {first.text}"

    def _go(self, line: int) -> None:
        """Put the cursor where the fault is."""
        ui.run_javascript(
            f"const code = getElement({self._fields['mjml'].id}).editor;"
            f"const line = code.state.doc.line(Math.min({int(line)}, code.state.doc.lines));"
            "code.dispatch({selection: {anchor: line.from}, scrollIntoView: true}); code.focus()"
        )
