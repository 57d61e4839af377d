"""The name of an event, a property or a segment, completed from what there is."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from .around import Option
from .completing import Completing
from .field import ABSENT, Field
from .text import mark
from .widget import Single


class Named(Single):
    """Completes from `offer`."""

    def build(self, value: Any) -> None:
        with self.block(help=self.field.help):
            self.input = Completing(
                self.field.label,
                _text(value),
                self.offer,
                lambda written: self.take(written or (None if self.field.optional else ABSENT)),
                name=self.field.name,
                readonly=self.around.readonly,
            )

    def place(self, value: Any) -> None:
        self.input.place(_text(value))

    def complain(self, faults: list[Any]) -> None:
        super().complain(faults)
        mark(self.input.input, faults, self.touched)

    @abstractmethod
    async def offer(self) -> list[Option]:
        """What may stand here."""


class EventName(Named):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is str and field.format == "event"

    async def offer(self) -> list[Option]:
        return [*await self.around.events()]


class PropertyName(Named):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is str and field.format == "property"

    async def offer(self) -> list[Option]:
        return await property_options(self.around, self.around.subject())


class SegmentName(Named):
    @classmethod
    def fits(cls, field: Field) -> bool:
        return field.annotation is str and field.format == "segment"

    async def offer(self) -> list[Option]:
        return [*await self.around.segments()]


async def property_options(around: Any, subject: str | None) -> list[Option]:
    """The properties seen of an event, or of contacts, each with a few of its values."""
    return [Option(seen.name, seen.note) for seen in await around.properties(subject)]


def _text(value: Any) -> str:
    return "" if value in (None, ABSENT) else str(value)
