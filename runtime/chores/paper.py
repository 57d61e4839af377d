"""Closes batches of letters on paper, writes their files, and hands them to printers' systems."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ...storage import accounts, mail_pieces
from ..accounts import AccountProblem, open_account, tools
from ..channels.direct_mail import DirectMail
from ..channels.hook import Hook
from ..paper import batches
from ..settings import load
from .chore import DAY_MS, HOUR_MS, Chore

KEPT_MS = 90 * DAY_MS


def run(parts: Any) -> int:
    """What is due, one account after the other; an account that cannot be opened keeps its letters waiting."""
    folder, now_ms = dict(parts.config).get("home"), parts.clock.now_ms()
    if not folder:
        return 0  # nowhere to put a file
    home = Path(folder)
    zone = ZoneInfo(parts.db.look(load).timezone)
    opened = _opened(parts)
    for account, (count, oldest) in parts.db.look(mail_pieces.waiting).items():
        channel = opened.get(account)
        while channel and batches.is_due(count, oldest, channel.settings, zone, now_ms):
            batches.close(parts.db, account, channel.settings, now_ms)
            count, oldest = parts.db.look(mail_pieces.waiting).get(account, (0, 0))
    for batch in parts.db.look(mail_pieces.kept):
        try:
            file = batches.write(parts.db, home, batch.id, now_ms)
        except batches.NoSuchBatch:
            continue
        channel = opened.get(batch.account)
        if channel and channel.settings.url and batch.told_at is None and batch.taken_at is None:
            _tell(parts, channel, batch, file, now_ms)
    for batch_id in parts.db.write(lambda tx: mail_pieces.age_out(tx, now_ms - KEPT_MS)):
        batches.file_of(home, batch_id).unlink(missing_ok=True)
    return 0


def _opened(parts: Any) -> dict[str, DirectMail]:
    found = {}
    for account in parts.db.look(lambda tx: accounts.everyone(tx, ["direct_mail"])):
        try:
            channel = open_account(parts, account) if account.status == "on" else None
        except AccountProblem:
            continue
        if isinstance(channel, DirectMail):
            found[account.name] = channel
    return found


def _tell(parts: Any, channel: DirectMail, batch: Any, file: Path, now_ms: int) -> None:
    async def send() -> None:
        hook = Hook(channel.settings, tools(parts, batch.account), answer_s=batches.ANSWER_S)
        try:
            await batches.hand_over(parts.db, hook, batch, file, now_ms)
        finally:
            await hook.close()

    asyncio.run(send())


CHORE = Chore("paper", 120, run, pace_ms=6 * HOUR_MS, apart=True)
