"""On what a kind of message is sent: the law's word for it, recorded with a version when it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...storage import topics
from ...storage.consents import TOPIC
from ...storage.database import Tx

CONSENT, CONTRACT = "consent", "contract"
BASES = {  # as the pages say them
    "consent": "They agreed",
    "legitimate_interest": "They are our customers and may object",
}


def legal_basis(tx: Tx, content: Mapping[str, Any]) -> str:
    """What messages of this content rest on: the contract where they are owed, else what their topic says."""
    if content.get("message_type") == "transactional":
        return CONTRACT
    topic = topics.named(tx, content.get("topic") or TOPIC)
    return topic.legal_basis if topic else CONSENT
