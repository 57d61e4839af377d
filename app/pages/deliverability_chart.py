"""Two charts of letters by day: a rate beside its goal, and what a warm-up allows beside what went."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from nicegui import ui

from ...runtime.deliverability.reputation import percent
from .. import words
from ..canvas.charts import LINES, Chart

GOAL, SENT, ALLOWED = "#2f9e6b", "#7a7ee0", "#d08a2e"


class GoalChart(Chart):
    """Rates by day, one line for each provider, and the goal as a dashed one."""

    def __init__(self, title: str) -> None:
        super().__init__(title, ("Day (UTC)",))

    def rates(
        self, days: Sequence[str], lines: Sequence[tuple[str, Sequence[float | None]]], goal: float, above: bool
    ) -> None:
        """Draw them anew. A day without letters has no rate."""
        if self._same((list(days), [(name, list(values)) for name, values in lines], goal)):
            return
        figure = go.Figure([
            go.Scatter(x=list(days), y=list(values), name=name, mode="lines+markers", connectgaps=True,
                       line={"width": 2}, marker={"size": 4}, hovertemplate="%{y:.2%}")
            for name, values in lines
        ])  # fmt: skip
        figure.add_hline(y=goal, line={"width": 1.5, "dash": "dash", "color": GOAL})
        shown = [value for _, values in lines for value in values if value is not None]
        edge = [min([goal, *shown]) - 0.01, 1.0] if above else [0, max([goal * 1.6, *shown]) * 1.08]
        figure.update_xaxes(type="date", fixedrange=True, showgrid=False, nticks=6, tickformat="%-d %b", zeroline=False)
        figure.update_yaxes(fixedrange=True, range=edge, nticks=5, tickformat=".2~%", automargin=True, zeroline=False)
        figure.update_layout(hovermode="x unified", separators=".\u2009")
        self._columns = ("Day (UTC)", *(name for name, _ in lines))
        rows = [
            (day, *("–" if values[n] is None else percent(values[n] or 0) for _, values in lines))
            for n, day in enumerate(days)
            if any(values[n] is not None for _, values in lines)
        ]
        self._draw(figure, LINES + 30, rows[::-1])
        self._legend.clear()
        with self._legend:
            for n, (name, _) in enumerate(lines):
                with ui.element("span").classes("sj-legend-item").classes(f"is-{n}"):
                    ui.label(name)
            with ui.element("span").classes("sj-legend-item is-goal"):
                ui.label(f"the goal: {'over' if above else 'under'} {goal * 100:g} %")


class WarmUpChart(Chart):
    """Letters allowed by day, as far as planned ahead, and those that went."""

    def __init__(self, title: str) -> None:
        super().__init__(title, ("Day", "Allowed", "Went"))
        self.place.classes("sj-warm-up")

    def draw(self, past: Sequence[tuple[str, int | None, int]], ahead: Sequence[tuple[str, int]]) -> None:
        """Draw the days so far, and those to come."""
        known = [(day, most) for day, most, _ in past if most is not None]
        joined = [*known[-1:], *ahead]
        figure = go.Figure([
            go.Bar(x=[day for day, _, _ in past], y=[went for _, _, went in past], name="Went",
                   marker={"color": SENT}, hovertemplate="%{y:,d}"),
            go.Scatter(x=[day for day, _ in known], y=[most for _, most in known], name="Allowed", mode="lines+markers",
                       line={"width": 2, "color": ALLOWED}, marker={"size": 4, "color": ALLOWED},
                       hovertemplate="%{y:,d}"),
            go.Scatter(x=[day for day, _ in joined], y=[most for _, most in joined], name="Planned", mode="lines",
                       line={"width": 2, "dash": "dot", "color": ALLOWED}, hovertemplate="%{y:,d}"),
        ])  # fmt: skip
        figure.update_xaxes(type="date", fixedrange=True, showgrid=False, nticks=6, tickformat="%-d %b", zeroline=False)
        figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=4, tickformat=",d", automargin=True,
                            zeroline=False)  # fmt: skip
        figure.update_layout(hovermode="x unified", separators=".\u2009")
        rows = [(day, "–" if most is None else words.number(most), words.number(went)) for day, most, went in past]
        rows += [(day, words.number(most), "–") for day, most in ahead]
        self._draw(figure, LINES + 20, rows)
        self._legend.clear()
        with self._legend:
            for name in ("went", "allowed"):
                with ui.element("span").classes("sj-legend-item").classes(f"is-{name}"):
                    ui.label(name if name == "went" else "allowed, and planned ahead")
