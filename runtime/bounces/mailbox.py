"""The mailbox letters come back to, looked into by IMAP: each mail once, the password sealed."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ...storage import settings
from ...storage.database import Database, Tx
from .reading import BYTES

KEY, SEEN = "bounces.mailbox", "bounces.mailbox_seen"  # where it is; how far it was read
SECONDS = 30
PAGE = 200  # mails in one go
FORM = "The mailbox is written imaps://user@host/FOLDER, or imap://… for STARTTLS; the password is asked for apart."


class MailboxProblem(Exception):
    """The bounce mailbox cannot be looked into; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail comes back to. ``security``: tls from the first byte, starttls, or none on one's own machine."""

    host: str
    port: int
    user: str
    folder: str = "INBOX"
    security: str = "tls"
    sealed: str = ""

    @classmethod
    def parse(cls, url: str) -> Mailbox:
        """From ``imaps://user@host[:port][/FOLDER]``. Raises `MailboxProblem`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise MailboxProblem(FORM) from None
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username or parts.password:
            raise MailboxProblem(FORM)
        tls = parts.scheme == "imaps"
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        security = "tls" if tls else "none" if here else "starttls"
        folder = unquote(parts.path.strip("/")) or "INBOX"
        user = unquote(parts.username)
        if not (user + folder).isprintable() or not folder.isascii():
            raise MailboxProblem(FORM)
        return cls(parts.hostname, port or (993 if tls else 143), user, folder, security)

    @property
    def shown(self) -> str:
        """For people's eyes."""
        return f"{self.user} at {self.host}:{self.port}, {self.folder}"


def kept(tx: Tx) -> Mailbox | None:
    """The mailbox as it is set; None where none is."""
    found = settings.fetch(tx, KEY)
    return Mailbox(**found) if found else None


def keep(tx: Tx, mailbox: Mailbox | None) -> None:
    """Set another one, or none; it is read from the beginning."""
    settings.forget(tx, SEEN)
    if mailbox is None:
        settings.forget(tx, KEY)
    else:
        settings.store(tx, KEY, asdict(mailbox))


def look(db: Database, secrets: Any, take: Callable[[bytes], Any]) -> int:
    """Hand every mail that is new to ``take``; returns how many there were. Raises `MailboxProblem`."""
    mailbox = db.look(kept)
    if mailbox is None:
        return 0
    password = secrets.open(mailbox.sealed) if mailbox.sealed else ""
    read = 0
    with _opened(mailbox, password) as line:
        stamp = _one(line.response("UIDVALIDITY")[1])
        seen = db.look(lambda tx: settings.fetch(tx, SEEN)) or {}
        last = int(seen.get("uid", 0)) if seen.get("stamp") == stamp else 0
        for uid in _new(line, last)[:PAGE]:
            raw = _fetched(line, uid)
            if raw:
                take(raw)
            read += 1
            db.write(lambda tx, uid=uid: settings.store(tx, SEEN, {"stamp": stamp, "uid": uid}))
    return read


@contextmanager
def _opened(mailbox: Mailbox, password: str) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    line: imaplib.IMAP4 | None = None
    try:
        if mailbox.security == "tls":
            line = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=SECONDS)
        else:
            line = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=SECONDS)
            if mailbox.security == "starttls":
                line.starttls(context)
        line.login(mailbox.user, password)
        folder = mailbox.folder.replace("\\", "\\\\").replace('"', '\\"')
        done, said = line.select(f'"{folder}"', readonly=True)
        if done != "OK":
            raise MailboxProblem(f"There is no folder {mailbox.folder} in the bounce mailbox: {_one(said)}")
        yield line
    except (OSError, imaplib.IMAP4.error, UnicodeError, ValueError) as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise MailboxProblem(f"The bounce mailbox {mailbox.shown} cannot be read: {why}") from error
    finally:
        if line is not None:
            _leave(line)


def _leave(line: imaplib.IMAP4) -> None:
    try:
        line.logout()
    except (OSError, imaplib.IMAP4.error):
        line.shutdown()


def _new(line: imaplib.IMAP4, last: int) -> list[int]:
    """The numbers of the mails after that one; the server always names the newest, even when it is old."""
    _, found = line.uid("SEARCH", "UID", f"{last + 1}:*")
    numbers = {int(one) for one in _one(found).split() if one.isdigit()}
    return sorted(number for number in numbers if number > last)


def _fetched(line: imaplib.IMAP4, uid: int) -> bytes:
    _, found = line.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{BYTES}>)")
    return next((bytes(one[1]) for one in found or () if isinstance(one, tuple) and len(one) > 1), b"")


def _one(found: Any) -> str:
    first = found[0] if found else b""
    return first.decode("ascii", "replace") if isinstance(first, bytes) else str(first or "")
