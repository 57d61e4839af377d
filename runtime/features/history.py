"""One person's history as their events and letters tell it, and the figures that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...nodes.operators import number, text
from ...storage.columns import load
from ...storage.features import GRADED
from . import scores
from .lifecycle import DAY_MS, standing
from .measures import Measures

Cuts = Mapping[str, Sequence[float]]  # of each grade; see `storage.features.cuts`


@dataclass(slots=True)
class History:
    """What somebody did, oldest first. ``bought`` and ``looked`` say of each category how much and when last."""

    came_ms: int
    seen: list[int] = field(default_factory=list)
    points: dict[int, float] = field(default_factory=dict)  # by day, for the engagement score
    orders: list[tuple[int, float]] = field(default_factory=list)
    order_totals: dict[str, float] = field(default_factory=dict)
    refunds: list[tuple[float | None, str | None]] = field(default_factory=list)  # amount, or the order given back
    bought: dict[str, tuple[float, int]] = field(default_factory=dict)
    looked: dict[str, tuple[float, int]] = field(default_factory=dict)

    def happened(self, name: str, at_ms: int, properties: Any, measures: Measures) -> None:
        """Take one event in."""
        if measures.is_life(name):
            self.seen.append(at_ms)
            self.points[at_ms // DAY_MS] = scores.VISIT
        if properties is None:
            return
        said = load(properties)
        if name in measures.purchases:
            total = _total(said, measures)
            self.orders.append((at_ms, total))
            if order := _text(said, measures.order_id):
                self.order_totals[order] = total
            _count(self.bought, _categories(said, measures), at_ms)
        if name in measures.refunds:
            self.refunds.append((_number(said, measures.refund), _text(said, measures.order_id)))
        if name in measures.views:
            _count(self.looked, _categories(said, measures), at_ms)

    def read(self, opened_ms: int | None, clicked_ms: int | None) -> None:
        """Take in that a letter was opened or clicked."""
        for at_ms, points in ((opened_ms, scores.OPEN), (clicked_ms, scores.CLICK)):
            if at_ms is not None:
                self.seen.append(at_ms)
                self.points[at_ms // DAY_MS] = self.points.get(at_ms // DAY_MS, 0.0) + points

    @property
    def refunded(self) -> float:
        """What was given back. A refund that names its order but no sum gives back all of it."""
        return sum(
            amount if amount is not None else self.order_totals.get(order or "", 0.0) for amount, order in self.refunds
        )


def histories(
    living: Mapping[int, int], events: Iterable[Sequence[Any]], letters: Iterable[Sequence[Any]], measures: Measures
) -> dict[int, History]:
    """The history of each living contact (id → when they came)."""
    found = {contact: History(came_ms) for contact, came_ms in living.items()}
    for contact, name, at_ms, properties in events:
        if contact in found:
            found[contact].happened(name, at_ms, properties, measures)
    for contact, opened_ms, clicked_ms in letters:
        if contact in found:
            found[contact].read(opened_ms, clicked_ms)
    for history in found.values():
        history.seen.sort()
    return found


def figures(history: History, now_ms: int, measures: Measures, cuts: Cuts | None) -> tuple[dict[str, Any], int | None]:
    """The figures by name, and the next moment (in ms) at which time alone may change one."""
    times = [at_ms for at_ms, _ in history.orders]
    count, refunded = len(times), round(history.refunded, 2)
    revenue = round(sum(total for _, total in history.orders) - history.refunded, 2)
    apart = (times[-1] - times[0]) / DAY_MS / (count - 1) if count > 1 else None
    score, falls_on = scores.engagement(history.points, now_ms // DAY_MS, measures.half_life_days)
    stands = standing(history.came_ms, history.seen, times, now_ms, measures)
    last = times[-1] if count else None
    measured = {"last_order_at": last, "orders": count, "revenue": revenue}
    grades: dict[str, int | None] = dict.fromkeys(GRADED)
    if last is not None and cuts:
        grades = {grade: scores.grade(measured[column] or 0, cuts[grade]) for grade, (column, _) in GRADED.items()}
    found = {
        "orders": count,
        "revenue": revenue,
        "refunded": refunded,
        "average_order": round(revenue / count, 2) if count else None,
        "first_order_at": times[0] if count else None,
        "last_order_at": last,
        "order_interval_days": None if apart is None else round(apart, 2),
        "favourite_category": _favourite(history.bought) or _favourite(history.looked),
        "last_seen_at": history.seen[-1] if history.seen else None,
        "engagement": score,
        **grades,
        "rfm": None if grades["r"] is None else "".join(str(grades[each]) for each in "rfm"),
        "stage": stands.stage,
        "stage_since_at": stands.since_ms,
    }
    turns = (stands.next_ms, None if falls_on is None else falls_on * DAY_MS)
    upcoming = min((turn for turn in turns if turn is not None), default=None)
    return found, None if upcoming is None else max(upcoming, now_ms + 1)


# ── reading properties ────────────────────────────────────────────────────────────────────────────────


def _number(said: Mapping[str, Any], names: Sequence[str]) -> float | None:
    return next((float(value) for name in names if (value := number(said.get(name))) is not None), None)


def _text(said: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := text(said.get(name)))), None)


def _lines(said: Mapping[str, Any], measures: Measures) -> list[Mapping[str, Any]]:
    listed = next((said[name] for name in measures.products if isinstance(said.get(name), list)), [])
    return [line for line in listed if isinstance(line, dict)]


def _total(said: Mapping[str, Any], measures: Measures) -> float:
    """What the order says it came to, else the sum of its products."""
    total = _number(said, measures.total)
    if total is not None:
        return total
    return sum((_number(line, ("price",)) or 0.0) * _pieces(line) for line in _lines(said, measures))


def _pieces(line: Mapping[str, Any]) -> float:
    pieces = _number(line, ("quantity",))
    return 1.0 if pieces is None else pieces


def _categories(said: Mapping[str, Any], measures: Measures) -> list[tuple[str, float]]:
    """Each category named with its pieces: those of the products, else the event's own."""
    lines = _lines(said, measures) or [said]
    return [(name[:200], _pieces(line)) for line in lines if (name := _text(line, measures.category))]


def _count(known: dict[str, tuple[float, int]], named: Iterable[tuple[str, float]], at_ms: int) -> None:
    for name, pieces in named:
        known[name] = (known.get(name, (0.0, 0))[0] + pieces, at_ms)


def _favourite(known: Mapping[str, tuple[float, int]]) -> str | None:
    """The category with the most pieces; among equals the latest, then the last by name."""
    return max(known, key=lambda name: (*known[name], name), default=None)
