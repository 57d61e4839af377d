"""A mail server whose answers a test decides, and a journey with messages in its outbox."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope, Session

from sojourn.runtime.channels.channel import Channel
from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.content.links import Links
from sojourn.runtime.outbox import Outbox
from sojourn.storage import consents
from sojourn.storage.columns import dump
from sojourn.storage.consents import Said
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000
BRAND = Brand("Acme", "1 Main St", "Acme", "news@example.com", "", "https://go.example.com")
LINKS = Links(b"test secret", BRAND.base_url)
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }}, your {{ event.item }}"
    '</mj-text><mj-button href="https://shop.example.com/cart">Back</mj-button>'
    "</mj-column></mj-section></mj-body></mjml>"
)


@dataclass
class Post:
    """A real SMTP server. ``rcpt`` and ``data`` answer for an address; "drop …" hangs up, from ``before_354`` too."""

    rcpt: Callable[[str], str] = lambda address: "250 OK"
    data: Callable[[str], str] = lambda address: "250 OK"
    before_354: Callable[[str], str | None] = lambda address: None
    mail: str = ""  # the answer to MAIL FROM, if not 250
    letters: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)  # of the envelopes of those letters
    connections: int = 0
    port: int = 0

    def start(self) -> Post:
        post = self

        class Talk(Protocol):
            def connection_made(self, transport: Any) -> None:
                post.connections += 1
                super().connection_made(transport)

            async def smtp_DATA(self, arg: str) -> None:
                to = self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else ""
                if await self.loop.run_in_executor(None, post.before_354, to) == "drop":
                    hang_up(self)
                    return
                await super().smtp_DATA(arg)

        class Handler:
            async def handle_MAIL(
                self, server: Protocol, session: Session, envelope: Envelope, address: str, options: list[str]
            ) -> str:
                envelope.mail_from = address
                return post.mail or "250 OK"

            async def handle_RCPT(
                self, server: Protocol, session: Session, envelope: Envelope, address: str, options: list[str]
            ) -> str:
                answer = post.rcpt(address)
                if answer.startswith("250"):
                    envelope.rcpt_tos.append(address)
                return answer

            async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
                answer = post.data(envelope.rcpt_tos[0])
                if answer.startswith("250") or answer == "drop after body":
                    content = envelope.original_content or b""
                    post.letters.append((envelope.rcpt_tos[0], content))
                    post.senders.append(envelope.mail_from or "")
                if answer.startswith("drop"):
                    hang_up(server)
                return answer

        class Office(Controller):
            def factory(self) -> Talk:
                return Talk(self.handler, enable_SMTPUTF8=False, ident="test")

        self._office = Office(Handler(), hostname="127.0.0.1", port=self.port)
        if self.port == 0:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self._office.port = self.port
        self._office.start()
        return self

    def stop(self) -> None:
        self._office.stop()

    def to(self) -> list[str]:
        return sorted(address for address, _ in self.letters)


def hang_up(server: Protocol) -> None:
    transport: Any = server.transport
    transport.abort()


def smtp(post: Post, **changes: Any) -> Smtp:
    settings: dict[str, Any] = {"starttls": False, "connect_s": 3, "command_s": 3, "body_s": 3, **changes}
    return Smtp(Server("127.0.0.1", post.port, **settings))


def outbox(db: Database, channel: Channel, clock: ManualClock | None = None, **changes: Any) -> Outbox:
    return Outbox(db, clock or ManualClock(NOW), {"email": channel}, Letters(LINKS), lambda: BRAND, "test", **changes)


def journey(
    db: Database, contacts: int, *, message_type: str = "marketing", letter: dict[str, Any] | None = None
) -> None:
    """Journey 1, version 1, and for each contact an enrollment waiting for its message; all ids count from 1."""
    content = {
        "name": "cart",
        "title": "Cart",
        "message_type": message_type,
        "nodes": {"mail": {"kind": "email", "settings": {}, "next": {}}},
        "letters": {"hello": letter or {"subject": "Hi {{ contact.first_name }}", "mjml": MJML}},
    }
    digest = sha256(dump(content).encode()).hexdigest()
    ids = range(1, contacts + 1)

    def job(tx: Tx) -> None:
        tx.insert(
            "journeys",
            "id,name,title,status,draft,live_version,priority,created_at,changed_at",
            [(1, "cart", "Cart", "live", "{}", 1, 0, NOW, NOW)],
        )
        tx.insert(
            "versions",
            "id,journey_id,number,content,content_hash,approved_hash,approved_by,approved_at,author,note,created_at",
            [(1, 1, 1, dump(content), digest, digest, "eve@example.com", NOW, "adam@example.com", "", NOW)],
        )
        tx.insert(
            "contacts",
            "id,email,properties,created_at,changed_at",
            [(i, f"u{i}@example.com", dump({"first_name": f"Name{i}"}), NOW, NOW) for i in ids],
        )
        tx.insert(
            "events",
            "id,contact_id,name,at,received_at,properties",
            [(i, i, "added", NOW, NOW, dump({"item": "red hat"})) for i in ids],
        )
        tx.insert(
            "enrollments",
            "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at,event_id",
            [(i, 1, 1, i, 0, 1, 1, NOW, NOW, i) for i in ids],
        )
        tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts",
            [(i, i, 1, 0, 1, 1, i, "email", "hello", "queued", NOW, NOW, 0) for i in ids],
        )
        consents.append(tx, [Said(i, "email", "granted", "test") for i in ids], NOW)
        tx.insert("caps", "contact_id,hour,channel,journey_id,n", [(i, NOW // 3_600_000, "email", 1, 1) for i in ids])

    db.write(job)


def states(db: Database) -> dict[str, int]:
    return dict(db.look(lambda tx: tx.rows("SELECT status, COUNT(*) FROM messages GROUP BY status")))


def message(db: Database, id: int) -> tuple[Any, ...]:
    """Status, reason, attempts, due_at."""
    row = db.look(lambda tx: tx.one("SELECT status, reason, attempts, due_at FROM messages WHERE id = ?", (id,)))
    assert row is not None
    return row


def enrollment(db: Database, id: int) -> tuple[Any, ...]:
    """Outbox, outcome, due_at."""
    row = db.look(lambda tx: tx.one("SELECT outbox, outcome, due_at FROM enrollments WHERE id = ?", (id,)))
    assert row is not None
    return row
