"""Events that are complaints or angry answers by the owner's word: the gate keeps quiet after them too."""

from __future__ import annotations

from collections.abc import Sequence

from ..storage import receipts, setbacks
from ..storage.database import Tx
from ..storage.setbacks import COMPLAINT, NEGATIVE_REPLY, Noted
from .entries import Happened
from .policy.in_force import current


def heard(tx: Tx, happened: Sequence[Happened]) -> int:
    """Write down those of these events that the policy names; returns how many there were.

    An event may say which ``channel`` it is about, and the number of the ``message``; it counts for that journey then.
    """
    behaviour = current(tx).behaviour
    kinds = dict.fromkeys(behaviour.negative_reply_events, NEGATIVE_REPLY)
    kinds |= dict.fromkeys(behaviour.complaint_events, COMPLAINT)
    found = [one for one in happened if one.name in kinds]
    if not found:
        return 0
    named = {one.event_id: number for one in found if type(number := one.properties.get("message")) is int}
    about = receipts.by_id(tx, sorted(set(named.values())))
    noted = []
    for one in found:
        of = about.get(named.get(one.event_id, 0))
        if of is not None and of.contact_id != one.contact_id:
            of = None  # somebody else's message says nothing here
        said = one.properties.get("channel")
        channel = of.channel if of else said[:40] if isinstance(said, str) else ""
        source = f"The event “{one.name}” told of it."
        message, journey = (of.message_id, of.journey_id) if of else (None, None)
        noted.append(Noted(one.contact_id, kinds[one.name], channel, one.at_ms, message, journey, source))
    setbacks.note(tx, noted)
    return len(noted)
