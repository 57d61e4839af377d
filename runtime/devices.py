"""Whose phones and browsers may be pushed to, and what their owners agreed to by letting them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..storage import callbacks, consents, devices, receipts, settings
from ..storage.consents import DENIED, GRANTED, TOPIC, WITHDRAWN, Said
from ..storage.database import Tx
from ..storage.devices import Seen
from .envelope import Message
from .identity import People
from .occurrences import occur
from .program import ProgramShelf
from .pushable import Device

CLOSED = "web_push_closed"
SOURCE = "push permission"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How somebody let the app or the page notify them, or did not.

    ``asked`` is the sentence they saw.
    """

    allowed: bool
    topic: str = TOPIC
    page: str = ""
    asked: str = ""
    language: str = ""
    ip: str | None = None
    agent: str | None = None


class NotProven(Exception):
    """This instance wants proof of whose a device is: send the hash your own server makes of the user id as `proof`."""


def told(tx: Tx, messages: Iterable[tuple[int, Message]], proven: bool, now_ms: int) -> None:
    """The devices messages came from; of users only where nothing has to be ``proven`` or it is."""
    messages = list(messages)
    if messages and not proven and _want_proof(tx):
        messages = [(contact, message) for contact, message in messages if not message.user]
    note(tx, [(contact, message.device) for contact, message in messages], now_ms)


def take(
    tx: Tx, who: Message, device: Device, source: str, proven: bool, evidence: Evidence | None, now_ms: int
) -> int:
    """A device and whose it is, made known where they are not; with what they agreed to. Returns the contact.

    Raises `NotProven`.
    """
    if who.user and not proven and _want_proof(tx):
        raise NotProven(NotProven.__doc__)
    crowd = People(tx, now_ms, source)
    claim = crowd.claim(who.user, who.anonymous, {})
    crowd.find([claim])
    person = crowd.who(claim)
    crowd.save()
    contact_id = person.root().id
    note(tx, [(contact_id, device)], now_ms)
    if evidence is not None:
        permitted(tx, contact_id, device, proven, evidence, now_ms)
    return contact_id


def _want_proof(tx: Tx) -> bool:
    return bool(settings.some(tx, ["devices_proven"]).get("devices_proven", False))


def moved(tx: Tx, medium: str, old: str, device: Device, now_ms: int) -> bool:
    """A push service gave a browser another address; who knows the old one holds the browser."""
    contact_id = devices.owner(tx, medium, old)
    if contact_id is None or consents.hold(tx, contact_id) is None:
        return False
    devices.forget_tokens(tx, [old])
    note(tx, [(contact_id, device)], now_ms)
    return True


def note(tx: Tx, seen: Iterable[tuple[int, Device | None]], now_ms: int) -> int:
    """Write down whose devices these are now; returns how many are new or have another owner. Contacts are held."""
    rows = [
        Seen(contact, one.medium, one.carrier, one.token, one.app, one.keys) for contact, one in seen if one is not None
    ]
    return devices.register(tx, rows, now_ms) if rows else 0


def permitted(tx: Tx, contact_id: int, device: Device, proven: bool, evidence: Evidence, now_ms: int) -> None:
    """Write what the device's owner said into the ledger. Without proof of who speaks a yes undoes no earlier no."""
    said = Said(
        contact_id, device.medium, GRANTED if evidence.allowed else DENIED, SOURCE, evidence.topic,
        language=evidence.language, ip=evidence.ip, agent=evidence.agent,
        overrules=proven or not evidence.allowed,
        evidence={"by": device.carrier, "page": evidence.page, "asked": evidence.asked},
    )  # fmt: skip
    consents.append(tx, [said], now_ms)


def left(tx: Tx, token: str, medium: str, withdraws: bool, now_ms: int) -> bool:
    """A device is taken off by whoever holds its token. ``withdraws``: that is a no, not just a sign-out.

    The no counts when it was the contact's last device: who turns one browser off may still want the other.
    """
    contact_id = devices.owner(tx, medium, token)
    if contact_id is None:
        return False
    person = consents.hold(tx, contact_id)
    devices.forget_tokens(tx, [token])
    if withdraws and person is not None and not devices.of(tx, [person], medium):
        granted = [
            about for about, said in consents.states(tx, person).items() if about[0] == medium and said == GRANTED
        ]
        consents.say_all(tx, person, WITHDRAWN, granted, source=SOURCE, now_ms=now_ms)
    return True


def reported(tx: Tx, shelf: ProgramShelf, message_id: int, what: str, now_ms: int) -> int:
    """What a browser says of a message it got, once: shown is a receipt, closed an event. How many are due now."""
    about = receipts.by_id(tx, [message_id]).get(message_id)
    if about is None or not callbacks.fresh(tx, 0, [f"web_push {what} {message_id}"], now_ms):
        return 0
    if what == "shown":
        receipts.arrived(tx, [(now_ms, None, message_id)])
        receipts.settled(tx, [message_id])
        return 0
    properties = {"message": message_id, "journey": about.journey or ""}
    return occur(tx, shelf, [(about.contact_id, CLOSED, properties)], now_ms)
