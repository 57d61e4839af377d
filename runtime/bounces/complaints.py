"""Complaints as mailbox providers send them (RFC 5965), also those that hide whose they are."""

from __future__ import annotations

from .reading import Mail, addresses, header
from .report import Report

NAMED_IN = ("Original-Rcpt-To", "Removal-Recipient", "X-HmXmrOriginalRecipient", "Redacted-Address")
NAMED_IN_LETTER = ("X-HmXmrOriginalRecipient", "To", "Delivered-To", "X-Original-To")
AGAINST_US = frozenset(
    {"", "abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized", "complaint"}
)


def by_feedback(mail: Mail) -> Report | None:
    """The complaint in a mail; None where it is none. Whom it names may be missing: our own Message-ID says it then."""
    if mail.feedback is None:
        return None
    kind = header(mail.feedback, "Feedback-Type").lower()
    if kind == "not-spam" or kind.startswith("auth-failure"):
        return Report("none", diagnostic=f"Feedback-Type: {kind}")
    values = [header(mail.feedback, name) for name in NAMED_IN]
    values += [header(mail.returned, name) for name in NAMED_IN_LETTER]
    recipient = next((found[0] for value in values if (found := addresses(value))), "")
    said = " ".join(filter(None, (header(mail.feedback, "User-Agent"), header(mail.feedback, "Source-IP"))))
    known = kind if kind in AGAINST_US else "other"
    return Report("complaint", recipient, word=known or "abuse", diagnostic=said[:500],
                  mta=header(mail.feedback, "Reporting-MTA").partition(";")[2].strip())  # fmt: skip
