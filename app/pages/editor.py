"""The editor: a journey drawn on the whole window, with the tabs for everything about it on the right."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.governance.versions import NoSuchJourney
from ...runtime.settings import Settings
from .. import words
from ..auth import Who, accounts, key_of, may, permitted
from ..canvas import counts, rooms
from ..canvas.desk import Desk, Panel
from ..canvas.element import JourneyCanvas
from ..canvas.heard import Wish
from ..canvas.panels import panels
from ..canvas.room import Room, Viewer
from ..canvas.saving import Draft
from ..frame import empty, frame, here, stylesheet, visitor

AGAIN_S = 3.0  # how often the role of whoever looks is read anew
FACES = 5  # people shown by their letter; more are counted
PATIENCE_S = 8.0  # for a window to say how wide it is
WORDS = "sj-bar-words"  # where the canvas says what the journey is called and whether it is saved
FIRST = "inspector"  # the panel for what is picked
SHEETS = ("editor.css", "forms.css", "review.css", "try.css", "charts.css")  # also the panels', lest one flashes bare

log = logging.getLogger("sojourn.face")


@ui.page("/journeys/{name}/edit", title="Editor · Sojourn")
@permitted("see")
async def edit(name: str) -> None:
    """Draw the journey of this short name."""
    who, known = await visitor()
    instance = here()
    try:
        room = rooms.of(instance, name)
    except NoSuchJourney:
        with frame("Journeys", who, known):
            empty("route", "There is no such journey", "It may have been renamed. The list has them all.")
        return
    Editor(room, who, known)


class Editor:
    """One open editor. Every wish of its browser goes to the room, which asks what its person may do."""

    def __init__(self, room: Room, who: Who, known: Settings) -> None:
        self.room = room
        self.viewer = Viewer(who, None, readonly=not may(who, "edit"))
        self.panels = [panel for panel in panels() if panel.permission is None or may(who, panel.permission)]
        self._open: str | None = None
        self._built: dict[str, ui.element] = {}
        self._tabs: dict[str, ui.button] = {}
        self._faces: list[tuple[str, str]] = []
        with frame("Journeys", who, known, self._bar):
            self._stage = ui.element("div").classes("sj-editor")
            with self._stage:
                self.canvas = JourneyCanvas(
                    room.name,
                    on_hello=lambda rev: room.hello(self.viewer, rev),
                    on_intent=self._wished,
                    on_picked=self._picked,
                    on_back=self._draw_form_anew,
                    readonly=self.viewer.readonly,
                    person=str(who.id),
                    bar=WORDS,
                )
                self.viewer.canvas = self.canvas
                self.desk = Desk(here(), room, self.viewer, who, self.canvas)
                self._drawer()
        self._listen()

    # ── the bar on top ────────────────────────────────────────────────────────────────────────────────

    def _bar(self) -> None:
        for sheet in SHEETS:
            stylesheet(sheet)
        with ui.element("div").classes("sj-bar"):
            ui.icon("chevron_right").classes("sj-bar-apart").props('aria-hidden="true"')
            ui.element("div").classes("sj-bar-words").props(f'id="{WORDS}"')  # the canvas fills it, also without a line
            ui.element("div").classes("sj-grow")
            self._people = ui.element("div").classes("sj-bar-people").props('data-mark="people"')
            self._problems = ui.button(on_click=lambda: self.open("problems"), color=None)
            self._problems.props('flat no-caps dense data-mark="problems" data-needs-line').classes("sj-bar-problems")
            for panel in self.panels:
                if panel.key in ("try", "review"):
                    made = ui.button(_verb(panel), icon=panel.icon, color=None, on_click=partial(self.open, panel.key))
                    made.props("no-caps unelevated data-needs-line").classes("sj-button")
                    made.props["data-mark"] = f"open-{panel.key}"
                    made.classes("is-main" if panel.key == "review" else "is-quiet")

    def _show_bar(self, _ids: object = None) -> None:
        errors = sum(problem.severity == "error" for problem in self.room.problems)
        warnings = len(self.room.problems) - errors
        self._problems.text = f"{errors} to fix" if errors else (f"{warnings} to look at" if warnings else "Ready")
        self._problems.props(f"icon={'error_outline' if errors or warnings else 'check_circle'}")
        self._problems.classes(
            replace="sj-bar-problems " + ("is-bad" if errors else "is-warn" if warnings else "is-good")
        )

    def _show_saved(self, draft: Draft) -> None:
        if draft.saved or draft.failed:  # that it no longer is, the patch says
            self.canvas.saved(draft.saved, draft.failed)

    def _show_people(self, everybody: Sequence[Viewer]) -> None:
        others = list(
            {other.person.id: other for other in everybody if other.person.id != self.viewer.person.id}.values()
        )
        faces = [(other.name, other.colour) for other in others]
        if faces == self._faces:  # somebody picked something
            return
        self._faces = faces
        self._people.clear()
        with self._people:
            for other in others[:FACES]:
                face = ui.label(initials(other.name)).classes("sj-face").tooltip(other.name)
                face.style(f"background: {other.colour}")
                face.props["aria-label"] = f"{other.name} is here"
            if len(others) > FACES:
                ui.label(f"+{words.number(len(others) - FACES)}").classes("sj-face is-more")

    def _wished(self, wish: Wish, intent: dict[str, Any]) -> None:
        answer = self.room.once(self.viewer, wish, intent)
        if answer is not None:
            self.canvas.ack(answer)

    # ── the drawer on the right ───────────────────────────────────────────────────────────────────────

    def _drawer(self) -> None:
        self._sheet = ui.element("aside").classes("sj-drawer").props('aria-label="About the journey" data-needs-line')
        with self._sheet:
            with ui.element("div").classes("sj-drawer-head"):
                self._heading = ui.label("").classes("sj-card-title").props('role="heading" aria-level="2"')
                ui.element("div").classes("sj-grow")
                _icon("close", "Close", lambda: self.open(None))
            self._place = ui.element("div").classes("sj-drawer-body")
        with ui.element("nav").classes("sj-rail").props('aria-label="Panels" data-needs-line'):
            for panel in self.panels:
                made = ui.button(icon=panel.icon, color=None, on_click=partial(self.toggle, panel.key))
                made.props("flat no-caps stack").classes("sj-rail-tab")
                made.props["data-mark"] = f"panel-{panel.key}"
                made.props["aria-label"] = panel.title
                with made:
                    ui.tooltip(panel.title)
                self._tabs[panel.key] = made

    def toggle(self, key: str) -> None:
        """Open a panel, or close it when it is open."""
        self.open(None if key == self._open else key)

    def open(self, key: str | None) -> None:
        """Bring a panel to the front; None closes the drawer."""
        panel = next((panel for panel in self.panels if panel.key == key), None)
        self._open = panel.key if panel else None
        self._sheet.classes(add="is-open") if panel else self._sheet.classes(remove="is-open")
        for name, tab in self._tabs.items():
            tab.classes(add="is-active") if name == self._open else tab.classes(remove="is-active")
            tab.props["aria-expanded"] = "true" if name == self._open else "false"
            tab.update()
        for name, place in self._built.items():
            place.set_visibility(name == self._open)
        if panel is None:
            return
        self._heading.text = panel.title
        if panel.key not in self._built:
            with self._place:
                self._built[panel.key] = ui.element("div").classes("sj-panel").props(f'data-panel="{panel.key}"')
            with self._built[panel.key]:
                try:
                    panel.build(self.desk)
                except Exception:  # one tab that fails must not take the drawing with it
                    log.exception("the panel %s could not be drawn", panel.key)
                    ui.label("This could not be drawn. It has been written to the log of this instance.")

    def _picked(self, nodes: list[str], edges: list[str], wants_form: bool) -> None:
        self.room.pick(self.viewer, nodes)
        self.desk.pick([node for node in nodes if node in self.room.content["nodes"]], edges)
        if wants_form or (len(self.desk.picked) == 1 and self._open is None and not self._narrow):
            self.open(FIRST)

    def _draw_form_anew(self) -> None:
        """A form shows what is kept, not what was typed while nobody heard it."""
        nodes, edges = self.desk.picked, self.desk.picked_edges
        self.desk.pick([])
        self.desk.pick(nodes, edges)

    # ── staying in touch ──────────────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        client = context.client
        self._narrow = False
        self.desk.on_open(self.open)
        self.desk.on_change(self._show_bar)
        with self._stage:
            self.viewer.on_saved = self.desk.placed(self._show_saved)
            self.desk.on_people(self._show_people)
            self.viewer.on_people = self.desk.met
        self._show_bar()
        self.room.join(self.viewer)
        client.on_delete(self._leave)
        background_tasks.create(counts.watch(here(), self.room), name="the counts of an open journey")
        ui.timer(AGAIN_S, self._who_is_it, immediate=False)
        background_tasks.create(self._width(client), name="the width of a window")

    async def _width(self, client: Any) -> None:
        await client.connected()
        with self._stage:
            try:
                self._narrow = bool(await ui.run_javascript("innerWidth < 900", timeout=PATIENCE_S))
            except TimeoutError:  # it is gone again, or too busy to be shown a form unasked
                return
        if not self._narrow and self._open is None and any(panel.key == FIRST for panel in self.panels):
            with self._stage:
                self.open(FIRST)

    async def _who_is_it(self) -> None:
        """A changed role counts at once, also on a page that is open."""
        who = await accounts().who(key_of(context.client.request))
        if who is None:
            ui.navigate.to("/sign-in")
            self.viewer.readonly = True
            return
        if who == self.viewer.person:
            return
        self.viewer.person = self.desk.person = who
        if self.viewer.readonly == may(who, "edit"):
            ui.navigate.reload()

    def _leave(self) -> None:
        self.room.leave(self.viewer)
        self.desk.close()
        rooms.close_empty(here())


def _icon(icon: str, says: str, on_click: Any) -> ui.button:
    made = ui.button(icon=icon, on_click=on_click, color=None).props("flat round dense").classes("sj-icon-button")
    made.props["aria-label"] = says
    made.props["data-mark"] = icon
    with made:
        ui.tooltip(says)
    return made


def _verb(panel: Panel) -> str:
    return {"try": "Try", "review": "Publish"}.get(panel.key, panel.title)


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    parts = [part for part in name.replace("@", " ").split() if part]
    return "".join(part[0] for part in parts[:2]).upper() or "?"
