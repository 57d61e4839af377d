"""What a message comes to while it is written: parts of a text, and money where an account says what they cost."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...runtime import numbers
from ...runtime.channels.channel import Price
from ...runtime.channels.sms_form import foreseen, words
from ...runtime.channels.sms_parts import Costly, Parts, parts

if TYPE_CHECKING:
    from ..instance import Instance

MOST = 6  # costly characters named
log = logging.getLogger("sojourn.canvas")


def cost_words(instance: Instance, medium: str, fields: Mapping[str, Any], to: str = "") -> list[str]:
    """Sentences about one message, filled with ``fields``; none where nobody counts."""
    said: list[str] = []
    known = instance.settings
    short = known.short_url or known.base_url
    counted = parts(words(foreseen(fields, short))) if medium == "sms" else None
    if counted is not None:
        said += [_counted(counted), *_dear(counted.costly)]
    price = _price(instance, medium, fields, to)
    if price is not None and price.amount is not None:
        more = counted is not None and price.units > counted.parts
        line = f", in {price.units} parts with the line that says how to get no more" if more else ""
        said.insert(1, f"About {_amount(price.amount)} {price.currency} for each{line}.")
    elif counted is not None:
        said.insert(1, "What it costs is known once an account for text messages says so.")
    return said


def _price(instance: Instance, medium: str, fields: Mapping[str, Any], to: str) -> Price | None:
    channel = instance.runtime.outbox.channels.get(medium)
    try:
        return channel.price(fields, to) if channel is not None else None
    except Exception:  # an account's own arithmetic must not keep anybody from writing
        log.exception("the price of a message could not be told")
        return None


def _amount(amount: float) -> str:
    return numbers.thousands(amount) if amount >= 1_000 else f"{amount:.4g}"


def _counted(counted: Parts) -> str:
    letters = numbers.counted(counted.units, "character")
    many = numbers.counted(counted.parts, "part")
    return f"{letters}, {many}; {numbers.thousands(counted.left)} more fit without another part."


def _dear(costly: tuple[Costly, ...]) -> list[str]:
    """What makes it dear, and how to say it cheaper."""
    said = []
    for forces, does in ((True, "a part holds only 70 characters"), (False, "each of them counts twice")):
        found = [each for each in costly if each.forces == forces]
        if found:
            names = " ".join(_name(each.character) for each in found[:MOST])
            instead = " ".join(each.instead for each in found[:MOST] if each.instead)
            cheaper = f"; plainly written {instead}" if instead.strip() else ""
            said.append(f"With {names}{' and others' if len(found) > MOST else ''} {does}{cheaper}.")
    return said


def _name(character: str) -> str:
    return f"“{character}”" if character.strip() else "a special blank"
