"""How long things are kept: the owner's rules, what they would take away today, and the sweep that carries them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...storage import retention as rows
from ...storage import settings, users
from ...storage.database import Database, Tx

DAY_MS = 86_400_000
KEPT = "retention"  # the setting: days by rule
SPAN = 20_000  # rows looked at in one snapshot
PEOPLE = 500  # people changed in one transaction
SHORTEST, LONGEST = 1, 36_500  # days


class NoSuchRule(Exception):
    """Days go from 1 to 36500, or 0 for ever, for one of the rules that `sojourn retention show` lists."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is kept for so many days; 0 is for ever. ``table`` None is people."""

    key: str
    title: str
    sentence: str
    days: int
    table: str | None


RULES = (
    Rule(
        "silent",
        "People who are silent",
        "Whoever did, opened and clicked nothing for so long is made anonymous: names and details go, counts stay.",
        0,
        None,
    ),
    Rule("events", "What people did", "Older events are deleted; what is worked out of them follows.", 0, "events"),
    Rule("decisions", "Reasons of sends", "Older reasons why a message went or did not are deleted.", 0, "decisions"),
    Rule("rejections", "Refused events", "What was refused at the door, with a sample of it.", 90, "rejections"),
    Rule("audit", "Who did what here", "The trail of what people changed in this instance.", 0, "audit_entries"),
)


def rules(tx: Tx) -> dict[str, int]:
    """Days by rule, as they stand now."""
    chosen = settings.fetch(tx, KEPT) or {}
    return {rule.key: int(chosen.get(rule.key, rule.days)) for rule in RULES}


def keep(tx: Tx, days: Mapping[str, int], actor: str, now_ms: int) -> None:
    """Change rules; raises `NoSuchRule`."""
    known = rules(tx)
    for key, value in days.items():
        if key not in known or not (value == 0 or SHORTEST <= value <= LONGEST):
            raise NoSuchRule(NoSuchRule.__doc__)
    settings.store(tx, KEPT, {**known, **days})
    users.note(tx, actor, "retention", "", now_ms, dict(days))


def would_go(db: Database, days: Mapping[str, int], now_ms: int) -> dict[str, int]:
    """How many rows or people each rule would take today; nothing is changed."""
    return {rule.key: sum(len(page) for page in _pages(db, rule, days[rule.key], now_ms)) for rule in RULES}


def sweep(
    db: Database, days: Mapping[str, int], now_ms: int, go_on: Callable[[], bool] = lambda: True
) -> dict[str, int]:
    """Carry the rules out, page by page; what is cut short goes on with the next call. Returns what went, by rule."""
    gone = dict.fromkeys(days, 0)
    for rule in RULES:
        for page in _pages(db, rule, days[rule.key], now_ms):
            for start in range(0, len(page), PEOPLE):
                part = page[start : start + PEOPLE]
                before = now_ms - days[rule.key] * DAY_MS
                gone[rule.key] += db.write(lambda tx, r=rule, p=part, b=before: _take(tx, r, p, b, now_ms))
            if not go_on():
                return gone
    return gone


def _take(tx: Tx, rule: Rule, page: list[int], before_ms: int, now_ms: int) -> int:
    """Returns how many it was: whoever came back since we looked stays."""
    if rule.table is not None:
        return rows.drop(tx, rule.table, page)
    still = rows.silent(tx, before_ms, page[0] - 1, page[-1] - page[0] + 1)
    rows.anonymise(tx, still, now_ms)
    return len(still)


def _pages(db: Database, rule: Rule, days: int, now_ms: int) -> Iterator[list[int]]:
    if not days:
        return
    before = now_ms - days * DAY_MS
    last = db.look(lambda tx: rows.highest(tx, rule.table or "contacts"))
    for after in range(0, last, SPAN):
        page = db.look(
            lambda tx, after=after: (
                rows.silent(tx, before, after, SPAN)
                if rule.table is None
                else rows.aged(tx, rule.table, before, after, SPAN)
            )
        )
        if page:
            yield page
