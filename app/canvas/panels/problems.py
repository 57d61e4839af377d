"""What is wrong with the journey: each in a sentence, a click away from its step, with a fix where one is safe."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from ....nodes.node import Problem
from ...frame import button, empty
from ..asking import open_letter
from ..desk import Desk, Panel
from ..views import sentence

MOST = 200  # problems drawn; the rest is counted


class Problems:
    """The list, drawn anew when something changes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._shown: list[Problem] | None = None
        self._place = ui.element("div").classes("sj-findlist").props('role="list"')
        self.draw()
        desk.on_change(self.draw)

    def draw(self, _ids: object = None) -> None:
        """Show what is wrong now."""
        found = self.desk.room.problems
        if found == self._shown:
            return
        self._shown = list(found)
        self._place.clear()
        with self._place:
            if not found:
                empty("check_circle", "Nothing to fix", "Every path ends, and every step has what it needs.")
            for problem in found[:MOST]:
                self._line(problem)
            if len(found) > MOST:
                ui.label(f"and {len(found) - MOST} more").classes("sj-soft")

    def _line(self, problem: Problem) -> None:
        room = self.desk.room
        with ui.element("div").classes("sj-find").props('role="listitem" data-mark="problem"') as line:
            line.classes("is-bad" if problem.severity == "error" else "is-warn")
            ui.icon("error" if problem.severity == "error" else "warning_amber").props(
                'aria-label="Error"' if problem.severity == "error" else 'aria-label="Warning"'
            )
            with ui.element("div").classes("sj-find-words"):
                if problem.node is not None and problem.node in room.content["nodes"]:
                    go = ui.button(room.document.title_of(problem.node), color=None)
                    go.on("click", partial(self.desk.focus, problem.node), [])
                    go.props("flat dense no-caps align=left").classes("sj-find-step")
                    go.props["aria-label"] = f"Show {room.document.title_of(problem.node)}"
                ui.label(sentence(problem)).classes("sj-break")
                if problem.letter is not None and problem.letter in room.content["letters"]:
                    button("Open the letter", partial(open_letter, self.desk, problem.letter), "mail")
                if problem.fix is not None and self.desk.may_edit:
                    mend = button(problem.fix.words, partial(self._mend, problem), "auto_fix_high")
                    mend.props["data-mark"] = "fix"

    def _mend(self, problem: Problem) -> None:
        ack = self.desk.submit({"op": "fix", "node": problem.node, "problem": problem.text})
        if not ack.ok:
            ui.notify(ack.error, type="warning")


def build(desk: Desk) -> None:
    """Draw the list."""
    Problems(desk)


PANEL = Panel("problems", "Problems", "rule", 10, build)
