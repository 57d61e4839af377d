"""Reads YAML and JSON a stranger may have written: plain data with line numbers, or one sentence why not.

Values are read by the core schema of YAML 1.2 and keys are always texts. So ``no`` is a word and not false, ``22:00``
a time of day and not 1320, a date stays as it is written. Aliases, tags and repeated keys are refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

import orjson
import yaml

Place = tuple[str | int, ...]
LARGEST_BYTES = 2_000_000
DEEPEST = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableText(ValueError):
    """The text is no plain YAML or JSON; correct the line named."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line


def parse(text: str) -> tuple[Any, dict[Place, int]]:
    """The document, and the line (from 1) where each of its entries stands; JSON comes without lines."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise UnreadableText("The text holds half a character (a lone surrogate); save it as UTF-8.") from None
    if size > LARGEST_BYTES:
        raise UnreadableText(f"The text is larger than {LARGEST_BYTES // 1_000_000} MB; keep long letters in files.")
    document, lines = _json(text) if text.lstrip().startswith("{") else None, {}
    if document is None:
        document, lines = _yaml(text)
    try:
        orjson.dumps(document)
    except TypeError as error:
        raise UnreadableText(f"The text cannot be kept as JSON ({error}).") from None
    return document, lines


# ── YAML ──────────────────────────────────────────────────────────────────────────────────────────────


def _yaml(text: str) -> tuple[Any, dict[Place, int]]:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UnreadableText(f"This is no YAML: {error.problem or 'something is missing'}.", line) from None
    except yaml.YAMLError:
        raise UnreadableText("The text holds a character that YAML does not allow, such as NUL.") from None
    return builder.document, builder.lines


@dataclass(slots=True)
class _Open:
    """A container that has begun and not ended yet."""

    container: dict[str, Any] | list[Any]
    key: str | int = 0  # of the entry read last
    wants_key: bool = False


class _Builder:
    """Builds the document from the parser's events: without recursion, and refusing on the way."""

    def __init__(self) -> None:
        self.document: Any = None
        self.lines: dict[Place, int] = {}
        self._stack: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise UnreadableText("One file holds one document; a second one starts here.", line)
        elif isinstance(event, yaml.AliasEvent):
            raise UnreadableText("References (*name) are not read; write the value out.", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            if getattr(event, "tag", None) is not None:
                raise UnreadableText("Tags (!name) are not read; write the plain value.", line)
            if self._stack and self._stack[-1].wants_key:
                self._key(event, line)
            else:
                self._value(event, line)

    def _key(self, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableText("A list or a mapping cannot be a name.", line)
        top = self._stack[-1]
        if event.value in top.container:
            raise UnreadableText(f"{event.value} stands here for the second time; keep one.", line)
        top.key, top.wants_key = event.value, False
        self._note(line)

    def _value(self, event: yaml.NodeEvent, line: int) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._put(scalar(event.value) if event.implicit[0] else event.value, line)
            return
        container: dict[str, Any] | list[Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(container, line)
        if len(self._stack) == DEEPEST:
            raise UnreadableText(f"This is nested deeper than {DEEPEST} levels.", line)
        self._stack.append(_Open(container, wants_key=isinstance(container, dict)))

    def _put(self, value: Any, line: int) -> None:
        if not self._stack:
            self.document = value
            return
        top = self._stack[-1]
        if isinstance(top.container, dict):
            top.container[str(top.key)] = value
            top.wants_key = True
        else:
            top.key = len(top.container)
            top.container.append(value)
            self._note(line)

    def _note(self, line: int) -> None:
        self.lines[tuple(each.key for each in self._stack)] = line


def scalar(written: str) -> Any:
    """The value of an unquoted word: null, true, false, a number that JSON can keep, else the text itself."""
    if written in _WORDS:
        return _WORDS[written]
    if _INTEGER.fullmatch(written):
        number = int(written)
        return number if -(2**63) <= number < 2**64 else written
    if _FLOAT.fullmatch(written):
        read = float(written)
        return read if isfinite(read) else written
    return written


_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,19})")  # not 007: a post code is no number
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,300})\.[0-9]{1,300}([eE][+-]?[0-9]{1,3})?")


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────


def _json(text: str) -> Any:
    """The document, or None where the text is no JSON: a YAML document may begin with a brace as well."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_int=scalar, parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError:
        return None
    except RecursionError:
        raise UnreadableText(f"This is nested deeper than {DEEPEST} levels.") from None


def _finite(written: str) -> float:
    if not isfinite(float(written)):
        raise UnreadableText(f"{written} is no number that can be kept; write a smaller one.")
    return float(written)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableText(f"{twice} stands twice in one place; keep one.")
    return found


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


class _Dumper(yaml.SafeDumper):
    """Quotes texts that YAML 1.1 or 1.2 would take for something else; long texts are blocks, short lists lines."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        style = '"' if _LINE_ENDS.search(data) else "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    def items(self, data: list[Any]) -> yaml.SequenceNode:
        short = not any(isinstance(each, dict | list) for each in data) and len(str(data)) <= 80
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=short)


_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")  # YAML folds these like a new line wherever they are not escaped
_Dumper.add_representer(str, _Dumper.text)
_Dumper.add_representer(list, _Dumper.items)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-0123456789"))


def dump(document: Any) -> str:
    """The document as YAML in the order it has; `parse` gives the same document back."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000)
