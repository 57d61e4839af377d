"""The filters and tests a letter may use: Jinja's harmless ones, and a few of our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import Undefined, pass_eval_context
from jinja2.filters import do_replace, do_round, sync_do_join
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

LONGEST = 65_536  # characters or items of anything a letter computes
BUILT_IN = """
abs capitalize count d default e escape first float forceescape int items last length list lower max min rejectattr
reverse selectattr sort string striptags title trim truncate unique upper urlencode wordcount
""".split()  # noqa: SIM905
TESTS = """
boolean defined divisibleby eq equalto even false float ge greaterthan gt in integer iterable le lessthan lower lt
mapping ne none number odd sequence string true undefined upper == != < <= > >=
""".split()  # noqa: SIM905
GOOD_URL = re.compile(r"^(https?://[^/\\]|mailto:|tel:)", re.I)
PLAIN_URL = re.compile(r"https?://[!-.0-\[\]-~][!-~]*\Z", re.I).match  # as nearly all are
CSS = re.compile(r"^[#\w .,%()+-]*$")
DATE = re.compile(r"^(?:%[aAbBdHIjmMpSyYZ%]|%-?[deHIm]|[^%]){1,64}$")
CONTROL = re.compile(r"[\x00-\x20\x7f]+")
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}


class TooMuch(Exception):
    """The letter computes something too large."""


class Whole(str):
    """A value that is written as JSON already, with its quotation marks."""

    __slots__ = ()


def money(value: Any, currency: str = "") -> str:
    """1234.5 as 1,234.50, with the sign of the currency."""
    try:
        amount = f"{float(value):,.2f}"
    except (TypeError, ValueError, OverflowError):
        return str(value)
    sign = SYMBOLS.get(str(currency).upper())
    return f"{sign}{amount}" if sign else f"{amount} {currency}".strip()


def number(value: Any, digits: int = 0) -> str:
    """1234.5 as 1,234 (or with so many digits)."""
    try:
        return f"{float(value):,.{min(max(int(digits), 0), 10)}f}"
    except (TypeError, ValueError, OverflowError):
        return str(value)


def date(value: Any, form: str = "%d %B %Y") -> str:
    """A moment (ISO text, or milliseconds since 1970) as a date in UTC, or as its offset says."""
    if isinstance(value, Undefined) or value in (None, ""):
        return str(value or "")
    if not DATE.match(str(form)):
        raise TooMuch(f"{form!r} is not a form of date: use %d %m %Y %B %A %H %M.")
    try:
        if isinstance(value, int | float):
            moment = datetime.fromtimestamp(value / 1000, UTC)
        else:
            moment = datetime.fromisoformat(str(value))
        return moment.strftime(str(form))
    except (ValueError, OverflowError, OSError):
        return str(value)


def _join(context: EvalContext, value: Any, between: str = "", attribute: str | int | None = None) -> str:
    items = ["" if item is None else item for item in value] if not isinstance(value, Undefined) else []
    if len(items) * (len(str(between)) + 1) + sum(len(item) for item in items if isinstance(item, str)) > LONGEST:
        raise TooMuch(TooMuch.__doc__)
    return sync_do_join(context, items, str(between), attribute)


def _replace(context: EvalContext, value: Any, old: Any, new: Any, count: int | None = None) -> str:
    text, old, new = str(value), str(old), str(new)
    if len(text) + (text.count(old) if old else len(text) + 1) * len(new) > LONGEST:
        raise TooMuch(TooMuch.__doc__)
    return do_replace(context, value if isinstance(value, str) else text, old, new, count)


def _round(value: Any, precision: int = 0, method: Any = "common") -> float:
    return do_round(float(value), min(max(int(precision), 0), 10), method)


def _sum(items: Any, attribute: str | None = None) -> float:
    total: float = 0
    for item in items:
        one = item.get(attribute) if attribute is not None and isinstance(item, Mapping) else item
        total += one if isinstance(one, int | float) else 0
    return total


def _map(items: Any, attribute: str) -> list[Any]:
    return [item.get(attribute) for item in items if isinstance(item, Mapping)]


def _json(value: Any) -> Whole:
    """A value as JSON: a text with its quotation marks, null for what is not known."""
    if isinstance(value, Undefined):
        str(value)  # noted as missing
        value = None
    return Whole(orjson.dumps(value, default=str).decode())


def _nl2br(value: Any) -> Markup:
    return Markup("<br>").join(escape(line) for line in str(value).splitlines())


# ── values in addresses and styles ────────────────────────────────────────────────────────────────────


def plain_url(value: str) -> str:
    """The address if it is http, https, mailto or tel (or empty); otherwise ``#``."""
    if PLAIN_URL(value):
        return str(value)
    url = CONTROL.sub("", str(value)) if CONTROL.search(str(value)[:16]) else str(value).strip().replace(" ", "%20")
    if not url or url.startswith("#"):
        return url
    return url if GOOD_URL.match(url) and not CONTROL.search(url) else "#"


def _source(value: Any) -> Markup:
    return escape(plain_url(unescape(str(value))))


def _url_part(value: Any) -> str:
    return quote(str(value), safe="/:?=#,;~-._%@")


def _css(value: Any) -> str:
    text = str(value)
    return text if CSS.match(text) and "expression" not in text.lower() and "url(" not in text.lower() else ""


def _css_url(value: Any) -> str:
    url = plain_url(str(value))
    return quote(url, safe="/:?=#,;~-._%@&+!$*")


OURS: dict[str, Callable[..., Any]] = {
    "money": money,
    "number": number,
    "date": date,
    "join": pass_eval_context(_join),
    "replace": pass_eval_context(_replace),
    "round": _round,
    "sum": _sum,
    "map": _map,
    "nl2br": _nl2br,
    "json": _json,
    "_source": _source,
    "_url_part": _url_part,
    "_css": _css,
    "_css_url": _css_url,
}
