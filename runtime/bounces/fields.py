"""Delivery status as RFC 3464 has it: one report for each recipient named."""

from __future__ import annotations

import re
from email.message import Message
from itertools import zip_longest

from .reading import Mail, addresses, header
from .report import Report
from .words import ENHANCED, NAMED_GONE, PLAINLY_FULL, code_in, enhanced_in, is_hard, word_of

ARRIVED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
BARE = re.compile(r"^[ \t]*(?:Final|Original)-Recipient:[ \t]*(?:[\w-]{1,20};)?[ \t]*<?([^\s<>;]{1,300})", re.I | re.M)
BARE_STATUS = re.compile(r"^[ \t]*Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.I | re.M)
BARE_ACTION = re.compile(r"^[ \t]*Action:[ \t]*(\w{1,20})", re.I | re.M)
BARE_DIAGNOSTIC = re.compile(r"^[ \t]*Diagnostic-Code:[ \t]*(.{1,900})", re.I | re.M)


def by_fields(mail: Mail) -> list[Report]:
    """What the status blocks say; nothing where there are none."""
    mta, found = "", {}
    for block in mail.statuses:
        mta = mta or after_type(header(block, "Reporting-MTA"))
        report = _one(block, mta, mail)
        if report and found.get(report.recipient, report).kind != "bounce":
            found[report.recipient] = report
        elif report:
            found.setdefault(report.recipient, report)
    return list(found.values())


def arrived(mail: Mail) -> bool:
    """Whether the blocks say of everybody named that the letter came to them."""
    actions = {_action(block) for block in mail.statuses if block.get("Action")}
    return bool(actions) and actions <= ARRIVED


def by_bare_fields(mail: Mail) -> list[Report]:
    """The same fields where they stand in the prose, as some servers write them."""
    found: dict[str, Report] = {}
    starts = list(BARE.finditer(mail.text))[:20]
    for match, following in zip_longest(starts, starts[1:]):
        recipient = next(iter(addresses(match[1])), "")
        near = mail.text[match.start() : following.start() if following else match.start() + 2_000]
        action, status, said = BARE_ACTION.search(near), BARE_STATUS.search(near), BARE_DIAGNOSTIC.search(near)
        if not recipient or (action and action[1].lower() in ARRIVED):
            continue
        diagnostic = said[1] if said else ""
        delayed = bool(action and action[1].lower() == "delayed")
        if recipient not in found or status:
            found[recipient] = made(recipient, status[1] if status else "", diagnostic, mail, delayed=delayed)
    return list(found.values())


def made(recipient: str, enhanced: str, diagnostic: str, mail: Mail, delayed: bool = False, mta: str = "") -> Report:
    """A report with our word for what was said; the mail's own words help where the diagnostic says nothing."""
    said = enhanced_in(diagnostic)
    if said and (not enhanced or enhanced.endswith(".0.0") or (enhanced[0] == said[0] and enhanced[2:] in VAGUE)):
        enhanced = said
    elif not enhanced:
        enhanced = enhanced_in(mail.text)
    if not diagnostic and enhanced[2:] in NAMED_GONE and not PLAINLY_FULL.search(mail.text):
        told = " "  # the code says it all; the rest of the mail may be a lawyer's
    else:
        told = _told(diagnostic, mail)
    code = code_in(diagnostic) or (code_in(mail.text) if not diagnostic else 0)
    word = word_of(enhanced, told)
    if word == "unknown" and told == diagnostic:
        word = word_of(enhanced, mail.text)
    hard = not delayed and is_hard(word, enhanced, code)
    diagnostic = " ".join((diagnostic or mail.text).split())[:500]
    return Report("delay" if delayed else "bounce", recipient, code, enhanced, word, hard, diagnostic, mta=mta)


VAGUE = frozenset({"0.0", "1.0", "3.0", "5.0", "7.0", "4.0", "2.0", "4.7", "7.1"})


def after_type(value: str) -> str:
    """What stands after ``dns;`` or ``rfc822;``."""
    return value.partition(";")[2].strip() or value.strip()


def _one(block: Message, mta: str, mail: Mail) -> Report | None:
    action = _action(block)
    if action in ARRIVED:
        return None
    named = [header(block, name) for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient")]
    found = [addresses(after_type(one)) for one in named]
    recipient = next((one[0] for one in found if one), "") or next((one for one in map(_odd, named) if one), "")
    if not recipient:
        return None
    status = ENHANCED.search(header(block, "Status"))
    diagnostic = " ".join(header(block, name) for name in ("Diagnostic-Code", "X-Supplementary-Info")).strip()
    diagnostic = diagnostic or header(block, "Status").partition(" ")[2]
    return made(recipient, status[1] if status else "", after_type(diagnostic), mail, action == "delayed", mta)


def _action(block: Message) -> str:
    return (header(block, "Action").lower().split() or [""])[0].strip("();,.")


def _told(diagnostic: str, mail: Mail) -> str:
    """What was said; with the mail's own words where a server's answer says nothing."""
    if len(diagnostic) > 25 or word_of("", diagnostic) != "unknown":
        return diagnostic
    return f"{diagnostic} {mail.text}"


def _odd(value: str) -> str:
    """An address no mail could go to, as it was written; "" for what is none at all."""
    value = after_type(value).strip("<> ").lower()
    return value[:300] if "@" in value and " " not in value else ""
