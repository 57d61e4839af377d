"""Deterministic crashes, for the harness that proves nothing is lost."""

from __future__ import annotations

import os

_fail_at = os.environ.get("SOJOURN_FAIL_POINT", "")
_fail_in = int(os.environ.get("SOJOURN_FAIL_AFTER", "1"))


def fail_point(name: str) -> None:
    """Die here, as if the power went, when the environment names this point. Costs one comparison otherwise."""
    if _fail_at and name == _fail_at:
        global _fail_in
        _fail_in -= 1
        if _fail_in <= 0:
            os.kill(os.getpid(), 9)
