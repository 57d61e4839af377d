"""Sends the digests of alerts that came too thick to be told one by one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...storage import accounts
from ...storage import alerts as store
from ...storage.database import Row
from ..accounts import AccountProblem, open_account, tools
from ..channels.alert import Alerting, AlertMail
from ..channels.channel import Delivered, Unclear
from ..content.brand import Brand
from ..numbers import counted, thousands
from ..settings import load
from .chore import DAY_MS, HOUR_MS, Chore

LISTED = 50  # different titles in a digest
KEPT_MS = 30 * DAY_MS


def run(parts: Any) -> int:
    """One digest for every line whose oldest alert has waited an hour."""
    now_ms = parts.clock.now_ms()
    for line in parts.db.look(lambda tx: store.lines_due(tx, now_ms - HOUR_MS)):
        asyncio.run(_tell(parts, line, now_ms))
    parts.db.write(lambda tx: store.age_out(tx, now_ms - KEPT_MS))
    return 0


def digest(rows: Sequence[Row]) -> tuple[str, str]:
    """Title and text of what waited: how often each title came, with the text of the first."""
    counts = Counter(title for _, title, _ in rows)
    firsts: dict[str, str] = {}
    for _, title, text in rows:
        firsts.setdefault(title, text)
    parts = []
    for title, count in counts.most_common(LISTED):
        head = f"{title} ({thousands(count)} times)" if count > 1 else title
        parts.append("\n".join((head, firsts[title])).strip())
    if len(counts) > LISTED:
        parts.append(f"… and {thousands(len(counts) - LISTED)} more.")
    more = " …" if len(counts) > 1 else ""
    return f"{counted(len(rows), 'alert')}: {next(iter(counts))[:100]}{more}", "\n\n".join(parts)


async def _tell(parts: Any, line: str, now_ms: int) -> None:
    """Marked as told before it leaves, so that no crash tells it twice; put back where it did not get through."""
    account, _, to = line.partition("|")
    channel = _opened(parts, account)
    if channel is None:
        return
    try:
        rows = await parts.db.awrite(lambda tx: store.take_waiting(tx, line, now_ms), durable=True)
        if not rows:
            return
        brand = Brand.of(await parts.db.aread(load))
        outcome = await channel.tell(to, *digest(rows), rows[0][0], brand)
        if not isinstance(outcome, Delivered | Unclear):
            ids = [message_id for message_id, _, _ in rows]
            await parts.db.awrite(lambda tx: store.let_wait(tx, ids), durable=True)
    finally:
        await channel.close()


def _opened(parts: Any, name: str) -> Alerting | None:
    if not name:
        channel = AlertMail.at_home(tools(parts))
    else:
        account = parts.db.look(lambda tx: accounts.named(tx, name))
        try:
            channel = open_account(parts, account) if account is not None and account.status == "on" else None
        except AccountProblem:
            channel = None
    return channel if isinstance(channel, Alerting) else None


CHORE = Chore("alerts", 60, run, pace_ms=6 * HOUR_MS, apart=True)
