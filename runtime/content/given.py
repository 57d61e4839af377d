"""What a letter may call: products of a selection, a coupon of a pool. Both were loaded before it is filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from .filters import TooMuch
from .selections import SelectionProblem, key_of

PENDING = "........"  # stands for a code while one only learns which pools are asked for; never leaves


class Codes:
    """The coupons of one letter by pool. Notes what was asked for and not there."""

    def __init__(self, known: Mapping[str, str] | None = None, sample: bool = False) -> None:
        self.known = dict(known or {})
        self.sample = sample  # a preview: anything will do
        self.lacking: dict[str, None] = {}

    def of(self, pool: str) -> str:
        """The code, "" where the pool has none and says that the block is left out."""
        code = self.known.get(pool)
        if code is None and self.sample:
            return f"{pool[:20].upper()}-SAMPLE"
        if code is None:
            self.lacking[pool] = None
            return PENDING
        return code


@pass_context
def coupon(context: Context, pool: str) -> str:
    """The code of a pool for this letter; the same one wherever the letter asks for it."""
    codes = context.get("_coupons")
    if not isinstance(codes, Codes):
        raise TooMuch("Coupons are given out with messages to contacts only.")
    return codes.of(str(pool))


@pass_context
def products(context: Context, **which: Any) -> list[dict[str, Any]]:
    """The products of a selection; none where nothing was loaded."""
    found = context.get("_products")
    if not isinstance(found, dict):
        return []
    try:
        return found.get(key_of(tuple(sorted(which.items()))), [])
    except (SelectionProblem, TypeError) as problem:
        raise TooMuch(str(problem)) from None


CALLED = {"coupon": coupon, "products": products}
