"""Mailgun: each call carries an HMAC of its moment and a word used once."""

from __future__ import annotations

import hashlib
import hmac

from ..channels.callback import Call, Forged, Reply, Signal
from .moments import seconds_ms
from .reading import AGE_MS, Outside, bounced, document, mapping, needs_secret, ours, same, text


def read(call: Call, outside: Outside) -> Reply:
    """One report. Raises `Forged` for what was not signed with the account's key, or long ago."""
    needs_secret(outside, call)
    said = mapping(document(call.body))
    mark = mapping(said.get("signature"))
    at, token = text(mark.get("timestamp")), text(mark.get("token"))
    wanted = hmac.new(outside.secret.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    signed_ms = seconds_ms(at)
    if not same(text(mark.get("signature")), wanted) or signed_ms is None or abs(outside.now_ms - signed_ms) > AGE_MS:
        raise Forged(Forged.__doc__)
    event = mapping(said.get("event-data"))
    kind, key, address = text(event.get("event")), text(event.get("id")), text(event.get("recipient"))
    reference = ours(text(mapping(mapping(event.get("message")).get("headers")).get("message-id")))
    at_ms = seconds_ms(text(event.get("timestamp")))
    if kind in ("delivered", "complained"):
        return Reply([Signal(kind, key, reference, address, at_ms=at_ms)])
    if kind == "failed" and text(event.get("severity")) == "permanent":  # what passes it goes on trying
        status = mapping(event.get("delivery-status"))
        words = " ".join(text(status.get(name)) for name in ("code", "message", "description")).strip()
        return Reply([bounced(key, reference, address, words, text(status.get("enhanced-code")), at_ms=at_ms)])
    return Reply()
