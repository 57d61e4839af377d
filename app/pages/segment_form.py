"""A segment as a form: its rule, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from ...nodes.rule import Rule
from ...runtime.segments import KINDS
from ..canvas.asking import Asking
from ..canvas.form.around import Around
from ..canvas.form.fields import Fields
from ..canvas.form.form import faults
from ..frame import card, here


class Meant(BaseModel):
    """Who is meant."""

    rule: Rule = Field(title="They meet", description="Tests can stand in groups, of which all, any or none must hold.")


class About(BaseModel):
    """What people say about a segment."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(
        title="Name", description="What people call it."
    )
    kind: Literal["lifecycle", "rfm", "behavioural", "preference", "predictive"] = Field(
        "behavioural", description="What it is about, to find it by.", json_schema_extra={"words": dict(KINDS)}
    )
    description: str = Field(
        "",
        max_length=2_000,
        description="Who is in it and what it is for.",
        json_schema_extra={"format": "multiline"},
    )
    tags: list[str] = Field(default_factory=list, max_length=50, description="Words to find it by.")
    owner: str = Field("", max_length=200, description="Who looks after it.")
    expires: date | None = Field(
        None, title="Expires", description="The last day it is kept up to date; afterwards nobody is in it."
    )


class SegmentForm:
    """Draws where it is made. ``changed()`` is called at every edit."""

    def __init__(self, written: Mapping[str, Any], changed: Callable[[], None]) -> None:
        self._name = str(written.get("name") or "")
        self._changed = changed
        asking = Asking(here())
        around = Around(
            inside=False,
            events=asking.events,
            properties=asking.properties,
            segments=asking.segments,
            topics=asking.topics,
            journeys=asking.journeys,
        )
        given = {key: value for key, value in written.items() if key != "name"}
        with card("Who is in it") as box:
            box.classes("sj-segment-builder")
            self.meant = Fields(Meant, {k: v for k, v in given.items() if k == "rule"}, around, self._edited)
        with card("About it"):
            self.about = Fields(About, {k: v for k, v in given.items() if k != "rule"}, around, self._edited)
        self.begun = self.written()
        self._complain()

    def written(self) -> dict[str, Any]:
        """The segment as it would be kept."""
        said = {"name": self._name, **self.about.settings, **self.meant.settings}
        return {key: value for key, value in said.items() if value not in (None, "", [])}

    @property
    def is_changed(self) -> bool:
        return self.written() != self.begun

    def problems(self) -> list[str]:
        """What stands in the way of keeping it, said at its place as well."""
        for fields in (self.meant, self.about):
            for widget in fields.widgets:
                widget.touched = True
        return self._complain()

    def _edited(self) -> None:
        self._complain()
        self._changed()

    def _complain(self) -> list[str]:
        said: list[str] = []
        for model, fields in ((Meant, self.meant), (About, self.about)):
            found = list(faults(model, fields.settings))
            fields.complain(found)
            said += [str(place[0]) for place, _ in found if place]
        missing = [word for key, word in (("title", "a name"), ("rule", "a complete rule")) if key in said]
        if missing:
            return [f"It needs {' and '.join(missing)} first."]
        return ["Something is not right yet; it is said where it stands."] if said else []
