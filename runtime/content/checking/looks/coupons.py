"""The pools a letter takes its coupons from are there, and hold codes."""

from __future__ import annotations

from collections.abc import Iterator

from ...proof import PROOFS
from ..around import Around
from ..finding import Finding
from ..look import Look
from ..preparing import Prepared

CODE = "coupons"


def look(made: Prepared, around: Around) -> Iterator[Finding]:
    """Pools that are not there, and those without a code."""
    if around.pools is None:
        return
    for name in sorted(PROOFS.needs(made.source, around.marketing).of("coupon")):
        if name not in around.pools:
            yield Finding(
                CODE, "error", f"The letter asks for a pool of coupons “{name}” that is not there.",
                "Make it under Coupons, or name another one.",
            )  # fmt: skip
        elif not around.pools[name]:
            yield Finding(
                CODE, "warning", f"The pool of coupons “{name}” is empty, or its time is over.",
                "Bring codes into it before the letter leaves.",
            )  # fmt: skip


LOOK = Look(
    CODE, "Coupons", "error",
    "A letter waits for codes, or leaves out what they stand in; from a pool that is not there it never gets one.",
    letter=look,
)  # fmt: skip
