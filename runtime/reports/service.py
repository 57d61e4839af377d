"""The one door of this room: reads a call of a service by its kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ..channels.callback import Call, Malformed, Reply
from . import mailgun, postmark, sendgrid, ses
from .reading import Kind, Outside

READERS: Mapping[str, Callable[[Call, Outside], Reply]] = {
    "ses": ses.read, "postmark": postmark.read, "mailgun": mailgun.read, "sendgrid": sendgrid.read,
}  # fmt: skip


async def hear(kind: Kind, call: Call, outside: Outside) -> Reply:
    """What a service tells. Raises `Forged` and `Malformed`, and `OutgoingProblem` where nobody can be asked now."""
    reader = READERS.get(kind)
    if reader is None:
        raise Malformed("This account takes no reports: say whose they are in its setting “reports”.")
    if call.method != "POST":
        raise Malformed("Reports come by POST.")
    return await asyncio.to_thread(reader, call, outside)
