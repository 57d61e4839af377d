"""What a chore is, and how the chores of this folder are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again beside the engine, in the one process that serves people.

    ``run`` gets the parts of the runtime (``db``, ``clock``, ``shelf``, ``config``, ``secrets``), works in pages that
    hold the write door briefly, bears being cut short and run again, and returns how many people are due now.
    ``seconds`` lie between two runs; ``pace_ms`` between two while a clock is moved by hand. Chores run one after
    the other, but for those that wait for somebody outside: they stand ``apart``, and nobody waits for them.
    """

    name: str  # as it stands in a warning: "segments"
    seconds: float
    run: Callable[[Any], int]
    pace_ms: int = DAY_MS
    apart: bool = False


@cache
def chores() -> tuple[Chore, ...]:
    """Every ``CHORE`` of the modules beside this one, in order of their names."""
    package = __name__.rpartition(".")[0]
    modules = (import_module(f"{package}.{each.name}") for each in iter_modules(import_module(package).__path__))
    found = (vars(module).get("CHORE") for module in modules)
    return tuple(sorted((each for each in found if isinstance(each, Chore)), key=lambda chore: chore.name))
