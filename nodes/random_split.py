"""Chance decides, once and for all: the same contact takes the same way here every time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from .node import Face, Node, NodeSettings, Port
from .slug import Slug, is_slug
from .step import Answers, Batch, Go, rolls


class Variant(NodeSettings):
    name: Slug = Field(description="Name of the way out.")
    weight: float = Field(ge=0, le=100, description="Share of the people, in percent.")


class RandomSplitSettings(NodeSettings):
    variants: tuple[Variant, ...] = Field(
        (Variant(name="a", weight=50), Variant(name="b", weight=50)),
        min_length=2,
        max_length=50,
        title="Ways",
        description="The ways and their shares, which add up to 100.",
    )
    salt: str = Field(
        "", max_length=64, title="Deal anew", description="Another word here deals people out anew; empty is fine."
    )

    @field_validator("variants")
    @classmethod
    def variants_add_up(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if len({variant.name for variant in variants}) != len(variants):
            raise PydanticCustomError("variants", "need names that differ from each other")
        total = sum(variant.weight for variant in variants)
        if abs(total - 100) > 1e-6:
            raise PydanticCustomError("variants", "add up to {total} instead of 100", {"total": f"{total:g}"})
        return variants


class RandomSplit(Node):
    kind = "random_split"
    face = Face("Random split", "shuffle", "Logic", "Chance deals people out by shares; everyone keeps their way.")
    Settings = RandomSplitSettings
    example: ClassVar = {"variants": [{"name": "letter", "weight": 90}, {"name": "nothing", "weight": 10}]}

    starter: ClassVar = {"variants": [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}]}

    @classmethod
    def sketched_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        variants = settings.get("variants")
        names = (
            [str(each.get("name")) for each in variants if isinstance(each, dict)] if isinstance(variants, list) else []
        )
        return tuple(Port(name) for name in dict.fromkeys(names) if is_slug(name))

    def __init__(self, id: str, settings: Mapping[str, Any] | NodeSettings | None = None, title: str = "") -> None:
        super().__init__(id, settings, title)
        dealt = [variant for variant in self.settings.variants if variant.weight > 0]
        self._ways = [Go(variant.name) for variant in dealt]
        self._limits = list(accumulate(variant.weight / 100 for variant in dealt[:-1]))  # the last takes the rest

    def step(self, batch: Batch) -> Answers:
        limits, contact = self._limits, batch.contact
        dealt: list[list[int]] = [[] for _ in self._ways]
        numbers = rolls([contact[row] for row in batch.rows], self.id, self.settings.salt)
        for row, rolled in zip(batch.rows, numbers, strict=True):
            dealt[bisect_right(limits, rolled)].append(row)
        return [(way, rows) for way, rows in zip(self._ways, dealt, strict=True) if rows]

    def ports(self) -> tuple[Port, ...]:
        return tuple(Port(variant.name, f"{variant.name} {variant.weight:g} %") for variant in self.settings.variants)

    def because(self, batch: Batch, row: int) -> str:
        return f"chance dealt {100 * rolls([batch.contact[row]], self.id, self.settings.salt)[0]:.1f} of 100"

    def summary(self) -> str:
        return ", ".join(f"{variant.name} {variant.weight:g} %" for variant in self.settings.variants)
