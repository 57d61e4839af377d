"""What a look is, and how the looks of the folder beside this file are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .around import Around
from .finding import Finding, Severity
from .page import Page


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that is looked at. ``why`` is its reason as docs/checks.md gives it, ``worst`` its worst severity.

    ``page`` looks at a page of one language, ``letter`` at the source with all its pages.
    """

    code: str
    title: str
    worst: Severity
    why: str
    page: Callable[[Page, Around], Iterable[Finding]] | None = None
    letter: Callable[[Any, Around], Iterable[Finding]] | None = None


@cache
def looks() -> tuple[Look, ...]:
    """Every ``LOOK`` of the folder, in order of their codes."""
    package = f"{__name__.rpartition('.')[0]}.looks"
    modules = (import_module(f"{package}.{each.name}") for each in iter_modules(import_module(package).__path__))
    found = (vars(module).get("LOOK") for module in modules)
    return tuple(sorted((each for each in found if isinstance(each, Look)), key=lambda look: look.code))
