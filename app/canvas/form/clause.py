"""A rule as a tree that can be edited: groups with their tests, there and back without loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ....nodes.complaints import Place
from ....nodes.rule import TESTS
from ....runtime.content.showing import TESTS as SHOWN

MODES = {"all": "All of these", "any": "Any of these", "none": "None of these", "not_all": "Not all of these"}
_INSIDE = {"all": ("all", False), "any": ("any", False), "none": ("any", True), "not_all": ("all", True)}
_MODE = {inside: mode for mode, inside in _INSIDE.items()}


@dataclass(eq=False)
class Test:
    """One test, as it stands in the rule; a ``fresh`` one is not written down while somebody begins to fill it in."""

    clause: dict[str, Any]
    fresh: bool = False

    @property
    def kind(self) -> str:
        """What it asks about, such as property or event; nothing for what cannot be read."""
        return next((kind for kind in (*TESTS, *SHOWN) if kind in self.clause), "")


@dataclass(eq=False)
class Group:
    """Several parts under one word. A ``bare`` one holds a single part and is not written down as a list."""

    mode: str = "all"
    parts: list[Group | Test] = field(default_factory=list)
    bare: bool = False

    def add(self, part: Group | Test) -> None:
        self.parts.append(part)

    def remove(self, part: Group | Test) -> None:
        """Take a part out, wherever it stands below; groups that become empty go with it."""
        for group in self.groups():
            if any(each is part for each in group.parts):
                group.parts = [each for each in group.parts if each is not part]
        self._sweep()

    def move(self, part: Group | Test, by: int) -> None:
        """Up or down among its neighbours."""
        parts = self.parent(part).parts
        at = _at(parts, part)
        to = min(max(at + by, 0), len(parts) - 1)
        parts.insert(to, parts.pop(at))

    def indent(self, part: Group | Test) -> None:
        """Into a group of its own, of the other sort, so that the rule can grow there."""
        parent = self.parent(part)
        mode = "any" if parent.mode in ("all", "not_all") else "all"
        parent.parts[_at(parent.parts, part)] = Group(mode, [part])

    def outdent(self, part: Group | Test) -> None:
        """Out of its group, to stand behind it."""
        parent = self.parent(part)
        if parent is self:
            return
        above = self.parent(parent)
        parent.parts = [each for each in parent.parts if each is not part]
        above.parts.insert(_at(above.parts, parent) + 1, part)
        self._sweep()

    def parent(self, part: Group | Test) -> Group:
        """The group a part stands in."""
        return next(group for group in self.groups() if any(each is part for each in group.parts))

    def groups(self) -> Iterator[Group]:
        """This one and all below."""
        yield self
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.groups()

    def written(self) -> dict[str, Any] | None:
        """The rule as it stands in settings; None when there is nothing in it."""
        kept = [part.clause if isinstance(part, Test) else part.written() for part in self._written_parts()]
        if not kept:
            return None
        word, negated = _INSIDE[self.mode]
        inner = kept[0] if self._is_bare() else {word: kept}
        return {"not": inner} if negated else inner

    def places(self, at: Place = ()) -> Iterator[tuple[Place, Test]]:
        """Where each test stands in what is written."""
        word, negated = _INSIDE[self.mode]
        at = (*at, "not") if negated else at
        for n, part in enumerate(self._written_parts()):
            inside = at if self._is_bare() else (*at, word, n)
            if isinstance(part, Test):
                yield inside, part
            else:
                yield from part.places(inside)

    def _written_parts(self) -> list[Group | Test]:
        return [
            part for part in self.parts if (not part.fresh if isinstance(part, Test) else part.written() is not None)
        ]

    def _is_bare(self) -> bool:
        return self.bare and len(self._written_parts()) == 1

    def _sweep(self) -> None:
        for part in self.parts:
            if isinstance(part, Group):
                part._sweep()
        self.parts = [part for part in self.parts if isinstance(part, Test) or part.parts]


def read(rule: Any) -> Group:
    """The tree of a rule; what it is made of is copied."""
    if not isinstance(rule, Mapping):
        return Group(bare=True)
    part = _part(rule)
    return part if isinstance(part, Group) else Group("all", [part], bare=True)


def shape(group: Group) -> Any:
    """What two rules share that differ only in values."""
    return (group.mode, [shape(part) if isinstance(part, Group) else part.kind for part in group.parts])


def _part(clause: Mapping[str, Any]) -> Group | Test:
    if len(clause) != 1:
        return Test(dict(clause))
    ((word, inside),) = clause.items()
    if word == "not" and isinstance(inside, Mapping):
        if len(inside) == 1 and isinstance(next(iter(inside.values())), list) and next(iter(inside)) in ("all", "any"):
            ((below, parts),) = inside.items()
            return _group(_MODE[below, True], parts)
        return Group("none", [_part(inside)], bare=True)
    if word in ("all", "any") and isinstance(inside, list):
        return _group(word, inside)
    return Test(dict(clause))


def _group(mode: str, parts: list[Any]) -> Group:
    return Group(mode, [_part(part) for part in parts if isinstance(part, Mapping)])


def _at(parts: list[Group | Test], part: Group | Test) -> int:
    return next(n for n, each in enumerate(parts) if each is part)
