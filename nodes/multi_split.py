"""Several ways: each contact takes the first whose rule they meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from .evidence import evidence
from .node import Face, Node, NodeSettings, Port
from .rule import Rule
from .slug import Slug, is_slug
from .step import Answers, Batch, Go, Need

ELSE = "else"
_EVERYONE_ELSE = Port(ELSE, "Everyone else")


class Path(NodeSettings):
    name: Slug = Field(description="Name of the way out.")
    rule: Rule = Field(description="Who takes it, unless an earlier path took them.")


class MultiSplitSettings(NodeSettings):
    paths: tuple[Path, ...] = Field(
        min_length=1,
        max_length=50,
        description="The paths, asked in this order; whoever meets none takes “Everyone else”.",
    )

    @field_validator("paths")
    @classmethod
    def names_differ(cls, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        names = [path.name for path in paths]
        if len({*names, ELSE}) != len(names) + 1:
            raise PydanticCustomError("paths", "need names that differ from each other, and none may be called else")
        return paths


class MultiSplit(Node):
    kind = "multi_split"
    face = Face("Multi split", "alt_route", "Logic", "Each person takes the first path whose rule they meet.")
    Settings = MultiSplitSettings
    example: ClassVar = {
        "paths": [
            {"name": "gold", "rule": {"property": "points", "op": "at_least", "value": 1000}},
            {"name": "new", "rule": {"property": "created_at", "op": "within_days", "value": 14}},
        ]
    }

    starter: ClassVar = {"paths": [{"name": "first", "rule": {}}]}

    @classmethod
    def sketched_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        paths = settings.get("paths")
        names = [str(path.get("name")) for path in paths if isinstance(path, dict)] if isinstance(paths, list) else []
        return (*(Port(name) for name in dict.fromkeys(names) if is_slug(name) and name != ELSE), _EVERYONE_ELSE)

    def step(self, batch: Batch) -> Answers:
        answers: Answers = []
        rest = batch.rows
        for path in self.settings.paths:
            chosen = path.rule.choose(batch, rest)
            if chosen:
                answers.append((Go(path.name), chosen))
                taken = set(chosen)
                rest = [row for row in rest if row not in taken]
        return [*answers, (Go(ELSE), rest)] if rest else answers

    def ports(self) -> tuple[Port, ...]:
        return (*(Port(path.name) for path in self.settings.paths), _EVERYONE_ELSE)

    def needs(self) -> tuple[Need, ...]:
        return tuple(dict.fromkeys(need for path in self.settings.paths for need in path.rule.needs()))

    def because(self, batch: Batch, row: int) -> str:
        """The paths up to the one they took."""
        said: list[str] = []
        for path in self.settings.paths:
            said.append(f"{path.name}: {evidence(path.rule, batch, row)}")
            if path.rule.choose(batch, [row]):
                break
        return "; ".join(said)

    def summary(self) -> str:
        return ", ".join(path.name for path in self.settings.paths)
