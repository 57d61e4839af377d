"""A heat map of the people that journeys share, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from .. import words
from ..canvas.charts import Chart, short

CELL = 34  # pixels: the height of a row
SHADES = [[0, "rgba(112,116,232,0)"], [1, "rgba(112,116,232,0.55)"]]  # light enough to read the number on it


class SharedChart(Chart):
    """One row and one column for each journey; columns bear the numbers of the rows."""

    def __init__(self, title: str) -> None:
        super().__init__(title, ("Journeys", "People in both"))

    def draw(self, titles: Sequence[str], shared: Mapping[tuple[int, int], int]) -> None:
        """``shared`` are the people of two rows, the earlier row first."""
        size = len(titles)
        both = {**shared, **{(b, a): n for (a, b), n in shared.items()}}
        figure = go.Figure(go.Heatmap(
            z=[[both.get((row, column), 0) for column in range(size)] for row in range(size)],
            x=list(range(size)), y=list(range(size)), colorscale=SHADES, showscale=False, xgap=2, ygap=2, zmin=0,
            customdata=[[f"{titles[row]} and {titles[column]}" for column in range(size)] for row in range(size)],
            hovertemplate="%{customdata}: %{z:,d}<extra></extra>", hoverongaps=False,
        ))  # fmt: skip
        ticks = {"tickvals": list(range(size)), "fixedrange": True, "showgrid": False, "zeroline": False, "ticks": ""}
        figure.update_xaxes(ticktext=[str(n + 1) for n in range(size)], side="top", automargin=True, **ticks)
        figure.update_yaxes(
            ticktext=[f"{short(title)}  {n + 1}" for n, title in enumerate(titles)], autorange="reversed",
            automargin=True, **ticks,
        )  # fmt: skip
        figure.update_layout(separators=". ", annotations=[
            {"text": _short(n), "x": column, "y": row, "showarrow": False, "font": {"size": 10.5}}
            for (row, column), n in both.items() if n
        ])  # fmt: skip
        rows = [(f"{titles[a]} and {titles[b]}", words.number(n)) for (a, b), n in shared.items() if n]
        self._draw(figure, CELL * size + 40, rows)


def _short(n: int) -> str:
    """A number that fits a cell on a phone."""
    return str(n) if n < 1000 else f"{n / 1000:.0f}k"
