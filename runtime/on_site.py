"""What a visitor of the site is shown: whose messages may be read, which of them now, and what was done with them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from ..storage import messages, people, waiting_messages
from ..storage.database import Tx
from ..storage.waiting_messages import Waiting
from .content.links import ForgedLink, Links
from .occurrences import occur
from .program import ProgramShelf

PURPOSE = "inbox"  # of the key that identity hashes are made with
KINDS = {"userId": "user", "anonymousId": "anonymous"}
EVENTS = {"seen": "in_app_seen", "clicked": "in_app_clicked", "closed": "in_app_closed"}
ADDRESS = re.compile(r"(https?://[^/\\]|mailto:|tel:|/(?![/\\]))", re.IGNORECASE)


class NotTheirs(Exception):
    """Nothing proves that this visitor is who they say: send the hash that your own server made, or a token."""


class NoSuchMessage(Exception):
    """This visitor has no such message."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who says they are there: by a token of ours, or by an id with the hash that the site's own server made."""

    kind: str = ""  # user, anonymous
    value: str = ""
    proof: str = ""  # the hash of it, or a token where no id is given


def hash_of(key: str, kind: str, value: str) -> str:
    """What a site's own server makes of somebody's id, with the key of the instance."""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), sha256).hexdigest()


def whose(tx: Tx, visitor: Visitor, key: str, links: Links, now_ms: int) -> int | None:
    """The contact, None for somebody nobody knows yet. Raises `NotTheirs`."""
    if not visitor.kind:
        try:
            return people.root(tx, links.read_visit(visitor.proof, now_ms))
        except ForgedLink:
            raise NotTheirs(NotTheirs.__doc__) from None
    wanted = hash_of(key, visitor.kind, visitor.value)
    if not hmac.compare_digest(wanted.encode(), visitor.proof.lower().encode()):
        raise NotTheirs(NotTheirs.__doc__)
    return next((contact for _, contact in people.identities(tx, visitor.kind, [visitor.value])), None)


def waiting(tx: Tx, contact_id: int, page: str, now_ms: int) -> list[dict[str, Any]]:
    """Everything in somebody's inbox, the most important first; ``show`` is what shows itself on this page now."""
    return [
        {**_said(one), "show": _shows_itself(one, now_ms) and _here(one.content.get("pages") or (), page)}
        for one in waiting_messages.of(tx, contact_id, now_ms)
    ]


def note(tx: Tx, shelf: ProgramShelf, contact_id: int, message_id: int, what: str, now_ms: int) -> int:
    """What the visitor did with a message; returns how many people are due. Raises `NoSuchMessage`."""
    people.locked(tx, [contact_id])  # first of all, as everybody does who writes about people
    first = waiting_messages.note(tx, message_id, contact_id, what, now_ms)
    if first is None:
        raise NoSuchMessage(NoSuchMessage.__doc__)
    if not first:
        return 0
    if what == "seen":
        messages.opened(tx, message_id, now_ms)
    elif what == "clicked":
        messages.clicked(tx, message_id, now_ms)
    return occur(tx, shelf, [(contact_id, EVENTS[what], {"message": message_id})], now_ms)


def fits(pattern: str, page: str) -> bool:
    """Whether an address is one of those a pattern means; one that begins with / is held to the path alone."""
    parts = urlsplit(page)
    text = parts.path + (f"?{parts.query}" if parts.query else "") if pattern.startswith("/") else page.split("#")[0]
    if pattern.startswith("/") and "?" not in pattern:
        text = parts.path or "/"
    first, *rest = pattern.split("*")
    if not text.startswith(first) or (not rest and text != first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not rest or (text.endswith(rest[-1]) and len(text) - len(rest[-1]) >= at)


def _here(pages: Sequence[str], page: str) -> bool:
    return not pages or any(fits(str(pattern), page) for pattern in pages)


def _shows_itself(one: Waiting, now_ms: int) -> bool:
    """So often, with a pause between; what is only for the list never does."""
    if one.content.get("placement") == "inbox" or (one.most and one.shown >= one.most):
        return False
    return one.shown_at is None or now_ms >= one.shown_at + int(one.content.get("pause_ms", 0))


def _said(one: Waiting) -> dict[str, Any]:
    content = one.content
    return {
        "id": one.message_id,
        "placement": content.get("placement", "card"),
        "title": content.get("title", ""),
        "text": content.get("text", ""),
        "picture": _safe(content.get("picture", "")),
        "button": content.get("button", ""),
        "url": _safe(content.get("url", "")),
        "at": one.placed_at,
        "seen": one.seen_at is not None,
    }


def _safe(address: str) -> str:
    """An address a page may lead to: whatever a property held, it runs nothing."""
    return address if ADDRESS.match(address) and address.isprintable() else ""
