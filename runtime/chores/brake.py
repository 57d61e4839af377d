"""Stops journeys that drive people away, and tells the owners by mail and the colleagues in their chats."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from ...storage import accounts, users
from ..accounts import AccountProblem, open_account, tools
from ..channels.alert import ALERT, Alerting, AlertMail
from ..channels.channel import Delivered, TryLater, Unreachable
from ..content.brand import Brand
from ..policy.brake import Braked, brake, suspects
from ..settings import load
from .chore import HOUR_MS, Chore

News = tuple[str, str, str, int]
TRIES, PAUSE_S = 3, 2.0

log = logging.getLogger("sojourn.runtime")


def run(parts: Any) -> int:
    """Nobody is due: whoever is in a journey that stops stays where they are."""
    now_ms = parts.clock.now_ms()
    among = parts.db.look(lambda tx: suspects(tx, now_ms))
    stopped = parts.db.write(lambda tx: brake(tx, now_ms, among), durable=True)
    for one in stopped:
        log.warning(one.sentence)
    if stopped:
        asyncio.run(tell(parts, [_news(one) for one in stopped]))
    return 0


def _news(one: Braked) -> News:
    return one.title, one.sentence, f"/journeys/{one.name}", one.journey_id


async def tell(parts: Any, news: Sequence[News]) -> None:
    """Told once, ``(title, sentence, page, key)`` each; where it does not get through, the notice on every page still
    says it."""
    known = parts.db.look(load)
    for channel, to in _ways(parts):
        try:
            for title, sentence, page, key in news:
                text = f"{sentence}\n\n{known.base_url}{page}"
                outcome = await channel.tell(to, title, text, key, Brand.of(known))
                for _ in range(TRIES - 1):
                    if not isinstance(outcome, TryLater | Unreachable):
                        break
                    await asyncio.sleep(PAUSE_S)
                    outcome = await channel.tell(to, title, text, key, Brand.of(known))
                if not isinstance(outcome, Delivered):
                    log.warning("“%s” could not be told: %s", title, getattr(outcome, "text", outcome))
        except Exception:
            log.exception("That something has stopped could not be told.")
        finally:
            await channel.close()


def _ways(parts: Any) -> Iterator[tuple[Alerting, str]]:
    """How colleagues are told: the owners by mail, where there is a mail server, and every chat."""
    owners = [one.email for one in parts.db.look(users.people) if one.role == "owner" and one.disabled_at is None]
    mail = AlertMail.at_home(tools(parts))
    if isinstance(mail, AlertMail) and owners:
        yield mail, ", ".join(owners)
    for account in parts.db.look(lambda tx: accounts.everyone(tx, [ALERT.name])):
        if account.status != "on":
            continue
        try:
            channel = open_account(parts, account)
        except AccountProblem as problem:
            log.warning("The account %s cannot be opened: %s", account.name, problem)
            continue
        if isinstance(channel, Alerting):
            yield channel, ""


CHORE = Chore("brake", 30, run, pace_ms=6 * HOUR_MS, apart=True)
