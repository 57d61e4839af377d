"""Rules read word by word for one person held in plain Python: slow, and sharing nothing with what it checks."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

DAY = 86_400_000


@dataclass
class Person:
    """Everything that is known of somebody."""

    properties: dict[str, Any]
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    created_at: int = 0
    events: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)  # name, at, properties
    messages: list[tuple[str, int, set[str]]] = field(default_factory=list)  # channel, queued_at, what happened
    consents: list[tuple[str, str, str]] = field(default_factory=list)  # channel, topic, action, the oldest first
    stays: list[tuple[str, int, int | None, int | None]] = field(default_factory=list)  # journey, in, out, converted
    features: dict[str, Any] | None = None
    segments: set[str] = field(default_factory=set)


def meets(rule: dict[str, Any], person: Person, now: int) -> bool:
    """Whether the person meets the rule."""
    if "all" in rule:
        return all(meets(each, person, now) for each in rule["all"])
    if "any" in rule:
        return any(meets(each, person, now) for each in rule["any"])
    if "not" in rule:
        return not meets(rule["not"], person, now)
    if "property" in rule:
        known = {name: getattr(person, name) for name in ("email", "phone", "external_id", "created_at")}
        return value_meets(find(rule["property"], {**person.properties, **known}), rule, now)
    if "feature" in rule:
        return value_meets(feature(rule["feature"], person, now), rule, now)
    if "segment" in rule:
        return (rule["segment"] in person.segments) is rule.get("member", True)
    if "consent" in rule:
        wanted = (rule.get("channel", "email"), rule["consent"])
        said = [action for channel, topic, action in person.consents if (channel, topic) == wanted]
        return (said[-1] if said else "unknown") == rule.get("state", "granted")
    return happened(rule, person, now) is rule.get("did", True)


def happened(rule: dict[str, Any], person: Person, now: int) -> bool:
    if "journey" in rule:
        was = rule.get("was", "entered")
        stays = [stay for stay in person.stays if stay[0] == rule["journey"]]
        if was == "inside":
            return any(out is None for _, _, out, _ in stays)
        place = {"entered": 1, "left": 2, "converted": 3}[was]
        return any(isinstance(at := stay[place], int) and in_time(at, rule, now) for stay in stays)
    if "message" in rule:
        found = [
            queued
            for channel, queued, what in person.messages
            if rule["message"] in what and rule.get("channel") in (None, channel) and in_time(queued, rule, now)
        ]
        return enough(len(found), rule)
    events = [
        (at, properties)
        for name, at, properties in person.events
        if name == rule["event"]
        and in_time(at, rule, now)
        and all(value_meets(find(test["property"], properties), test, now) for test in rule.get("where", ()))
    ]
    if "sum" in rule:
        total = sum(ten_thousandths(find(rule["sum"], properties)) for _, properties in events) / 10_000
        return compare(total, rule.get("op", "at_least"), float(rule["value"]))
    return enough(len({at // DAY for at, _ in events}) if rule.get("on_days") else len(events), rule)


def in_time(at: int, rule: dict[str, Any], now: int) -> bool:
    if rule.get("between"):
        first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in rule["between"])
        return first.timestamp() * 1000 <= at < (last + timedelta(days=1)).timestamp() * 1000
    if rule.get("days") and at < now - int(rule["days"] * DAY):
        return False
    return not (rule.get("to_days") and at >= now - int(rule["to_days"] * DAY))


def enough(n: int, rule: dict[str, Any]) -> bool:
    times = rule.get("times", 1)
    return {"at_least": n >= times, "at_most": n <= times, "exactly": n == times}[rule.get("count", "at_least")]


def feature(name: str, person: Person, now: int) -> Any:
    known = person.features or {}
    if name in ("recency_days", "inactive_days"):
        moment = known.get("last_order_at") if name == "recency_days" else known.get("last_seen_at", person.created_at)
        return None if moment is None else (now - moment) / DAY
    return known.get(name)


def find(path: str, document: dict[str, Any]) -> Any:
    if path in document:
        return document[path]
    here: Any = document
    for name in path.split(".") if "." in path else [path]:
        here = here.get(name) if isinstance(here, dict) else None
    return here


# ── one value ─────────────────────────────────────────────────────────────────────────────────────────


def value_meets(value: Any, test: dict[str, Any], now: int) -> bool:
    op, wanted = test.get("op", "equals"), test.get("value")
    if op.startswith("not_"):
        return not value_meets(value, {**test, "op": op[4:]}, now)
    if op in ("exists", "missing"):
        return (value is not None) is (op == "exists")
    if op in ("before", "after"):
        at, limit = moment(value), moment(wanted)
        return at is not None and limit is not None and (at < limit if op == "before" else at > limit)
    if op == "within_days":
        at = moment(value)
        return at is not None and 0 <= now - at <= float(wanted or 0) * DAY
    if op == "equals":
        return equal(value, wanted)
    if op == "in":
        return any(equal(value, each) for each in (wanted if isinstance(wanted, list | tuple) else [wanted]))
    if op in ("more_than", "less_than", "at_least", "at_most"):
        left, right = number(value), number(wanted)
        return left is not None and right is not None and compare(left, op, right)
    if op == "contains" and isinstance(value, list):
        return any(equal(each, wanted) for each in value)
    whole, part = spelt(value), spelt(wanted)
    if op == "contains":
        return whole is not None and part is not None and part in whole
    if value is None:
        return False
    return (whole or "").startswith(part or "") if op == "starts_with" else (whole or "").endswith(part or "")


def compare(left: float, op: str, right: float) -> bool:
    return {
        "more_than": left > right,
        "less_than": left < right,
        "at_least": left >= right,
        "at_most": left <= right,
        "equals": left == right,
    }[op]


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict | list) or one is None or other is None:
        return False
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return spelt(one) == spelt(other)
    return number(one) is not None and number(one) == number(other)


def number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str):
        if len(value) > 40 or not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", value):
            return None
        value = int(value) if re.fullmatch("[+-]?[0-9]+", value) else float(value)
    return value if isinstance(value, float) or -(2**63) <= value < 2**63 else float(value)


def spelt(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and (value == 0 or 0.0001 <= abs(value) < 1e16):
        return str(abs(value) if value == 0 else value)
    return None


def moment(value: Any) -> int | None:
    if isinstance(value, str):
        day = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        clock = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
        if not re.fullmatch(rf"{day}([T ]{clock}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?", value):
            return None
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        read = read if read.tzinfo else read.replace(tzinfo=UTC)
        return (read - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    read = number(value) if not isinstance(value, str) else None
    if read is None:
        return None
    ms = math.trunc(read if abs(read) >= 1e11 else read * 1000)
    return ms if abs(ms) <= 10**15 else None


def ten_thousandths(value: Any) -> int:
    read = number(value)
    if read is None or abs(read) > 1e12:
        return 0
    return math.trunc(float(read) * 10_000 + (0.5 if read >= 0 else -0.5))
