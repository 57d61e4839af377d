"""E-mail by SMTP: a few connections kept open, each letter marked between the server's 354 and its body."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from ...storage.faults import fail_point
from ..content.mime import BadHeader, build
from .breaker import Breaker
from .channel import Health, Held, OneByOne, Outcome, Parcel, Refused, TryLater, Unclear, Unreachable
from .replies import outcome_of
from .smtp_line import BROKEN, Line, NotReached

NO_SENDER = "letters have no sender yet: set sender_address under Settings"
IDLE_S = 20  # an idle connection older than this is not trusted


class SmtpUrlProblem(Exception):
    """The address of the mail server is written smtp://user:password@host:port, or smtps:// for TLS from the start."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed in. ``starttls`` None means: when the server offers it."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool | None = None
    connections: int = 4
    connect_s: float = 20
    command_s: float = 60
    body_s: float = 300

    @classmethod
    def parse(cls, url: str) -> Server:
        """From ``smtp[s]://[user:password@]host[:port][?starttls=yes|no&connections=4&timeout=60]``."""
        try:
            parts = urlsplit(url)
            port, query = parts.port, {key: values[-1] for key, values in parse_qs(parts.query).items()}
            starttls = {"yes": True, "no": False, "auto": None}[query.get("starttls", "auto")]
            connections, timeout = int(query.get("connections", 4)), float(query.get("timeout", 60))
        except (ValueError, KeyError) as error:
            raise SmtpUrlProblem(SmtpUrlProblem.__doc__) from error
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not 1 <= connections <= 100 or timeout <= 0:
            raise SmtpUrlProblem(SmtpUrlProblem.__doc__)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if parts.username else 25),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            starttls=None if tls else starttls,
            connections=connections,
            connect_s=min(timeout, 20),
            command_s=timeout,
            body_s=5 * timeout,
        )


class Smtp(OneByOne):
    """Hands letters to one mail server."""

    name = "email"

    def __init__(self, server: Server) -> None:
        self.server = server
        self._idle: list[Line] = []
        self._slots = asyncio.Semaphore(server.connections)
        self._breaker = Breaker()
        self._host_name = socket.gethostname()

    @classmethod
    def open(cls, config: Mapping[str, Any]) -> Smtp | None:
        url = config.get("smtp_url")
        return cls(Server.parse(url)) if url else None

    def room(self) -> int:
        return self._breaker.room()

    def health(self) -> Health:
        since = self._breaker.since
        if since is None:
            return Health(ok=True)
        at = f"{self.server.host}:{self.server.port}"
        return Health(
            False, f"The mail server at {at} takes no letters since {since:%d %b %H:%M} UTC: {self._breaker.why}"
        )

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        try:
            to = _address(parcel.to)
        except EmailNotValidError as error:
            return Refused(0, f"{parcel.to!r} is not an address mail can be sent to: {error}")
        if not parcel.brand.sender_address:
            self._breaker.failed(NO_SENDER)
            return Unreachable(NO_SENDER)
        try:
            sender = _address(parcel.brand.sender_address)
            body = build(
                message_id=parcel.message_id,
                brand=parcel.brand,
                to=to,
                subject=parcel.rendered.subject,
                html=parcel.rendered.html,
                text=parcel.rendered.text,
                at_ms=parcel.at_ms or time.time_ns() // 1_000_000,
                unsubscribe_url=parcel.unsubscribe_url,
            )
        except (BadHeader, EmailNotValidError) as error:  # the settings' fault, not the contact's: the letter waits
            self._breaker.failed(f"the sender's address is not usable: {error}")
            return Unreachable(str(error))
        except UnicodeError as error:
            return Refused(0, f"The letter holds characters that cannot be written: {error}")
        async with self._slots:
            return await self._with_a_line(sender, to, body, before_body)

    async def _with_a_line(
        self, sender: str, to: str, body: bytes, before_body: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        if not self._breaker.lets_through():
            return Unreachable(self._breaker.why)
        while True:
            line = self._reusable()
            try:
                if line is None:
                    line = await Line.open(self.server, self._host_name)
            except NotReached as error:
                self._breaker.failed(str(error))
                return Unreachable(str(error))
            keep = False
            try:
                outcome = await self._transaction(line, sender, to, body, before_body)
                keep = line.connected and not isinstance(outcome, Held | Unclear)
            except (*BROKEN, NotReached) as error:
                if line.used:  # the server let go of an old connection: nothing was lost, take a new one
                    continue
                if isinstance(error, NotReached):
                    self._breaker.failed(str(error))
                    return Unreachable(str(error))
                self._breaker.dropped(f"it hangs up in the middle of a letter ({error})")
                return TryLater(0, f"The mail server broke off before the letter was given to it: {error}")
            finally:
                line.used = True
                if keep:
                    self._idle.append(line)
                else:
                    line.close()
            return outcome

    async def _transaction(
        self, line: Line, sender: str, to: str, body: bytes, before_body: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """One letter over an open connection. Raises one of `BROKEN` only while nothing was given away."""
        code, text = await line.ask(f"MAIL FROM:<{sender}>")
        if code == 421 or code >= 500:
            raise NotReached(f"it refuses mail from {sender}: {code} {text}")
        if code >= 300:
            return await self._not_taken(line, code, text)
        code, text = await line.ask(f"RCPT TO:<{to}>")
        if code >= 300:
            return await self._not_taken(line, code, text)
        fail_point("before_data")
        code, text = await line.ask("DATA")
        if code != 354:
            return await self._not_taken(line, code, text)
        self._breaker.answered()
        line.used = False  # what breaks from here on is not an old connection's fault
        if not await before_body():
            return Held()
        fail_point("after_mark")
        if not line.connected:
            return TryLater(0, "The mail server hung up before the letter was given to it.")
        try:
            code, text = await line.give(body)
        except BROKEN as error:
            self._breaker.dropped(f"it hangs up after a letter ({error})")
            return Unclear(
                f"The mail server took the letter and never answered ({error}); whether it arrived is not known."
            )
        fail_point("after_250")
        outcome = outcome_of(code, text)
        if code == 421:
            line.close()
        return outcome

    async def _not_taken(self, line: Line, code: int, text: str) -> Outcome:
        """The server said no to this letter: leave the connection clean for the next."""
        self._breaker.answered()
        if code == 421:
            line.close()
        else:
            try:
                await line.ask("RSET")
            except BROKEN:
                line.close()
        return outcome_of(code, text)

    def _reusable(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.connected and time.monotonic() - line.last_used < IDLE_S:
                return line
            line.close()
        return None

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().quit()


def _address(address: str) -> str:
    """The address as it goes into the envelope, ASCII only. Raises EmailNotValidError."""
    checked = validate_email(
        address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False, strict=True
    )
    return checked.ascii_email or checked.normalized
