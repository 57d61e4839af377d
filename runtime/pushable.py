"""Phones and browsers as SDKs and pages tell of them, read into what can be pushed to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .exchange.sealed_push import BadSubscription, keys_of

PUSH, WEB_PUSH = "push", "web_push"
LONGEST, LONGEST_APP = 4_096, 200  # characters of a token, of the name of an app
APPLE = re.compile(r"[0-9a-fA-F]{64,200}")  # Firebase's tokens hold a colon, Apple's are hexadecimal
CARRIERS = {"ios": "apns", "ipados": "apns", "apns": "apns", "android": "fcm", "fcm": "fcm"}


class NotADevice(Exception):
    """This is no device: send its token and whether it is ios or android."""


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or browser as it was told."""

    medium: str
    carrier: str
    token: str
    app: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)


def device_of(context: Any) -> Device | None:
    """The device in the context of a message, as Segment's mobile SDKs send it; None where there is none."""
    if not isinstance(context, Mapping) or not isinstance(context.get("device"), Mapping):
        return None
    app = context.get("app")
    name = app.get("namespace") if isinstance(app, Mapping) else ""
    try:
        return phone(context["device"].get("token"), context["device"].get("type"), name)
    except NotADevice:
        return None


def phone(token: Any, kind: Any, app: Any = "") -> Device:
    """A phone by its token. Raises `NotADevice`."""
    kind = kind.strip().lower() if isinstance(kind, str) else ""
    if not isinstance(token, str) or not 8 <= len(token) <= LONGEST or not token.isascii() or not token.isprintable():
        raise NotADevice(NotADevice.__doc__)
    carrier = "apns" if APPLE.fullmatch(token) else "fcm" if ":" in token else CARRIERS.get(kind)
    if carrier is None or " " in token:
        raise NotADevice(NotADevice.__doc__)
    name = app if isinstance(app, str) and len(app) <= LONGEST_APP and app.isprintable() else ""
    return Device(PUSH, carrier, token.lower() if carrier == "apns" else token, name)


def browser(subscription: Any, private_hosts: Iterable[str] = ()) -> Device:
    """A browser by what `PushSubscription.toJSON()` gives. Raises `NotADevice`."""
    said = subscription if isinstance(subscription, Mapping) else {}
    endpoint, keys = said.get("endpoint"), said.get("keys")
    if not isinstance(endpoint, str) or len(endpoint) > LONGEST or not isinstance(keys, Mapping):
        raise NotADevice(BadSubscription.__doc__)
    try:
        parts = urlsplit(endpoint)
        keys_of(keys)
    except ValueError:
        raise NotADevice(BadSubscription.__doc__) from None
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if not plain or not (parts.scheme == "https" or parts.hostname in {*private_hosts}):
        raise NotADevice(BadSubscription.__doc__)
    kept = {"p256dh": str(keys["p256dh"]), "auth": str(keys["auth"])}
    return Device(WEB_PUSH, WEB_PUSH, endpoint, keys=kept)
