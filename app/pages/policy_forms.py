"""Which form changes which part of the policy, and how what it says is written back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, Field

from ...nodes.slug import Slug
from ...runtime.policy.lengths import Length
from ...runtime.policy.policy import (
    Behaviour,
    Brake,
    Cap,
    Expiry,
    Fallback,
    Group,
    Policy,
    QuietHours,
    WorkingHours,
)
from .policy_change import Standing, change, replace

Deed = Callable[[], Any]
ONE_OF_ITS_KIND: dict[str, tuple[str, type[BaseModel]]] = {
    "behaviour": ("After what people did", Behaviour),
    "expiry": ("Out of date", Expiry),
    "fallback": ("When one channel does not reach them", Fallback),
    "brake": ("Emergency brake", Brake),
}
LISTS: dict[str, tuple[tuple[str, str, type[BaseModel]], ...]] = {
    "caps": (("caps", "a cap", Cap),),
    "hours": (("quiet_hours", "quiet hours", QuietHours), ("working_hours", "working hours", WorkingHours)),
    "groups": (("groups", "a group", Group),),
}
FRESH: dict[str, dict[str, Any]] = {
    "caps": {"max": 2, "in": "7 days"},
    "quiet_hours": {"from": "20:00", "to": "08:00"},
    "working_hours": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"},
}


class Pace(BaseModel):
    """How quickly messages may follow each other."""

    cool_down: dict[Slug, Length] = Field(
        default_factory=dict,
        title="Between two messages",
        description="At least so long between two messages on a channel.",
        json_schema_extra={"format": "length_by_channel"},
    )
    reserve: Length = Field(
        0, title="Room kept for better ones", description="For a message of a higher class that is due within this."
    )


class Placing(BaseModel):
    """Where one journey stands, over what it says itself."""

    journey: Slug = Field(description="Which one.", json_schema_extra={"among": "journeys"})
    class_: Literal["automation", "lifecycle", "promo"] = Field(
        "promo", alias="class", title="Class", description="Automation goes before lifecycle, and that before promo."
    )
    weight: int = Field(50, ge=0, le=100, description="Within its class the larger goes first, 0 to 100.")


@dataclass(frozen=True, slots=True)
class Rules:
    """What can be done with a section that is a list: in the order of its sentences."""

    edits: Sequence[Deed]
    removals: Sequence[Deed]
    additions: Sequence[tuple[str, Deed]]


def rules_of(section: str, at: Standing) -> Rules:
    """The deeds of each rule of a section, and those that add one."""
    edits: list[Deed] = []
    removals: list[Deed] = []
    additions: list[tuple[str, Deed]] = []
    for key, what, model in LISTS.get(section, ()):
        for place, written in enumerate(at.base.written().get(key, [])):
            edits.append(partial(change, at, f"Change {what}", model, written, partial(_put, key, place), _rule))
            removals.append(partial(replace, at, f"Without {what}", _without(at.base, key, place)))
        fresh = {**_named(model, what, at.base.written().get(key, [])), **FRESH.get(key, {})}
        additions.append((f"Add {what}", partial(change, at, f"Add {what}", model, fresh, partial(_add, key), _rule)))
    if section == "groups":
        for name, written in at.base.written().get("priorities", {}).items():
            given = {"journey": name, **written}
            edits.append(partial(change, at, f"Place {name}", Placing, given, partial(_place, name)))
            removals.append(partial(replace, at, f"Let {name} stand where it stands", _unplaced(at.base, name)))
        additions.append(("Add a priority", partial(change, at, "Add a priority", Placing, {}, partial(_place, ""))))
    return Rules(edits, removals, additions)


def single(section: str, at: Standing) -> list[tuple[str, Deed]]:
    """The deed of a section that is one form."""
    written = at.base.written()
    if section == "pace":
        given = {key: written[key] for key in Pace.model_fields if key in written}
        return [("Change", partial(change, at, "Pace", Pace, given, _pace))]
    if section not in ONE_OF_ITS_KIND:
        return []
    title, model = ONE_OF_ITS_KIND[section]
    given = written.get(section, {})
    return [("Change", partial(change, at, title, model, given, partial(_part, section)))]


# ── writing back ──────────────────────────────────────────────────────────────────────────────────────


def _put(key: str, place: int, document: dict[str, Any], settings: dict[str, Any]) -> None:
    document[key][place] = settings


def _add(key: str, document: dict[str, Any], settings: dict[str, Any]) -> None:
    document.setdefault(key, []).append(settings)


def _part(key: str, document: dict[str, Any], settings: dict[str, Any]) -> None:
    document[key] = settings


def _pace(document: dict[str, Any], settings: dict[str, Any]) -> None:
    document["cool_down"] = settings.get("cool_down") or {}
    document["reserve"] = settings.get("reserve") or "0 hours"


def _place(before: str, document: dict[str, Any], settings: dict[str, Any]) -> None:
    placed = {key: each for key, each in document.get("priorities", {}).items() if key != before}
    said = {"class": settings.get("class") or "promo", "weight": settings.get("weight", 50)}
    document["priorities"] = {**placed, settings["journey"]: said}


def _named(model: type[BaseModel], what: str, there: Sequence[dict[str, Any]]) -> dict[str, str]:
    """A short name that is free, for a rule that has one: cap-1."""
    if "name" not in model.model_fields:
        return {}
    taken = {each["name"] for each in there}
    stem = what.removeprefix("a ")
    return {"name": next(name for n in range(1, len(taken) + 2) if (name := f"{stem}-{n}") not in taken)}


def _rule(settings: dict[str, Any]) -> dict[str, Any]:
    """A rule as it is written: an allowance by a figure takes the place of a fixed one, and begins with one line."""
    if not isinstance(by := settings.get("by"), dict):
        return settings
    rest = {key: each for key, each in settings.items() if key != "max"}
    return {**rest, "by": {"table": [[0, 1]], **by}}


def _without(policy: Policy, key: str, place: int) -> Policy:
    document = policy.written()
    document[key].pop(place)
    return Policy.model_validate(document)


def _unplaced(policy: Policy, name: str) -> Policy:
    document = policy.written()
    document["priorities"].pop(name)
    return Policy.model_validate(document)
