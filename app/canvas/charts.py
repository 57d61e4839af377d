"""Charts of counts: drawn by Plotly, coloured by the style sheet, with the same numbers as a table beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from nicegui import ui

from .. import words
from ..frame import table

BAR, LINES = 38, 210  # pixels: of one bar with the room around it, of a chart of lines
NAME = 23  # characters of a name beside a bar
STILL = {"displayModeBar": False, "responsive": True}

Bars = Sequence[tuple[str, int, str]]  # name, count, what is written beside the bar
Line = tuple[str, Sequence[int]]


class Chart:
    """A chart with its title and, folded below it, the table for those who do not see it. Redrawn only on change."""

    def __init__(self, title: str, columns: Sequence[str]) -> None:
        self._columns, self._shown = columns, None
        with ui.element("figure").classes("sj-chart") as self.place:
            ui.label(title).classes("sj-chart-title").props('role="heading" aria-level="3"')
            self._legend = ui.element("div").classes("sj-legend").props('aria-hidden="true"')
            self._plot = ui.plotly({"data": [], "layout": {}, "config": STILL}).props('role="img"')
            self._plot.props["aria-label"] = title + ". The same numbers stand in the table below."
            with ui.element("details").classes("sj-numbers"):
                with ui.element("summary"):
                    ui.label("As a table")
                self._table = ui.element("div")

    def bars(self, bars: Bars) -> None:
        """One bar for each, the first on top."""
        rows = [(name, count, beside) for name, count, beside in bars]
        if self._same(("bars", rows)):
            return
        figure = go.Figure(go.Bar(
            x=[count for _, count, _ in rows],
            y=list(range(len(rows))),
            customdata=[f"{name}: {beside}" for name, _, beside in rows],
            hovertemplate="%{customdata}<extra></extra>",
            orientation="h", width=0.62,
        ))  # fmt: skip
        most = max((count for _, count, _ in rows), default=0)
        figure.update_xaxes(visible=False, range=[0, max(most, 1)], domain=[0, 0.52], fixedrange=True)
        figure.update_yaxes(
            tickvals=list(range(len(rows))), ticktext=[short(name) for name, _, _ in rows], autorange="reversed",
            automargin=True, fixedrange=True, showgrid=False, zeroline=False, ticklabelstandoff=8,
        )  # fmt: skip
        figure.update_layout(annotations=[
            {"text": beside, "x": 1, "y": n, "xref": "paper", "xanchor": "right", "showarrow": False}
            for n, (_, _, beside) in enumerate(rows)
        ])  # fmt: skip
        self._draw(figure, BAR * len(rows) + 8, [(name, beside) for name, _, beside in rows])

    def lines(self, days: Sequence[str], lines: Sequence[Line]) -> None:
        """One line for each, over the days (YYYY-MM-DD)."""
        if self._same(("lines", list(days), [(name, list(values)) for name, values in lines])):
            return
        marks = "lines+markers" if len(days) < 3 else "lines"
        figure = go.Figure([
            go.Scatter(x=list(days), y=list(values), name=name, mode=marks, line={"width": 2, "shape": "linear"})
            for name, values in lines
        ])  # fmt: skip
        figure.update_xaxes(type="date", fixedrange=True, showgrid=False, nticks=5, tickformat="%-d %b", zeroline=False)
        figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=4, tickformat=",d", automargin=True,
                            zeroline=False, ticklabelstandoff=6)  # fmt: skip
        figure.update_layout(hovermode="x unified", separators=". ")
        rows = [(day, *(words.number(values[n]) for _, values in lines)) for n, day in enumerate(days)]
        filled = [row for n, row in enumerate(rows) if any(values[n] for _, values in lines)]
        self._columns = ("Day (UTC)", *(name for name, _ in lines))
        self._draw(figure, LINES, filled[::-1])
        self._legend.clear()
        with self._legend:
            for n, (name, _) in enumerate(lines):
                with ui.element("span").classes("sj-legend-item").classes(f"is-{n}"):
                    ui.label(name)

    def _same(self, what: Any) -> bool:
        same, self._shown = what == self._shown, what
        return same

    def _draw(self, figure: go.Figure, height: int, rows: Sequence[Sequence[Any]]) -> None:
        figure.update_layout(
            template=go.layout.Template(), height=height, margin={"l": 4, "r": 4, "t": 6, "b": 4}, showlegend=False,
            paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", dragmode=False, bargap=0.3,
            font={"family": "system-ui, sans-serif", "size": 12.5},
        )  # fmt: skip
        self._plot.style(f"height: {height}px")
        self._plot.update_figure({**figure.to_plotly_json(), "config": STILL})
        self._table.clear()
        with self._table:
            table(self._columns, rows, numbers=self._columns[1:])


def short(name: str) -> str:
    """A name that fits beside a chart."""
    return name if len(name) <= NAME else name[: NAME - 1].rstrip() + "…"
