"""Takes in what came back by mail, from a stranger's hand: what is proven counts in full, all else carefully."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from email_validator import EmailNotValidError, validate_email

from ...storage import callbacks, people, receipts
from ...storage.database import Database, Tx
from ...storage.receipts import About
from ..channels.callback import Signal
from ..clock import Clock
from ..content.verp import PURPOSE, read_return_path
from ..program import ProgramShelf
from ..told import Told, conclude
from .parsing import OUR_ID, parse
from .report import Report
from .words import FULL, SAID

NO_ACCOUNT = 0  # mail comes back to the house itself, whichever account carried the letter
FROM = "the bounce mailbox"
COUNTED = "It was counted."
NOT_OURS = "It is not about a letter of ours: nothing was done."
NOBODY = "Nobody with this address was written to in the last 30 days: nothing was done."
KNOWN = "It was taken in before: nothing was done."
UNPROVEN = "It does not show our letter, so it only counts towards leaving the address alone."

Find = Callable[[str], int | None]  # the message a return path was made for, if we made it


@dataclass(frozen=True, slots=True)
class Taken:
    """One report, and what was done about it. ``due``: how many people are due now because of the whole mail."""

    report: Report
    done: str
    due: int = 0


def take_in(db: Database, shelf: ProgramShelf, clock: Clock, raw: bytes, find: Find | None = None) -> list[Taken]:
    """Take in one mail that came back; the same again does nothing. ``find`` reads our own return paths."""
    reports = parse(raw)
    now_ms = clock.now_ms()
    telling = [one for one in reports if one.kind in ("bounce", "complaint")]
    if not telling:
        return [Taken(one, _nothing(one)) for one in reports]
    digest = sha256(raw).hexdigest()[:32]
    return db.write(lambda tx: _apply(tx, shelf, reports, digest, now_ms, find), durable=True)


def paths_of(parts: Any) -> Find:
    """What reads the return paths that this instance made."""
    secret = parts.secrets.derive(PURPOSE)
    return lambda address: read_return_path(address, secret)


def _apply(
    tx: Tx, shelf: ProgramShelf, reports: Sequence[Report], digest: str, now_ms: int, find: Find | None
) -> list[Taken]:
    told: list[Told] = []
    taken: list[Taken] = []
    for report in reports:
        one, done = _told(tx, report, digest, now_ms, find)
        if one and one.signal.key not in callbacks.fresh(tx, NO_ACCOUNT, [one.signal.key], now_ms):
            one, done = None, KNOWN
        if one:
            told.append(one)
        taken.append(Taken(report, done))
    if tx.postgres and told:
        people.locked(tx, sorted({contact for one in told for contact in one.contacts}))
    due = conclude(tx, shelf, FROM, told, now_ms) if told else 0
    return [Taken(one.report, one.done, due) for one in taken]


def _told(tx: Tx, report: Report, digest: str, now_ms: int, find: Find | None) -> tuple[Told | None, str]:
    """What it tells of whom; None with the reason where nothing follows from it."""
    if report.kind not in ("bounce", "complaint"):
        return None, _nothing(report)
    about, address, proven = _letter(tx, report, find)
    if about is None:
        if report.reference:
            return None, NOT_OURS
        address = report.recipient
        contacts = receipts.whose(tx, "email", [address]).get(address, []) if address else []
        about = receipts.last_sent(tx, contacts, "email", now_ms) if contacts else None
    if about is None:
        return None, NOBODY
    name = f"{about.message_id}" if proven else digest
    signal = _signal(report, f"mail {report.kind} {name} {address}", proven)
    done = UNPROVEN if report.hard and not proven else _done(report)
    return Told(signal, about, (about.contact_id,), now_ms, address, "email"), done


def _signal(report: Report, key: str, proven: bool) -> Signal:
    if report.kind == "complaint":
        return Signal("complained", key, text=report.diagnostic)
    counts = report.word == FULL or report.hard
    status = "" if report.enhanced in report.diagnostic else f"{report.enhanced} "
    said = f"{SAID[report.word]} {status}{report.diagnostic}"[:500]
    return Signal("bounced" if counts else "failed", key, text=said, code=report.code, hard=report.hard and proven)


def _letter(tx: Tx, report: Report, find: Find | None) -> tuple[About | None, str, bool]:
    """The letter it is about, the address that went to, and whether the mail shows what only a copy of it can know."""
    by_path = next((number for path in report.came_to if find and (number := find(path))), None)
    number = by_path or report.message
    about = receipts.by_id(tx, [number]).get(number) if number else None
    if about is None or about.channel != "email":
        return None, "", False
    present = (about.email or "").lower()
    for address in dict.fromkeys((present, report.recipient)):
        if address and is_ours(report.reference, number, address):
            return about, address, True
    if by_path:
        if OUR_ID.match(report.reference):  # it went to an address they have no more: the one of today is not to blame
            return about, report.recipient, False
        return about, present or report.recipient, True
    if present and present == report.recipient and not OUR_ID.match(report.reference):
        return about, present, False  # a service on the way gave it a Message-ID of its own
    return None, "", False


def is_ours(reference: str, number: int, address: str) -> bool:
    """Whether a Message-ID is the one this letter to this address got (see `content.skeleton`)."""
    name, _, domain = reference.partition("@")
    marks = (sha256(f"{number}\0{spelled}\0{domain}".encode()).hexdigest()[:20] for spelled in _spelled(address))
    return any(name == f"m{number}.{mark}" for mark in marks)


def _spelled(address: str) -> list[str]:
    try:
        checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return [address]
    return [address, checked.ascii_email or checked.normalized]


def _nothing(report: Report) -> str:
    return {
        "delay": "The server goes on trying: nothing was done.",
        "auto_reply": "An automatic answer: nothing was done.",
    }.get(report.kind, "It is no bounce and no complaint: nothing was done.")


def _done(report: Report) -> str:
    if report.kind == "complaint":
        return "The complaint was noted, and their consent taken back if the policy says so."
    if report.hard:
        return "The letter counts as not delivered; the address is not written to again."
    return f"The letter counts as not delivered. {COUNTED if report.word == FULL else 'The address stays as it is.'}"
