"""Style sheets that only some pages need."""

from __future__ import annotations

from ..frame import stylesheet


def use(name: str) -> None:
    """Put ``assets/style/<name>.css`` into the head of this page."""
    stylesheet(f"{name}.css")
