"""How the demo shop's letters fared before it opened here, and its warm-up half way through."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from ..runtime.deliverability import warm_up
from ..storage import reputation, warm_ups
from ..storage.columns import from_ms
from ..storage.database import Tx

DAYS, DAY_MS = 24, 86_400_000
TARGET = 5_000
MAKE_UP = {"gmail": 0.47, "seznam": 0.2, "outlook": 0.13, "icloud": 0.06, "yahoo": 0.04, "other": 0.1}
RATES = {  # parts of what was tried: put off, gone, full, refused, complained of, opened
    "gmail": (0.004, 0.003, 0.004, 0.001, 0.0003, 0.34),
    "seznam": (0.006, 0.004, 0.006, 0.002, 0.0004, 0.41),
    "outlook": (0.03, 0.004, 0.005, 0.028, 0.0006, 0.24),
    "icloud": (0.004, 0.003, 0.004, 0.001, 0.0002, 0.28),
    "yahoo": (0.02, 0.006, 0.008, 0.004, 0.0014, 0.22),
    "other": (0.012, 0.008, 0.006, 0.002, 0.0003, 0.33),
}
KINDS = ("deferred", "hard", "soft", "blocked", "complaints", "opens")


def fill(tx: Tx, now_ms: int, actor: str) -> None:
    """Counts by day, and a plan that has come as far as they say."""
    dice = Random(7)
    steps = warm_up.ladder(warm_up.START, TARGET, warm_up.DAYS)
    begun = now_ms - DAYS * DAY_MS
    plan = warm_up.begin(tx, actor, begun, target=TARGET, opens=0, spread=0)
    counts: dict[tuple[str, str, int, str], int] = {}
    for n in range(DAYS):
        at_ms = begun + n * DAY_MS
        letters = round(steps[n] * dice.uniform(0.86, 1.0))
        day = (from_ms(begun) + timedelta(days=n)).date().isoformat()
        warm_ups.opened(tx, plan.id or 0, day, steps[n])
        rows = [("", letters), *((code, round(letters * part)) for code, part in MAKE_UP.items())]
        warm_ups.went(tx, plan.id or 0, day, rows)
        for code, tried in rows[1:]:
            counts["", code, at_ms // DAY_MS, "tried"] = tried
            for kind, rate in zip(KINDS, RATES[code], strict=True):
                exact = tried * rate * dice.uniform(0.6, 1.4)
                counts["", code, at_ms // DAY_MS, kind] = int(exact) + (dice.random() < exact % 1)
    plan.step, plan.allowed = DAYS, steps[DAYS]
    plan.day, plan.changed_at = from_ms(now_ms).date().isoformat(), now_ms
    warm_ups.save(tx, plan)
    warm_ups.opened(tx, plan.id or 0, plan.day, plan.allowed)
    reputation.note(tx, counts)
