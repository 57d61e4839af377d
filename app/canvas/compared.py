"""Two contents of a journey side by side: the newer on a canvas that cannot be changed, what differs in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.governance.difference import Change, Detail, Difference
from ...runtime.governance.wording import NOTHING
from ..frame import chip, empty, stylesheet
from .document import Document
from .element import JourneyCanvas
from .heard import Wish

ICONS = {"added": "add_circle", "removed": "remove_circle", "changed": "change_circle"}
NEAR = (260, 120)  # closer cards would cover one another
FOLDED = 8  # so many new things, and nothing else, are folded
MOST = 300  # changes drawn; the rest is counted
FINDING = {"good": ("check_circle", "is-good"), "look": ("visibility", "is-warn"), "bad": ("error", "is-bad")}


class ComparedCanvas:
    """A canvas that shows one content and marks how it differs from another. Nothing it is sent changes anything."""

    def __init__(self, key: str, found: Difference) -> None:
        self._document = Document.read(found.after)
        self._marks = overlay(found, self._document)
        self._first = _first(found, self._document)
        with ui.element("div").classes("sj-compared").props('data-mark="compared"'):
            self.canvas = JourneyCanvas(
                key, on_hello=self._show, on_intent=self._refuse, on_picked=lambda *_: None, readonly=True
            )

    def focus(self, step: str) -> None:
        """Move the view to a step."""
        if step in self._document.content["nodes"]:
            self.canvas.focus(step)

    def _show(self, _rev: int) -> None:
        self.canvas.load(
            {"rev": 1, **self._document.views(), "kpis": {"nodes": {}, "edges": {}}, "people": [], "undo": False,
             "redo": False, "readonly": True, "saved": True}
        )  # fmt: skip
        self.canvas.overlay(self._marks)
        if self._first is not None:
            self.canvas.focus(self._first)

    def _refuse(self, wish: Wish, _intent: Mapping[str, Any]) -> None:
        said = "This is what was put up for review."
        self.canvas.ack({"seq": wish.seq, "page": wish.page, "ok": False, "rev": 1, "error": said})


def overlay(found: Difference, after: Document) -> dict[str, Any]:
    """The marks, removed steps drawn where they stood or as near as there is room."""
    before = Document.read(found.before)
    taken = [after.place_of(step) for step in after.content["nodes"]]
    said = [after.place_of(change.id) for change in found.changes if change.kind == "step" and change.what == "changed"]
    taken += [(x, y + NEAR[1]) for x, y in said]  # below a changed step stands what changed
    ghosts = []
    for step in found.removed_steps:
        view: dict[str, Any] = before.node_view(step) | {"problems": []}
        while any(abs(x - view["x"]) < NEAR[0] and abs(y - view["y"]) < NEAR[1] for x, y in taken):
            view["y"] += NEAR[1] / 2
        taken.append((view["x"], view["y"]))
        ghosts.append(view)
    return found.overlay(ghosts)


def _first(found: Difference, after: Document) -> str | None:
    """The step to open at: the foremost one that changed, unless everything is new."""
    ids = [change.id for change in found.changes if change.kind == "step" and change.what != "removed"]
    drawn = [step for step in ids if step in after.content["nodes"]]
    return min(drawn, key=after.place_of) if drawn and len(drawn) < len(after.content["nodes"]) else None


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────


def difference_list(found: Difference, on_step: Callable[[str], Any] | None = None) -> None:
    """Every change with its details; a click on a step goes there."""
    stylesheet("review.css")
    if not found:
        empty("done_all", "No difference")
        return
    with ui.element("div").classes("sj-changes").props('role="list" data-mark="difference"'):
        if len(found.changes) > FOLDED and all(change.what == "added" for change in found.changes):
            ui.label(f"Everything is new: {found.summary[:1].lower()}{found.summary[1:]}").classes("sj-break")
            with ui.expansion("Show all").props("dense").classes("sj-all-new"):
                _changes(found, on_step)
        else:
            _changes(found, on_step)


def _changes(found: Difference, on_step: Callable[[str], Any] | None) -> None:
    for change in found.changes[:MOST]:
        _change(change, on_step)
    if len(found.changes) > MOST:
        ui.label(f"and {len(found.changes) - MOST} more").classes("sj-soft")
    if found.moved:
        with ui.element("div").classes("sj-change").props('role="listitem"'):
            ui.icon("open_with")
            ui.label(f"{found.moved} moved on the canvas").classes("sj-soft")


def _change(change: Change, on_step: Callable[[str], Any] | None) -> None:
    with ui.element("div").classes(f"sj-change is-{change.what}").props('role="listitem"') as line:
        line.props["data-change"] = f"{change.kind}:{change.id}"
        ui.icon(ICONS[change.what]).props["aria-label"] = change.what
        with ui.element("div").classes("sj-change-words"):
            if on_step is not None and change.kind == "step" and change.what != "removed":
                go = ui.element("button").classes("sj-change-step sj-break").props('type="button"')
                with go.on("click", partial(on_step, change.id), args=[]):
                    ui.label(change.sentence)
            else:
                ui.label(change.sentence).classes("sj-break")
            for detail in change.details:
                _detail(detail, change.what == "added")


def _detail(detail: Detail, is_new: bool) -> None:
    if is_new and detail.after == NOTHING:
        return
    with ui.element("div").classes("sj-detail"):
        ui.label(detail.name).classes("sj-detail-name")
        if not detail.lines:
            with ui.element("div").classes("sj-detail-values"):
                if not is_new:
                    ui.label(detail.before).classes("sj-before sj-break")
                    ui.icon("arrow_right_alt").props('aria-label="becomes"')
                ui.label(detail.after).classes("sj-after sj-break")
            return
        with ui.element("details").classes("sj-lines").props("open" if len(detail.lines) <= 12 else ""):
            with ui.element("summary"):
                ui.label(detail.sentence.partition(": ")[2])
            with ui.element("div").classes("sj-diff sj-mono").props('tabindex="0"'):
                for line in detail.lines:
                    kind = {"+": "is-added", "-": "is-removed"}.get(line[:1], "")
                    ui.label(line or " ").classes("sj-diff-line").classes(kind)


def check_list(checks: Sequence[Mapping[str, Any]]) -> None:
    """What was looked at, line by line."""
    with ui.element("div").classes("sj-findings").props('data-mark="checks"'):
        for check in checks:
            icon, tone = FINDING.get(str(check.get("state")), FINDING["look"])
            with ui.element("div").classes("sj-finding"):
                ui.icon(icon).classes(tone).props["aria-label"] = str(check.get("state"))
                ui.label(str(check.get("text"))).classes("sj-break")


def state_chip(state: str) -> None:
    """A review's state in a pill."""
    tone = {"open": "warn", "approved": "good", "sent_back": "bad"}.get(state, "")
    chip({"open": "waits for a reviewer", "sent_back": "sent back"}.get(state, state), tone)
