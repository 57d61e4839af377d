"""Amazon SES by way of SNS: signed with a certificate of Amazon's, and only of the topic the owner named."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..channels.callback import Call, Forged, Malformed, Reply, Signal
from .moments import iso_ms
from .reading import Outside, bounced, document, mapping, needs_secret, ours, text

HOST = re.compile(r"sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?\Z", re.A)
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  # SNS's version 1
OLDEST_MS = 30 * 86_400_000  # Amazon tries for days; what was told is remembered for longer, so nothing is told twice
NO_MAILBOX = ("NoEmail",)
ON_A_LIST = ("OnAccountSuppressionList", "Suppressed")
_KEYS: dict[str, rsa.RSAPublicKey] = {}  # by the address of the certificate


def read(call: Call, outside: Outside) -> Reply:
    """Reports of a notification; a subscription of the owner's topic is confirmed. It may wait for Amazon: never on an
    event loop. The secret is the topic's name (ARN): else anybody's topic could speak here."""
    needs_secret(outside, call)
    said = mapping(document(call.body))
    kind = text(said.get("Type"))
    if kind not in SIGNED:
        raise Malformed("It is no message of Amazon SNS.")
    if text(said.get("TopicArn")) != outside.secret:
        raise Forged(Forged.__doc__)
    _verify(said, kind, outside)
    at_ms = iso_ms(text(said.get("Timestamp")))
    if at_ms is None or abs(outside.now_ms - at_ms) > OLDEST_MS:
        raise Forged(Forged.__doc__)
    if kind == "SubscriptionConfirmation":
        url = text(said.get("SubscribeURL"))
        if not of_amazon(url):
            raise Forged(Forged.__doc__)
        outside.fetch(url)
        return Reply(body="confirmed")
    return Reply(list(_signals(mapping(document(text_of(said).encode())), text(said.get("MessageId")))))


def of_amazon(url: str) -> bool:
    """Whether an address is one of Amazon SNS, and nothing that only looks like it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "https" and bool(HOST.match(parts.hostname or "")) and parts.port in (None, 443)
            and parts.username is None and url.isprintable() and "\\" not in url
        )  # fmt: skip
    except ValueError:
        return False


def text_of(said: Mapping[str, Any]) -> str:
    """The message inside, whole."""
    message = said.get("Message")
    return message if isinstance(message, str) else ""


def _verify(said: Mapping[str, Any], kind: str, outside: Outside) -> None:
    url, version = text(said.get("SigningCertURL")), text(said.get("SignatureVersion"))
    if not of_amazon(url) or not url.endswith(".pem") or version not in HASHES:
        raise Forged(Forged.__doc__)
    signed = "".join(f"{name}\n{said[name]}\n" for name in SIGNED[kind] if isinstance(said.get(name), str))
    try:
        signature = base64.b64decode(text(said.get("Signature")), validate=True)
        _key(url, outside).verify(signature, signed.encode(), padding.PKCS1v15(), HASHES[version])
    except (binascii.Error, InvalidSignature, UnicodeError):
        raise Forged(Forged.__doc__) from None


def _key(url: str, outside: Outside) -> rsa.RSAPublicKey:
    if url not in _KEYS:
        try:
            key = x509.load_pem_x509_certificate(outside.fetch(url)).public_key()
        except ValueError:
            raise Forged(Forged.__doc__) from None
        if not isinstance(key, rsa.RSAPublicKey):
            raise Forged(Forged.__doc__)
        if len(_KEYS) > 20:
            _KEYS.clear()
        _KEYS[url] = key
    return _KEYS[url]


def _signals(event: Mapping[str, Any], number: str) -> Iterator[Signal]:
    kind = text(event.get("notificationType")) or text(event.get("eventType"))
    reference = _reference(mapping(event.get("mail")))
    if kind == "Bounce":
        bounce = mapping(event.get("bounce"))
        lasting, finer = text(bounce.get("bounceType")) == "Permanent", text(bounce.get("bounceSubType"))
        for one in _each(bounce.get("bouncedRecipients")):
            address, words = text(one.get("emailAddress")), text(one.get("diagnosticCode"))
            if finer in ON_A_LIST:
                words = f"Amazon has the address on its own list of those left alone. {words}"
            gone = lasting and finer in NO_MAILBOX
            at_ms = iso_ms(text(bounce.get("timestamp")))
            yield bounced(f"{number} {address}", reference, address, words, text(one.get("status")), gone, at_ms)
    elif kind == "Complaint":
        complaint = mapping(event.get("complaint"))
        if text(complaint.get("complaintSubType")) in ON_A_LIST:
            return  # of long ago: Amazon did not even send it
        for one in _each(complaint.get("complainedRecipients")):
            address, why = text(one.get("emailAddress")), text(complaint.get("complaintFeedbackType"))
            at_ms = iso_ms(text(complaint.get("timestamp")))
            yield Signal("complained", f"{number} {address}", reference, address, why, at_ms=at_ms)
    elif kind == "Delivery":
        delivery = mapping(event.get("delivery"))
        recipients = delivery.get("recipients")
        for address in recipients if isinstance(recipients, list) else ():
            at_ms = iso_ms(text(delivery.get("timestamp")))
            yield Signal("delivered", f"{number} {text(address)}", reference, text(address), at_ms=at_ms)


def _reference(mail: Mapping[str, Any]) -> str:
    """Our own Message-ID: Amazon replaces it, but tells the one that was given."""
    for one in _each(mail.get("headers")):
        if text(one.get("name")).lower() == "message-id" and (found := ours(text(one.get("value")))):
            return found
    return ours(text(mapping(mail.get("commonHeaders")).get("messageId")))


def _each(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (mapping(one) for one in (value if isinstance(value, list) else ())[:500])
