"""The end of a path, with a reason."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .node import Face, Node, NodeSettings, Port
from .slug import Slug
from .step import Answers, Batch, Leave


class ExitSettings(NodeSettings):
    reason: Slug = Field("done", description="A word the funnel groups by, such as done or not-interested.")


class Exit(Node):
    kind = "exit"
    face = Face("Exit", "logout", "Logic", "The journey ends here.")
    Settings = ExitSettings
    example: ClassVar = {"reason": "not-interested"}

    def step(self, batch: Batch) -> Answers:
        return [(Leave(self.settings.reason), batch.rows)]

    def ports(self) -> tuple[Port, ...]:
        return ()

    def summary(self) -> str:
        return self.settings.reason
