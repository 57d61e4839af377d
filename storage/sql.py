"""Pieces of SQL with their parameters, put together without ever writing a value into the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with ``?`` marks, and what stands for them."""

    text: str
    params: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


def sql(template: str, *parts: Sql | Any) -> Sql:
    """``{}`` in the template takes the parts in order: a piece as it is, anything else as a parameter."""
    pieces = template.split("{}")
    assert len(pieces) == len(parts) + 1, template
    text, params = [pieces[0]], []
    for part, after in zip(parts, pieces[1:], strict=True):
        if isinstance(part, Sql):
            text.append(part.text)
            params.extend(part.params)
        else:
            text.append("?")
            params.append(part)
        text.append(after)
    return Sql("".join(text), tuple(params))


def joined(word: str, parts: Iterable[Sql]) -> Sql:
    """The pieces in brackets with a word between them."""
    kept = list(parts)
    return Sql("(" + f" {word} ".join(part.text for part in kept) + ")", tuple(p for part in kept for p in part.params))


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")


def holding(text: str) -> str:
    """A pattern for ``LIKE ? ESCAPE '\\'`` that means: this text stands in it somewhere."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
