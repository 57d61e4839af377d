"""SendGrid: calls are signed with an elliptic key whose public half the owner copies into the account."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ..channels.callback import Call, Forged, Malformed, Reply, Signal
from .moments import seconds_ms
from .reading import AGE_MS, LARGEST, Outside, bounced, document, mapping, needs_secret, ours, text

SIGNATURE, MOMENT = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"


def read(call: Call, outside: Outside) -> Reply:
    """Many reports at once. Raises `Forged` for what the account's key did not sign, or long ago."""
    needs_secret(outside, call)
    at = call.headers.get(MOMENT, "")
    signed_ms = seconds_ms(at)
    if signed_ms is None or abs(outside.now_ms - signed_ms) > AGE_MS:
        raise Forged(Forged.__doc__)
    try:
        signature = base64.b64decode(call.headers.get(SIGNATURE, ""), validate=True)
        key = load_der_public_key(base64.b64decode(outside.secret, validate=True))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Malformed("The account's reports_secret is no elliptic key: copy SendGrid's verification key.")
        key.verify(signature, at.encode() + call.body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Forged(Forged.__doc__) from None
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise Forged(Forged.__doc__) from None
    events = document(call.body)
    if not isinstance(events, list):
        raise Malformed("The body is no list of events.")
    found = [_signal(mapping(one)) for one in events[:LARGEST]]
    return Reply([one for one in found if one is not None])


def _signal(event: Mapping[str, Any]) -> Signal | None:
    kind, key, address = text(event.get("event")), text(event.get("sg_event_id")), text(event.get("email"))
    reference, at_ms = ours(text(event.get("smtp-id"))), seconds_ms(text(event.get("timestamp")))
    if not key:
        return None
    if kind == "delivered":
        return Signal("delivered", key, reference, address, at_ms=at_ms)
    if kind == "spamreport":
        return Signal("complained", key, reference, address, at_ms=at_ms)
    if kind in ("bounce", "dropped"):
        return bounced(key, reference, address, text(event.get("reason")), text(event.get("status")), at_ms=at_ms)
    return None
