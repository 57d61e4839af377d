"""What the official validator of MJML would say of a letter, by line and column: our engine overlooks all of it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .issues import Issue
from .protect import ATTRIBUTE, JINJA, MARKUP, VOID, place

TABLES = Path(__file__).parent.parent.parent / "assets" / "mjml" / "elements.json"  # scripts/mjml_elements.mjs makes it
EVERYWHERE = {"css-class", "mj-class"}
OF_THE_LETTER = {"lang", "dir", "owa", "version", "xmlns"}  # on <mjml> itself
ANY = {"mj-all", "mj-class"}  # stand for elements of every kind
FILLED = "\ue000"  # stands where Jinja stood
SIMPLE = {
    "boolean": (re.compile(r"(true|false)\Z"), "true or false"),
    "integer": (re.compile(r"\d+\Z"), "a whole number"),
    "color": (re.compile(r"(#([0-9a-f]{3}){1,2}|rgba?\([\d.,\s%]+\)|[a-z]+)\Z", re.I), "a colour, like #2f6b4f"),
}
KIND = re.compile(r"(enum|unit|unitWithNegative)\(([^)]*)\)(?:\{1,(\d)\})?")


def broken_rules(mjml: str) -> list[Issue]:
    """Elements in places where they mean nothing, attributes that nobody knows, and values they cannot have."""
    text = JINJA.sub(lambda tag: re.sub(r"[^\n]", FILLED, tag[0]), mjml)
    issues: list[Issue] = []
    stack: list[str] = []
    for match in MARKUP.finditer(text):
        if match["close"] and stack and stack[-1] == match["close"].lower():
            stack.pop()
        elif match["open"]:
            name, parent = match["open"].lower(), stack[-1] if stack else ""
            if name in elements() or name in ANY:
                issues += [Issue(*place(text, match.start()), sentence) for sentence in _faults(name, parent, match)]
            if name not in VOID and not match["attributes"].rstrip().endswith("/"):
                stack.append(name)
    return issues


@cache
def elements() -> dict[str, dict[str, Any]]:
    """The official tables: each element's attributes with their kinds, and what may stand in it."""
    return json.loads(TABLES.read_text("utf-8"))


def _faults(name: str, parent: str, match: re.Match[str]) -> Iterator[str]:
    may_hold = elements().get(parent, {}).get("children")
    if may_hold is not None and name not in may_hold:
        places = [f"<{other}>" for other, about in elements().items() if name in (about["children"] or ())]
        yield f"<{name}> means nothing in <{parent}>: it stands in {' or '.join(places)}."
    if name in ANY:
        return
    known = elements()[name]["attributes"]
    for attribute, _, quoted in ATTRIBUTE.findall(match["attributes"]):
        value = quoted[1:-1]
        if attribute in known:
            wanted = _wanted(known[attribute], value)
            if wanted and FILLED not in value:
                yield f"“{attribute}” of <{name}> cannot be “{value}”: it is {wanted}."
        elif attribute not in (EVERYWHERE | OF_THE_LETTER if name == "mjml" else EVERYWHERE):
            near = difflib.get_close_matches(attribute, known, n=1)
            yield f"<{name}> has no “{attribute}”" + (f": did you mean “{near[0]}”?" if near else ": take it out.")


def _wanted(kind: str, value: str) -> str:
    """What a value has to be, when it is not that."""
    if kind in SIMPLE:
        pattern, wanted = SIMPLE[kind]
        return "" if pattern.match(value.strip()) else wanted
    found = KIND.match(kind)
    if found is None:
        return ""
    choices = found[2].split(",")
    if found[1] == "enum":
        return "" if value in choices else "one of " + ", ".join(choice for choice in choices if choice)
    sign = "-?" if found[1] == "unitWithNegative" else ""
    lengths = [re.escape(unit) if unit == "auto" else rf"{sign}\d*\.?\d+{re.escape(unit)}" for unit in choices]
    one = re.compile(rf"({'|'.join(lengths)}|0)\Z")
    parts = value.split()
    if 1 <= len(parts) <= int(found[3] or 1) and all(one.match(part) for part in parts):
        return ""
    return "a length in " + " or ".join(unit for unit in choices if unit)
