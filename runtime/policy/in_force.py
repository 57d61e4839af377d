"""The policy that applies now: asked for in every beat, so it is kept and imports nothing but the policy itself."""

from __future__ import annotations

from ...storage import policies as rows
from ...storage.database import Tx
from .policy import NOTHING_SET, Policy

_KEPT: dict[str, Policy] = {}  # by hash: equal hashes are equal policies, whichever store they come from
_MOST_KEPT = 50


def current(tx: Tx) -> Policy:
    """The policy that applies now. One short query; the policy is read once for each of its versions."""
    digest = rows.stamp(tx)
    if digest is None:
        return NOTHING_SET
    known = _KEPT.get(digest)
    if known is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        known = _KEPT[digest] = Policy.model_validate(rows.content(tx, digest))
    return known
