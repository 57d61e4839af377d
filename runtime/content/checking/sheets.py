"""Style sheets as letters have them: rules with simple selectors, some of them for phones or for the dark alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .tree import Element

COMMENT = re.compile(r"/\*.*?\*/", re.S)
SIMPLE = re.compile(r"(?P<tag>^[a-z][\w-]*|\*)?(?P<rest>(?:[.#][\w-]+|\[[^\]]*\])*)$", re.I)
PIECE = re.compile(r"([.#])([\w-]+)|\[\s*([\w-]+)(?:\s*[~^$*|]?=\s*[\"']?([^\"'\]]*)[\"']?)?\s*\]")
WIDTH = re.compile(r"(min|max)-width\s*:\s*([\d.]+)px")
MOST = 4_000  # rules looked at


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule counts: in the dark, and from which width of the window to which."""

    dark: bool = False
    light: bool = False
    least: float = 0
    most: float = 1e9
    never: bool = False

    def holds(self, dark: bool, width: float) -> bool:
        """Whether it does."""
        return not self.never and self.least <= width <= self.most and not (self.light if dark else self.dark)


ALWAYS = Condition()
Simple = tuple[str, tuple[tuple[str, str, str], ...]]  # tag, and (kind, name, value) of what else is asked


@dataclass(frozen=True, slots=True)
class Rule:
    """``selector`` from the outside in; ``weight`` orders rules that say the same thing."""

    selector: tuple[Simple, ...]
    said: Mapping[str, tuple[str, bool]]  # property → value, and whether it is important
    condition: Condition
    weight: tuple[int, int, int, int]

    def fits(self, element: Element) -> bool:
        """Whether the element is meant."""
        if not _is(element, self.selector[-1]):
            return False
        left = list(self.selector[:-1])
        for outer in element.above():
            if not left:
                return True
            if outer is not element and _is(outer, left[-1]):
                left.pop()
        return not left


def declarations(text: str) -> dict[str, tuple[str, bool]]:
    """``property: value`` pairs; the value, and whether it is important."""
    said: dict[str, tuple[str, bool]] = {}
    for part in re.split(r";(?![^(]*\))", text):
        name, colon, value = part.partition(":")
        if colon and name.strip():
            plain = value.replace("!important", "").strip()
            said[name.strip().lower()] = (plain, "!important" in value)
    return said


def rules(sheet: str) -> list[Rule]:
    """The rules of a sheet; selectors of a kind that letters have no use for are left out."""
    found: list[Rule] = []
    for number, (selectors, body, condition) in enumerate(_blocks(COMMENT.sub("", sheet), ALWAYS)):
        if number >= MOST:
            break
        said = declarations(body)
        for selector in selectors.split(","):
            if (parts := _selector(selector)) is not None and said:
                ids = sum(kind == "#" for _, rest in parts for kind, _, _ in rest)
                names = sum(kind != "#" for _, rest in parts for kind, _, _ in rest)
                found.append(Rule(parts, said, condition, (ids, names, sum(bool(tag) for tag, _ in parts), number)))
    return found


def _blocks(sheet: str, condition: Condition) -> Iterator[tuple[str, str, Condition]]:
    at = 0
    while (opened := sheet.find("{", at)) >= 0:
        head, depth, end = sheet[at:opened].rpartition(";")[2].strip(), 1, opened + 1
        while end < len(sheet) and depth:
            depth += {"{": 1, "}": -1}.get(sheet[end], 0)
            end += 1
        body, at = sheet[opened + 1 : end - 1], end
        if head.startswith("@media"):
            yield from _blocks(body, _within(head.lower(), condition))
        elif not head.startswith("@"):
            yield head, body, condition


def _within(head: str, outer: Condition) -> Condition:
    least, most = outer.least, outer.most
    for kind, number in WIDTH.findall(head):
        least, most = (max(least, float(number)), most) if kind == "min" else (least, min(most, float(number)))
    scheme = re.search(r"prefers-color-scheme\s*:\s*(dark|light)", head)
    return Condition(
        outer.dark or (scheme is not None and scheme[1] == "dark"),
        outer.light or (scheme is not None and scheme[1] == "light"),
        least, most, outer.never or bool(re.search(r"\bprint\b", head)),
    )  # fmt: skip


def _selector(text: str) -> tuple[Simple, ...] | None:
    parts: list[Simple] = []
    for word in text.replace(">", " ").split():
        fitted = SIMPLE.match(word)
        if fitted is None:
            return None  # states such as :hover, which nobody sees at first
        rest = [
            (mark, name, "") if mark else ("[", attribute.lower(), value)
            for mark, name, attribute, value in PIECE.findall(fitted["rest"] or "")
        ]
        parts.append(((fitted["tag"] or "").lower().replace("*", ""), tuple(rest)))
    return tuple(parts) or None


def _is(element: Element, simple: Simple) -> bool:
    tag, rest = simple
    if tag and tag != element.tag:
        return False
    for kind, name, value in rest:
        if kind == "." and name not in element.classes:
            return False
        if kind == "#" and element.attributes.get("id") != name:
            return False
        if kind == "[" and (name not in element.attributes or (value and value not in element.attributes[name])):
            return False
    return True
