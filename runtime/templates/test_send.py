"""A letter that is being written, sent to somebody who works here: a test, which nobody else can be made to get."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...storage import suppressions, users
from ...storage.database import Tx
from .. import accounts
from ..account_test import Yes, in_words
from ..channels.channel import Channel, Parcel, open_all
from ..channels.switchboard import Switchboard
from ..content.languages import translated
from ..content.rendered import Rendered
from ..deliverability.keys import Keyring
from . import rendering

AN_HOUR_MS = 3_600_000
MOST = 30  # an hour, by one person
ACTION = "template.test"
MARK = "[Test] "


class NotTested(Exception):
    """The test letter was not sent; the sentence says why."""


async def test_send(
    parts: Any,
    source: Mapping[str, Any],
    to: str,
    contact_id: int | None = None,
    marketing: bool = True,
    language: str = "",
    actor: str = "",
) -> str:
    """Send the letter as one contact would get it to an address of the team; returns a sentence. Raises `NotTested`.

    It goes past gate and outbox, which are for contacts: so only to people who sign in here, at most 30 an hour by one
    of them, each time written in the audit trail. Nothing in it is counted. ``parts`` is an instance.
    """
    to, actor = to.strip().lower(), actor or to
    now_ms = parts.clock.now_ms()
    spoken = translated(source, language) if language else source

    def allowed(tx: Tx) -> rendering.Ready:
        _refuse(tx, to, actor, now_ms)
        users.note(tx, actor, ACTION, to, now_ms, {"subject": str(source.get("subject") or "")[:200]})
        ready = rendering.ready(tx, spoken, contact_id)
        signers = Keyring(parts.secrets).signers(tx, ready.brand.sender_address or "")
        return replace(ready, brand=replace(ready.brand, signers=signers))

    ready = await parts.db.awrite(allowed)
    proof = await asyncio.to_thread(ready.proof, parts, marketing)
    if proof.rendered is None:
        faults = " ".join(f"Line {issue.line}: {issue.text}" if issue.line else issue.text for issue in proof.issues)
        raise NotTested(f"The letter cannot be sent as it is. {faults}")
    rendered = replace(proof.rendered, subject=MARK + proof.rendered.subject)
    said = await _hand_over(parts, to, rendered, ready, marketing, now_ms)
    return f"Sent to {to}, marked {MARK.strip()}. It went past the outbox: nothing in it is counted. {said}"


test_send.__test__ = False  # type: ignore[attr-defined]  # its name means something to pytest


def _refuse(tx: Tx, to: str, actor: str, now_ms: int) -> None:
    person = users.user_by_email(tx, to)
    if person is None or person.disabled_at is not None:
        raise NotTested("A test goes only to people who sign in here: invite them under People first.")
    if why := suppressions.reason(tx, to, "email", now_ms):
        raise NotTested(f"{to} is suppressed ({why}): nothing may be sent there.")
    if users.done_since(tx, actor, ACTION, now_ms - AN_HOUR_MS) >= MOST:
        raise NotTested(f"You have sent {MOST} tests within an hour; wait a little.")


async def _hand_over(
    parts: Any, to: str, rendered: Rendered, ready: rendering.Ready, marketing: bool, now_ms: int
) -> str:
    board = Switchboard(open_all(accounts.tools(parts)), parts.db, accounts.opener(parts))
    await board.refresh()
    try:
        channel: Channel | None = board.get("email")
        if channel is None:
            raise NotTested("There is no mail server yet: set smtp_url, or open an account under Channels.")
        kind = "marketing" if marketing else "transactional"
        parcel = Parcel(0, to, rendered, ready.brand, at_ms=now_ms, transactional=not marketing, kind=kind)
        (outcome,) = await channel.hand_over([parcel], Yes())
    finally:
        for one in board.values():
            await one.close()
    said = in_words(outcome)
    if not said.ok:
        raise NotTested(f"The test letter was not sent. {said.words}")
    return said.words
