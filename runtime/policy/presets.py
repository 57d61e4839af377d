"""Policies to start from: each a file in ``assets/policies`` in the written form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import policy_file
from .policy import Policy

FOLDER = Path(__file__).parent.parent.parent / "assets" / "policies"
TITLES = {
    "careful-shop": (
        "Careful shop",
        "Two promotions a week, no texts at night or on Sunday, a brake.",
    ),
    "newsletter": ("Newsletter", "One to four letters a week by how engaged somebody is, none at night."),
    "b2b": ("B2B", "Two letters a week in working hours, not on holidays; long silence after an angry answer."),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A policy ready to use, with what it is for."""

    name: str
    title: str
    description: str
    policy: Policy


@cache
def presets() -> tuple[Preset, ...]:
    """All of them in the order of `TITLES`."""
    return tuple(
        Preset(name, *words, policy_file.read((FOLDER / f"{name}.yaml").read_text("utf-8")))
        for name, words in TITLES.items()
    )
