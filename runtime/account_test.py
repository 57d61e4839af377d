"""One message by one account, to see that it works: to an address of the owner's, never to a contact's on their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from ..storage import accounts, devices, suppressions, users
from ..storage.columns import dump
from .accounts import AccountProblem, open_account
from .channels.alert import Alerting
from .channels.channel import (
    Delivered,
    Outcome,
    Parcel,
    Refused,
    Token,
    TryLater,
    Unclear,
    Unreachable,
    media,
)
from .channels.placed import Placed
from .content.brand import Brand
from .content.rendered import Rendered
from .deliverability.keys import Keyring
from .settings import load as load_settings


@dataclass(frozen=True, slots=True)
class Said:
    """How it went, as a sentence."""

    ok: bool
    words: str


async def send(parts: Any, name: str, to: str, text: str, actor: str) -> Said:
    """Send one message by the account, and note it in the audit trail. Raises `AccountProblem`."""
    db, now_ms = parts.db, parts.clock.now_ms()
    account = db.look(lambda tx: accounts.named(tx, name))
    if account is None:
        raise AccountProblem(f"There is no account “{name}”: `sojourn channels list` shows all.")
    medium = media()[account.medium]
    if medium.address in ("phone", "email", "device") and not to:
        raise AccountProblem("Say where to: an address of your own.")
    if to and (why := db.look(lambda tx: suppressions.reason(tx, to, medium.name, now_ms))):
        raise AccountProblem(f"{to} is suppressed ({why}): nothing may be sent there.")
    channel = open_account(parts, account)
    if isinstance(channel, Placed):
        raise AccountProblem("By this account nothing goes out at once, so there is nothing to test.")
    brand = Brand.of(db.look(load_settings))
    if medium.address == "email":
        signers = db.look(lambda tx: Keyring(parts.secrets).signers(tx, brand.sender_address or ""))
        brand = replace(brand, signers=signers)
    known = medium.form.model_fields.items()
    fields = {key: field.get_default(call_default_factory=True) for key, field in known if not field.is_required()}
    fields |= {key: text for key in medium.form.model_fields if key in ("text", "title", "letter")}
    if fields.get("kind") == "json":
        fields["body"] = dump({"test": text})
    keys = db.look(lambda tx: devices.keys_of(tx, account.carrier, to))  # of a browser that has subscribed
    tokens = (Token(account.carrier, to, keys=keys),) if medium.address == "device" else ()
    rendered = Rendered(subject="A test", text=text, html=f"<p>{escape(text)}</p>", fields=fields)
    parcel = Parcel(0, to, rendered, brand, at_ms=now_ms, devices=tokens, transactional=True)
    try:
        if isinstance(channel, Alerting):
            outcome = await channel.tell(to, "A test", text, 0, brand)
        else:
            (outcome,) = await channel.hand_over([parcel], Yes())
    finally:
        await channel.close()
    said = in_words(outcome)
    db.write(lambda tx: users.note(tx, actor, "account.test", name, now_ms, {"to": to, "said": said.words}))
    return said


class Yes:
    """A test asks nobody but the owner, who just said so."""

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        return frozenset(ids)

    def tell(self, message_id: int, outcome: Outcome) -> None: ...


def in_words(outcome: Outcome) -> Said:
    """What came of handing a message over."""
    match outcome:
        case Delivered(text=text):
            return Said(True, f"It was taken{f': {text}' if text else ''}.")
        case Refused(code=code, text=text) | TryLater(code=code, text=text):
            return Said(False, f"It was not taken: {f'{code} ' if code else ''}{text}")
        case Unreachable(text=text):
            return Said(False, f"Nothing was sent: {text.rstrip('.')}.")
        case Unclear(text=text):
            return Said(False, f"Whether it arrived is not known: {text}")
        case _:
            return Said(False, "It was held back.")
