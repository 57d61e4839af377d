"""Keeping the list clean: mailboxes that are gone or full, and people who have not been seen for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...storage import bounces, settings
from ...storage.database import Tx
from ...storage.messages import Result
from ...storage.suppressions import suppress

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Silence:
    """After how many days without a sign of life a contact gets only what calls them back, and after how many nothing.

    0 is never.
    """

    quiet_days: int = 180
    stop_days: int = 365

    @classmethod
    def of(cls, known: Any) -> Silence:
        """From the instance's settings."""
        return cls(known.inactive_days, known.inactive_stop_days)

    def refuses(self, seen_ms: int | None, calls_back: bool, now_ms: int) -> str | None:
        """Why a marketing message must not go to somebody last seen then; None when nothing stands against it."""
        if seen_ms is None:
            return None
        days = (now_ms - seen_ms) // DAY_MS
        if self.stop_days and days >= self.stop_days:
            return f"The contact has not been seen for {days} days; after {self.stop_days} nothing is sent any more."
        if self.quiet_days and days >= self.quiet_days and not calls_back:
            return (
                f"The contact has not been seen for {days} days; after {self.quiet_days} only journeys that call "
                "people back may write."
            )
        return None


def keep(tx: Tx, results: Sequence[Result], now_ms: int) -> None:
    """Draw the conclusions from what became of letters: gone is gone at once, full only after several in a row."""
    for channel in {result.taken[1] for result in results if result.taken}:
        bounces.taken(tx, [one.taken[0] for one in results if one.taken and one.taken[1] == channel], channel)
    for result in results:
        if result.suppress:
            suppress(tx, *result.suppress, result.reason, now_ms)
        elif result.bounced:
            _bounced(tx, *result.bounced, result.reason, now_ms)


def _bounced(tx: Tx, address: str, channel: str, reason: str, now_ms: int) -> None:
    most = settings.some(tx, ["soft_bounces"]).get("soft_bounces", MOST)
    count = bounces.bounced(tx, address, channel, reason, now_ms)
    if most and count >= most:
        suppress(tx, address, channel, f"{count} letters in a row were not taken. The last answer: {reason}", now_ms)


MOST = 4  # soft bounces in a row, unless the owner says otherwise
