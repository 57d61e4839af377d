"""From the bytes of a mail that came back to what it says, recipient by recipient."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from .automatic import CHALLENGE, asks_for_proof, is_automatic
from .complaints import by_feedback
from .fields import arrived, by_bare_fields, by_fields
from .prose import by_words, is_delayed, looks_returned
from .reading import Mail, addresses, header, read
from .report import Report

NOTHING = Report("none")
MESSAGE_ID = re.compile(r"<?([^\s<>]{1,250}@[^\s<>]{1,250}?)>?(?:\s|$)")
OUR_ID = re.compile(r"m(\d{1,18})\.[0-9a-f]{20}@", re.A)
IN_TEXT = re.compile(r"^[ \t>]*(Message-ID|X-Sojourn-Message):[ \t]*<?([^\s<>]{1,250})", re.I | re.M)
CAME_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")

log = logging.getLogger(__name__)


def parse(raw: bytes) -> list[Report]:
    """What a mail says: at least one report, of kind ``none`` where it is nothing that came back. Never raises."""
    try:
        mail = read(raw)
        return [_signed(one, mail) for one in _said(mail)]
    except Exception:  # the bytes come from strangers: what even the standard library chokes on is no bounce
        log.info("A mail that came back could not be read.", exc_info=True)
        return [NOTHING]


def _said(mail: Mail) -> list[Report]:
    complaint = by_feedback(mail)
    if complaint:
        return [complaint]
    found = by_fields(mail)
    if found:
        return [
            replace(one, kind="auto_reply", hard=False) if CHALLENGE.search(one.diagnostic) else one for one in found
        ]
    if arrived(mail):
        return [NOTHING]
    if is_automatic(mail):
        return [Report("auto_reply", next(iter(addresses(mail.header("From"))), ""))]
    if not looks_returned(mail):
        return [NOTHING]
    if asks_for_proof(mail):
        return [Report("auto_reply", next(iter(addresses(mail.header("From"))), ""))]
    found = by_bare_fields(mail) or by_words(mail)
    if found:
        return found
    return [
        Report("delay" if is_delayed(mail) else "bounce", word="unknown", diagnostic=" ".join(mail.text.split())[:500])
    ]


def _signed(report: Report, mail: Mail) -> Report:
    """With the letter it is about, as far as the mail still carries its name."""
    reference = _id(header(mail.returned, "Message-ID")) or _id(header(mail.feedback, "Original-Message-ID"))
    number = header(mail.returned, "X-Sojourn-Message")
    if not reference:
        told = {match[1].lower(): match[2] for match in IN_TEXT.finditer(mail.text)}
        reference, number = told.get("message-id", ""), number or told.get("x-sojourn-message", "")
    if not reference:  # an answer names what it answers
        reference = _id(mail.header("In-Reply-To")) or _id(mail.header("References"))
    ours = OUR_ID.match(reference)
    message = int(ours[1]) if ours else int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    came_to = tuple(addresses(" ".join(mail.header(name) for name in CAME_TO)))[:10]
    return replace(report, reference=reference, message=message, came_to=came_to)


def _id(value: str) -> str:
    found = MESSAGE_ID.search(value)
    return found[1] if found else ""
