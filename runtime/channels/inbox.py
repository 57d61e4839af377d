"""A mailbox for trying things out: a mail server on this machine that keeps every letter in a folder."""

from __future__ import annotations

import mailbox
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope, Session

from .letter_index import PARTS, Line, index_of, order, read_line

KEPT = 5_000  # letters; older ones go
SWEEP = 100  # letters between two looks at how many there are
LARGEST = 10_000_000  # bytes of one letter


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as it arrived."""

    line: Line
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]
    source: str


class Inbox:
    """Takes letters at ``host:port`` into a Maildir, the newest ``kept`` of them."""

    def __init__(self, folder: Path, port: int = 0, host: str = "127.0.0.1", kept: int = KEPT) -> None:
        self._folder, self._kept = folder, kept
        self._since_sweep = 0
        self._lock = threading.Lock()
        self._box = _box(folder)
        self._controller = _Office(self, hostname=host, port=port, data_size_limit=LARGEST)

    def start(self) -> int:
        """Open the door; returns the port."""
        self._controller.start()
        return self.port

    @property
    def port(self) -> int:
        """The port it listens at."""
        server: Any = self._controller.server
        return server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """What to set as SOJOURN_SMTP_URL."""
        return f"smtp://{self._controller.hostname}:{self.port}?starttls=no"

    def stop(self) -> None:
        """Close the door."""
        self._controller.stop()

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        """Keep one letter (called by the mail server)."""
        content = envelope.original_content or b""
        with self._lock:
            self._box.add(b"X-Envelope-To: " + ", ".join(envelope.rcpt_tos).encode() + b"\r\n" + content)
            self._since_sweep += 1
            if self._since_sweep >= min(SWEEP, self._kept):
                self._since_sweep = 0
                sweep(self._folder, self._kept)
        return "250 Kept"


class _Office(Controller):
    def _trigger_server(self) -> None:
        """aiosmtpd knocks at the port it was given; with port 0 the real one is known only now."""
        if self.port == 0:
            server: Any = self.server
            self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()


def letters(folder: Path, query: str = "", limit: int = 100) -> list[Line]:
    """The newest letters first; ``query`` is looked for in subject, sender and receiver."""
    return index_of(folder).find(query, limit)


def letter(folder: Path, key: str) -> Received | None:
    """One letter, or None when it is gone."""
    path = index_of(folder).paths().get(key)
    try:
        raw = path.read_bytes() if path else None
    except FileNotFoundError:
        raw = None
    if path is None or raw is None:
        return None
    message = _parsed(raw)
    return Received(
        read_line(path),
        _part(message, "html"),
        _part(message, "plain"),
        tuple((name, str(value)) for name, value in message.items()),
        raw.decode("utf-8", "replace"),
    )


def sweep(folder: Path, kept: int) -> int:
    """Drop all but the newest ``kept``; returns how many went."""
    old = _newest(folder)[kept:]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def clear(folder: Path) -> int:
    """Drop every letter."""
    return sweep(folder, 0)


def _box(folder: Path) -> mailbox.Maildir:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(folder, create=True)


def _newest(folder: Path) -> list[Path]:
    paths = [path for part in PARTS for path in (folder / part).glob("*")]
    return sorted(paths, key=lambda path: order(path.name), reverse=True)


def _parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, UnicodeError):
        payload = body.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
