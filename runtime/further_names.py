"""The names a message gives a person beside userId and anonymousId: ids of other systems, devices and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .addresses import name as clean_name

MOST = 20  # of one message
LONGEST = 255
KIND = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
DEVICES = frozenset({"device", "device_id", "android.id", "android.idfa", "ios.id", "ios.idfa", "idfa", "idfv", "gaid"})
COOKIES = frozenset({"cookie", "ga_client_id", "cross_domain_id"})
SAID_ELSEWHERE = frozenset({"user_id", "anonymous_id", "email", "phone"})  # userId, anonymousId and traits say them
NOBODY = re.compile(r"[0\-]*|null|undefined|none|nan|unknown|\[object object\]", re.IGNORECASE)

Name = tuple[str, str]


def further_names(context: Any) -> tuple[Name, ...]:
    """``(kind, value)`` of ``context.externalIds`` and ``context.device``; what is no name is passed over.

    The kinds are ``device``, ``cookie`` and, for the id of a person in another system, ``id:`` with its type.
    """
    if not isinstance(context, dict):
        return ()
    found: dict[Name, None] = {}
    for kind, value in _said(context):
        text = clean_name(str(value))
        if not isinstance(value, bool | float) and text and len(text) <= LONGEST and not NOBODY.fullmatch(text):
            found[kind, text] = None
    return tuple(found)[:MOST]


def _said(context: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    device = context.get("device")
    if isinstance(device, dict):
        for key in ("id", "advertisingId"):
            if isinstance(device.get(key), str):
                yield "device", device[key]
    listed = context.get("externalIds")
    for one in listed[:MOST] if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("type"), str) or one.get("encoding", "none") != "none":
            continue
        kind = one["type"].strip().lower()
        if one.get("collection", "users") != "users" or kind in SAID_ELSEWHERE or not KIND.fullmatch(kind):
            continue
        value = one.get("id")
        if isinstance(value, str | int):
            yield "device" if kind in DEVICES else "cookie" if kind in COOKIES else f"id:{kind}", value
