"""Start when a person or a program says so."""

from __future__ import annotations

from typing import ClassVar

from .node import Face, OnCall
from .trigger import Trigger


class ApiTrigger(Trigger):
    kind = "trigger_api"
    face = Face("By hand or API", "touch_app", "Triggers", "People start when a colleague or another program says so.")
    example: ClassVar = {"reentry": "after", "reentry_days": 7}

    def entry(self) -> OnCall:
        return OnCall(self.settings.again())

    def summary(self) -> str:
        return "when called"
