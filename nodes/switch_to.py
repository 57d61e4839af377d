"""Take people out of other journeys, and bring them into another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .effects import Switch
from .node import Face, Node, NodeSettings, Port, Problem
from .slug import Slug
from .step import Answers, Batch, Do

if TYPE_CHECKING:
    from .graph import JourneyGraph


class SwitchToSettings(NodeSettings):
    leave: tuple[Slug, ...] = Field(
        (),
        max_length=100,
        title="Leave the journeys",
        description="Short names of journeys they leave.",
        json_schema_extra={"format": "journey"},
    )
    leave_classes: tuple[Literal["automation", "lifecycle", "promo"], ...] = Field(
        (),
        title="Leave all of a class",
        description="They leave every other journey of these classes.",
        json_schema_extra={
            "words": {"automation": "Automations", "lifecycle": "Lifecycle journeys", "promo": "Promotions"}
        },
    )
    enter: Slug | None = Field(
        None,
        title="Enter the journey",
        description="Short name of a journey they come into; its own rules on coming in again hold.",
        json_schema_extra={"format": "journey"},
    )

    @model_validator(mode="after")
    def does_something(self) -> SwitchToSettings:
        if not (self.leave or self.leave_classes or self.enter):
            raise PydanticCustomError("switch", "needs a journey to leave or to enter, or a class to leave")
        if self.enter in self.leave:
            raise PydanticCustomError("switch", "leaves and enters the same journey; decide for one")
        return self


class SwitchTo(Node):
    kind = "switch_to"
    face = Face("Switch to", "swap_horiz", "Actions", "People leave other journeys here, and may enter another one.")
    Settings = SwitchToSettings
    example: ClassVar = {"leave_classes": ["promo"], "enter": "post-purchase"}

    def __init__(self, id: str, settings: Mapping[str, Any] | NodeSettings | None = None, title: str = "") -> None:
        super().__init__(id, settings, title)
        s = self.settings
        self._do = Do(Switch(s.leave, s.leave_classes, s.enter))

    def step(self, batch: Batch) -> Answers:
        return [(self._do, batch.rows)]

    def ports(self) -> tuple[Port, ...]:
        return (Port("next", optional=True),)

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        own, s = graph.content.get("name"), self.settings
        if own and own == s.enter:
            return [Problem("leads into this very journey; use Jump to lead people back", self.id)]
        if own and own in s.leave:
            return [Problem("takes people out of this very journey; use Exit to end it for them", self.id)]
        return []

    def because(self, batch: Batch, row: int) -> str:
        return self.summary()

    def summary(self) -> str:
        s = self.settings
        left = [
            *s.leave,
            *(f"all {'promotions' if each == 'promo' else each + ' journeys'}" for each in s.leave_classes),
        ]
        said = [f"leave {', '.join(left)}"] if left else []
        return "; ".join([*said, f"enter {s.enter}"] if s.enter else said)
