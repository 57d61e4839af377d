"""The tabs on the right of the editor: one file each, found by a scan."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..desk import Panel


@cache
def panels() -> tuple[Panel, ...]:
    """Every panel, in the order of the tabs."""
    found = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return tuple(sorted((module.PANEL for module in found if hasattr(module, "PANEL")), key=lambda panel: panel.order))
