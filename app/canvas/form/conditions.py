"""A list of tests that must all pass, such as what an event has to look like."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from .comparison import LEFT, Compare, is_property_test
from .field import Field
from .widget import Fault, Single


class Conditions(Single):
    """Rows that can be added and taken away."""

    rank = 2

    @classmethod
    def fits(cls, field: Field) -> bool:
        return is_property_test(field.items)

    def build(self, value: Any) -> None:
        self._rows: list[Compare] = []
        with self.block("Only where" if self.field.name == "where" else self.field.label, self.field.help):
            self._list = ui.element("div").classes("sj-form-list")
            if not self.around.readonly:
                add = ui.button("Add a condition", icon="add", on_click=self._add, color=None)
                add.props("flat dense no-caps").classes("sj-form-tool").props["data-input"] = f"{self.field.name}.add"
        self.place(value)

    def place(self, value: Any) -> None:
        tests = [test for test in value if isinstance(test, dict)] if isinstance(value, list | tuple) else []
        if self._said() == tests:
            return
        if len(tests) == len(self._rows):
            for row, test in zip(self._rows, tests, strict=True):
                row.show(test)
            return
        self._draw(tests)

    def complain(self, faults: list[Fault]) -> None:
        rest = []
        said = [row for row in self._rows if not row.fresh]
        of_row: dict[int, list[Fault]] = {}
        for place, text in faults:
            if len(place) > 1 and isinstance(place[1], int) and place[1] < len(said):
                of_row.setdefault(place[1], []).append((place[2:], text))
            else:
                rest.append((place, text))
        for n, row in enumerate(said):
            row.complain(of_row.get(n, []))
        super().complain(rest)

    def _draw(self, tests: list[Any]) -> None:
        self._list.clear()
        self._rows = []
        with self._list:
            for n, test in enumerate(tests):
                with ui.element("div").classes("sj-form-row") as place:
                    place.props["data-row"] = n
                    place.on("focusout", partial(self._left, n), args=[], js_handler=LEFT)
                    with ui.element("div").classes("sj-form-row-body"):
                        self._rows.append(Compare(test, self.around, self._tell, without=("within_days",)))
                    if not self.around.readonly:
                        remove = ui.button(icon="close", on_click=partial(self._remove, n), color=None)
                        remove.props('flat dense round aria-label="Remove this condition"').classes("sj-form-mini")

    def _said(self) -> list[dict[str, Any]]:
        """The tests but for one that somebody only begins to fill in."""
        return [row.test for row in self._rows if not row.fresh]

    def _tell(self) -> None:
        for row in self._rows:
            row.fresh = row.fresh and not row.complete()
        self.take(self._said())

    def _left(self, n: int) -> None:
        """Whoever leaves a test half done is told what it lacks."""
        if n < len(self._rows) and self._rows[n].fresh:
            self._rows[n].fresh = False
            self._tell()

    def take(self, value: Any) -> None:
        fresh = [dict(test) for test in value]
        if fresh != self.value:
            self.value = fresh
            self.edited()

    def _add(self) -> None:
        self._draw([*(row.test for row in self._rows), {"property": ""}])
        self._rows[-1].fresh = True

    def _remove(self, n: int) -> None:
        tests = [row.test for row in self._rows]
        self._draw(tests[:n] + tests[n + 1 :])
        self._tell()
