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
    """What somebody did, oldest first. ``bought`` and ``looked`` are the properties of orders and of views."""

    came_ms: int
    seen: list[int] = field(default_factory=list)
    points: dict[int, float] = field(default_factory=dict)  # by day, for the engagement score
    orders: list[tuple[int, float]] = field(default_factory=list)
    order_totals: dict[str, float] = field(default_factory=dict)
    refunds: list[tuple[float | None, str | None]] = field(default_factory=list)  # amount, or the order given back
    bought: list[tuple[int, Any]] = field(default_factory=list)
    looked: list[tuple[int, Any]] = field(default_factory=list)

    def ordered(self, at_ms: int, said: Any, measures: Measures) -> None:
        """Take an order in."""
        total = total_of(said, measures)
        self.orders.append((at_ms, total))
        self.bought.append((at_ms, said))
        if order := _text(said, measures.order_id):
            self.order_totals[order] = total

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

    def favourite(self, measures: Measures) -> str | None:
        """The category with the most pieces bought, else looked at; among equals the latest, then the last by name.

        Views are many and only read when nothing bought has a category.
        """
        for told in (self.bought, self.looked):
            known: dict[str, tuple[float, int]] = {}
            for at_ms, said in told:
                for name, pieces in _categories(load(said), measures):
                    known[name] = (known.get(name, (0.0, 0))[0] + pieces, at_ms)
            if known:
                return max(known, key=lambda name: (*known[name], name))
        return None


@dataclass(frozen=True, slots=True)
class _Role:
    """What an event of one name is."""

    life: bool
    order: bool
    refund: bool
    view: bool


def histories(
    living: Mapping[int, int], events: Iterable[Sequence[Any]], letters: Iterable[Sequence[Any]], measures: Measures
) -> dict[int, History]:
    """The history of each living contact (id → when they came)."""
    found = {contact: History(came_ms) for contact, came_ms in living.items()}
    roles: dict[str, _Role] = {}
    for contact, name, at_ms, properties in events:
        history = found.get(contact)
        if history is None:
            continue
        role = roles.get(name) or roles.setdefault(name, _role(name, measures))
        if role.life:
            history.seen.append(at_ms)
            history.points[at_ms // DAY_MS] = scores.VISIT
        if role.order or role.refund:
            said = load(properties)
            if role.order:
                history.ordered(at_ms, said, measures)
            if role.refund:
                history.refunds.append((_number(said, measures.refund), _text(said, measures.order_id)))
        if role.view:
            history.looked.append((at_ms, properties))
    for contact, opened_ms, clicked_ms in letters:
        if contact in found:
            found[contact].read(opened_ms, clicked_ms)
    for history in found.values():
        history.seen.sort()
    return found


def _role(name: str, measures: Measures) -> _Role:
    return _Role(measures.is_life(name), name in measures.purchases, name in measures.refunds, name in measures.views)


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
        "favourite_category": history.favourite(measures),
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
    for name in names:
        value = number(said.get(name))
        if value is not None:
            return float(value)
    return None


def _text(said: Mapping[str, Any], names: Sequence[str]) -> str | None:
    for name in names:
        value = text(said.get(name))
        if value:
            return value
    return None


def _lines(said: Mapping[str, Any], measures: Measures) -> list[Mapping[str, Any]]:
    for name in measures.products:
        listed = said.get(name)
        if isinstance(listed, list):
            return [line for line in listed if isinstance(line, dict)]
    return []


def total_of(said: Mapping[str, Any], measures: Measures) -> float:
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
    lines = _lines(said, measures) or (said,)
    return [(name[:200], _pieces(line)) for line in lines if (name := _text(line, measures.category))]
