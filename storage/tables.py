"""All tables together: every module that declares one stands here."""

from . import (
    consents,
    contacts,
    enrollments,
    events,
    journeys,
    messages,
    reviews,
    tombstones,
    users,
)
from .naming import metadata

__all__ = [
    "consents",
    "contacts",
    "enrollments",
    "events",
    "journeys",
    "messages",
    "metadata",
    "reviews",
    "tombstones",
    "users",
]
