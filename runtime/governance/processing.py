"""The record of processing (GDPR, Article 30), made from what this instance does: nobody has to write it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...storage import accounts, catalog, connections, journeys, topics, webhooks
from ...storage.database import Tx
from ..numbers import counted
from ..settings import load
from . import retention

NAMED = 40  # properties and events that are listed by name
BASES = {
    "consent": "consent (Article 6(1)(a))",
    "contract": "performance of a contract (Article 6(1)(b))",
    "legal_obligation": "a legal obligation (Article 6(1)(c))",
    "legitimate_interest": "legitimate interests (Article 6(1)(f))",
}
GUARDED = (
    "People sign in with a password that is kept only as an Argon2 digest; each role may do what it needs.",
    "Secrets are encrypted with a key that is kept outside the database.",
    "Nothing is sent without the consent its topic needs, looked up at the moment of hand-over.",
    "Every change of consent is added to a ledger whose entries are chained, so that a change would be seen.",
    "A person is erased down to the bytes of the store; a keyed digest keeps them from being imported again.",
    "What people change in this instance stands in a trail.",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the record: a question and its answers, each with what it is about ("" where that is plain)."""

    title: str
    lines: tuple[tuple[str, str], ...]


def processing_record(tx: Tx, config: Mapping[str, Any]) -> list[Part]:
    """Who, what for, whose data, to whom, how long, how guarded."""
    return [_who(tx), _purposes(tx), _whose(tx), _receivers(tx, config), _how_long(tx), _guarded()]


def _who(tx: Tx) -> Part:
    known = load(tx)
    lines = [("Name", known.brand_name), ("Address", known.postal_address or "not set yet: Settings, postal address")]
    lines.append(("Contact", known.reply_to or known.sender_address or "not set yet: Settings, sender address"))
    return Part("Who answers for it", tuple(lines))


def _purposes(tx: Tx) -> Part:
    live = [journey for journey in journeys.journeys(tx) if journey.live_version is not None]
    lines: list[tuple[str, str]] = []
    for topic in topics.catalogue(tx):
        using = [
            journey.title
            for journey in live
            if journey.draft.get("message_type") != "transactional"
            and (journey.draft.get("topic") or topics.TOPIC) == topic.name
        ]
        basis = BASES.get(topic.legal_basis, topic.legal_basis.replace("_", " "))
        journeys_said = f"Journeys: {', '.join(using)}." if using else "No live journey."
        lines.append((topic.said("en"), f"Legal basis: {basis}. By {', '.join(topic.channels)}. {journeys_said}"))
    owed = [journey.title for journey in live if journey.draft.get("message_type") == "transactional"]
    if owed:
        lines.append(("Messages that are owed", f"Legal basis: {BASES['contract']}. Journeys: {', '.join(owed)}."))
    return Part("What for, and on which legal basis", tuple(lines))


def _whose(tx: Tx) -> Part:
    people, _ = catalog.contact_ids(tx)
    properties = [seen.name for seen in catalog.contact_properties(tx)][:NAMED]
    events = [seen.name for seen in catalog.events_seen(tx, NAMED)]
    return Part(
        "Whose data, and which",
        (
            ("People", f"{counted(people, 'contact')}: customers and those who asked to hear from us."),
            ("What is known of them", ", ".join(properties) or "nothing yet"),
            ("What they did", ", ".join(events) or "nothing yet"),
            ("What was sent to them", "Every message, whether it was opened and clicked, and why it was sent or not."),
            ("What they agreed to", "Every consent and refusal, with its time, source and wording."),
        ),
    )


def _receivers(tx: Tx, config: Mapping[str, Any]) -> Part:
    host = urlsplit(str(config.get("smtp_url") or "")).hostname
    hosts = [host, *(one.settings.get("host") for one in accounts.everyone(tx, ["email"]) if one.status == "on")]
    lines = [("Mail server", ", ".join(sorted({one for one in hosts if one})) or "none is set")]
    lines += [(f"Program: {hook.title}", f"{urlsplit(hook.url).hostname}, told of {', '.join(hook.events) or 'events'}")
              for hook in webhooks.everyone(tx)]  # fmt: skip
    lines += [(f"Source: {source.title}", f"brings {source.brings}") for source in connections.everyone(tx)]
    return Part("Who receives it, and where it comes from", tuple(lines))


def _how_long(tx: Tx) -> Part:
    days = retention.rules(tx)
    return Part(
        "How long it is kept",
        tuple(
            (rule.title, counted(days[rule.key], "day") if days[rule.key] else "without a limit")
            for rule in retention.RULES
        ),
    )


def _guarded() -> Part:
    return Part("How it is guarded", tuple(("", line) for line in GUARDED))
