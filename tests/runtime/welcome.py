"""A small journey that welcomes people, for tests of drafts and versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import MJML


def welcome(step: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Its content, to be changed as a test likes."""
    return {
        "name": "welcome",
        "title": "Welcome",
        "message_type": "marketing",
        "nodes": {
            "in": step("trigger_event", {"event": "subscribed"}, next="mail"),
            "mail": step("email", {"letter": "hello"}, next="out"),
            "out": step("exit"),
        },
        "letters": {"hello": {"subject": "Hello", "mjml": MJML}},
    }
