"""Postmark: no signature, so the webhook's address carries a user name and a password (Basic) that only it knows."""

from __future__ import annotations

import base64
import binascii

from ..channels.callback import Call, Forged, Reply, Signal
from .moments import iso_ms
from .reading import Outside, bounced, document, mapping, needs_secret, same, text

GONE = ("HardBounce", "BadEmailAddress")
PASSING = ("Transient", "AutoResponder", "Subscribe", "Unsubscribe", "OpenRelayTest", "ChallengeVerification",
           "SMTPApiError", "InboundError", "DMARCPolicy", "TemplateRenderingFailed", "Unconfirmed",
           "ManuallyDeactivated", "AddressChange")  # fmt: skip


def read(call: Call, outside: Outside) -> Reply:
    """One report. Raises `Forged` where the password is not the account's."""
    needs_secret(outside, call)
    if not same(_password(call.headers.get("authorization", "")), outside.secret):
        raise Forged(Forged.__doc__)
    said = mapping(document(call.body))
    record, kind = text(said.get("RecordType")), text(said.get("Type"))
    key = f"{record} {text(said.get('ID')) or text(said.get('MessageID'))}"
    if record == "Delivery":
        at_ms = iso_ms(text(said.get("DeliveredAt")))
        return Reply([Signal("delivered", key, "", text(said.get("Recipient")), at_ms=at_ms)])
    address, at_ms = text(said.get("Email")), iso_ms(text(said.get("BouncedAt")))
    if record == "SpamComplaint" or (record == "Bounce" and kind in ("SpamComplaint", "SpamNotification")):
        if kind == "SpamNotification":  # a filter's word, not a person's
            return Reply([bounced(key, "", address, f"Taken for spam. {text(said.get('Details'))}", at_ms=at_ms)])
        return Reply([Signal("complained", key, "", address, at_ms=at_ms)])
    if record == "Bounce" and kind not in PASSING:
        words = " ".join(part for part in (text(said.get("Description")), text(said.get("Details"))) if part)
        return Reply([bounced(key, "", address, words, "", kind in GONE, at_ms)])
    return Reply()


def _password(authorization: str) -> str:
    scheme, _, coded = authorization.partition(" ")
    try:
        plain = base64.b64decode(coded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeError):
        return ""
    return plain.partition(":")[2]
