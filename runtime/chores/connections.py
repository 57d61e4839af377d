"""Looks into databases and folders whose time has come."""

from __future__ import annotations

from typing import Any

from ..exchange import pulls
from .chore import HOUR_MS, Chore


def run(parts: Any) -> int:
    """One connection after the other; nobody is moved by history."""
    pulls.run_due(parts.db, parts.clock, parts.secrets)
    return 0


CHORE = Chore("connections", 30, run, pace_ms=6 * HOUR_MS, apart=True)
