"""All tables together: every module that declares one stands here."""

from . import (
    consents,
    contacts,
    enrollments,
    events,
    features,
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
    "features",
    "journeys",
    "messages",
    "metadata",
    "reviews",
    "tombstones",
    "users",
]
