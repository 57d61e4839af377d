"""Write down something about a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .comparison import NAME
from .node import Face, Node, NodeSettings, Port
from .step import Answers, Batch, Do, SetProfile

Plain = str | int | float | bool
IDENTITY = frozenset({"id", "email", "phone", "external_id", "created_at"})


class UpdateSettings(NodeSettings):
    set: dict[str, Plain | tuple[Plain, ...]] = Field(
        default_factory=dict, max_length=100, title="Write", description="Properties to write, each with its value."
    )
    unset: tuple[str, ...] = Field((), max_length=100, title="Take away", description="Properties to take away.")

    @model_validator(mode="after")
    def names_make_sense(self) -> UpdateSettings:
        names = [*self.set, *self.unset]
        if not names:
            raise PydanticCustomError("update", "needs a property to write or to take away")
        for name in names:
            if name in IDENTITY:
                text = "cannot write “{name}”: it says who the contact is; only identify calls, imports and people do"
                raise PydanticCustomError("update", text, {"name": name})
            if not name or len(name) > NAME:
                raise PydanticCustomError("update", "has a property without a name, or with a far too long one")
        if len({*names}) != len(names):
            raise PydanticCustomError("update", "writes and takes away the same property; decide for one")
        return self


class Update(Node):
    kind = "update"
    face = Face("Update profile", "edit_note", "Actions", "Writes properties to the contact's profile.")
    Settings = UpdateSettings
    example: ClassVar = {"set": {"welcomed": True}, "unset": ["cart"]}

    def __init__(self, id: str, settings: Mapping[str, Any] | NodeSettings | None = None, title: str = "") -> None:
        super().__init__(id, settings, title)
        self._do = Do(SetProfile((*self.settings.set.items(), *((name, None) for name in self.settings.unset))))

    def step(self, batch: Batch) -> Answers:
        return [(self._do, batch.rows)]

    def ports(self) -> tuple[Port, ...]:
        return (Port("next", optional=True),)

    def summary(self) -> str:
        sets = [f"{name} = {value}" for name, value in self.settings.set.items()]
        return ", ".join([*sets, *(f"no {name}" for name in self.settings.unset)])
