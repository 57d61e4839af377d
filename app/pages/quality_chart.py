"""A chart of days with the band that was expected, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from ...runtime.quality.bands import Band
from .. import words
from ..canvas.charts import LINES, Chart

INK, BAND, BAD = "#5457cd", "rgba(120,124,220,0.20)", "#d1495b"


class Day(NamedTuple):
    """A day (YYYY-MM-DD), how many there were, and what was expected, where that is known."""

    day: str
    number: int
    expected: Band | None


class BandChart(Chart):
    """Lines within bands; days outside theirs are marked."""

    def __init__(self, title: str) -> None:
        super().__init__(title, ("Day", "Events", "Expected"))

    def draw(self, days: Sequence[Day]) -> None:
        """Draw these days anew."""
        known = [one for one in days if one.expected is not None]
        strange = [one for one in known if one.expected is not None and one.expected.unusual(one.number)]
        x = [one.day for one in known]
        figure = go.Figure([
            go.Scatter(x=x, y=[one.expected.high for one in known if one.expected], mode="lines", line={"width": 0},
                       hoverinfo="skip"),
            go.Scatter(x=x, y=[one.expected.low for one in known if one.expected], mode="lines", line={"width": 0},
                       fill="tonexty", fillcolor=BAND, hoverinfo="skip"),
            go.Scatter(x=[one.day for one in days], y=[one.number for one in days], mode="lines", name="Events",
                       line={"width": 2, "color": INK}, hovertemplate="%{y:,d}<extra></extra>"),
            go.Scatter(x=[one.day for one in strange], y=[one.number for one in strange], mode="markers",
                       marker={"size": 9, "color": BAD}, hoverinfo="skip"),
        ])  # fmt: skip
        figure.update_xaxes(type="date", fixedrange=True, showgrid=False, nticks=6, tickformat="%-d %b", zeroline=False)
        figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=4, tickformat=",d", automargin=True,
                            zeroline=False)  # fmt: skip
        figure.update_layout(hovermode="x unified", separators=". ")
        rows = [
            (one.day, words.number(one.number), "–" if one.expected is None else _span(one.expected)) for one in days
        ]
        self._draw(figure, LINES + 40, rows[::-1])


def _span(expected: Band) -> str:
    return f"{words.number(expected.low)} to {words.number(expected.high)}"
