"""Tests of what stands of somebody: a segment they are in, what they agreed to, a journey they went through."""

from __future__ import annotations

from typing import Any, ClassVar

from nicegui import ui

from ....nodes.standing import STATES
from .field import ABSENT
from .happened import SUBJECTS
from .line import Line
from .stretch import Stretch, unsaid
from .widget import field_props

INSIDE = {True: "is in the segment", False: "is not in the segment"}
CHANNELS = {"email": "e-mail", "sms": "SMS", "push": "push"}
STAYS = {
    ("entered", True): "came into the journey", ("entered", False): "did not come into the journey",
    ("inside", True): "is inside the journey", ("inside", False): "is not inside the journey",
    ("left", True): "left the journey", ("left", False): "did not leave the journey",
    ("converted", True): "reached the goal of", ("converted", False): "did not reach the goal of",
}  # fmt: skip


class SegmentLine(Line):
    """Whether they are in a segment."""

    key = "segment"
    asked = "Say which segment."
    subjects: ClassVar = {"segment": "The segment"}

    def draw(self) -> None:
        self.select("member", INSIDE, True, "Whether they are in it").classes("sj-form-wide")
        self.named("segment", "Segment", self._offer).input.classes("sj-form-wide")

    async def _offer(self) -> list[Any]:
        return [*await self.around.segments()]


class ConsentLine(Line):
    """What they said last about a topic."""

    key = "consent"
    asked = "Say which topic."
    subjects: ClassVar = {"consent": "The topic"}

    def draw(self) -> None:
        self.named("consent", "Consent to the topic", self._offer).input.classes("sj-form-wide")
        self.select("channel", CHANNELS, "email", "By which channel")
        self.select("state", STATES, "granted", "What they said last")

    async def _offer(self) -> list[Any]:
        return [*await self.around.topics()]


class JourneyLine(Line):
    """Whether they went through a journey, and when."""

    key = "journey"
    asked = "Say which journey."
    subjects: ClassVar = {**SUBJECTS, "journey": "The journey"}

    def draw(self) -> None:
        shown = {f"{was}:{did}": words for (was, did), words in STAYS.items()}
        self._stay = ui.select(shown, value=self._now(), on_change=lambda e: self._choose(e.value))
        field_props(self._stay, "was", self.around.readonly).props('options-dense aria-label="What they did there"')
        self._stay.classes("sj-form-wide")
        self.named("journey", "Journey", self._offer).input.classes("sj-form-wide")
        with ui.element("div").classes("sj-form-wide") as self._when:
            self._stretch = Stretch(self)
        for name in ("was", "did"):
            self.follow(name, lambda _value: self._fit())
        self._fit()

    def waiting(self) -> list[str]:
        return [*super().waiting(), *unsaid(self.test)]

    def _now(self) -> str:
        return f"{self.test.get('was', 'entered')}:{self.test.get('did', True)}"

    def _choose(self, chosen: str | None) -> None:
        if chosen is None or chosen == self._now():
            return
        was, _, did = chosen.partition(":")
        fresh: dict[str, Any] = {
            "was": ABSENT if was == "entered" else was, "did": ABSENT if did == "True" else False,
        }  # fmt: skip
        if was == "inside":
            fresh |= dict.fromkeys(("days", "to_days", "between"), ABSENT)
        self.put(fresh)
        self._stretch.show()
        self._fit()

    def _fit(self) -> None:
        self._stay.set_value(self._now())
        self._when.visible = self.test.get("was") != "inside"

    async def _offer(self) -> list[Any]:
        return [*await self.around.journeys()]
