"""All tables together, and how their constraints are named."""

from . import consents, contacts, enrollments, events, journeys, messages, reviews, users
from .naming import metadata

__all__ = ["consents", "contacts", "enrollments", "events", "journeys", "messages", "metadata", "reviews", "users"]
