"""One connection to a mail server: opened, secured and signed in by aiosmtplib, then spoken over by ourselves.

Where the server offers PIPELINING (RFC 2920), an envelope goes out in one piece, and the next one together with the
letter before it: one round trip a letter.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import aiosmtplib

from ...storage.faults import fail_point
from ..exchange.trouble import in_words
from .smtp_way import IN_CLEAR, NotReached, overheard, socket_to

if TYPE_CHECKING:
    from .smtp_server import Server

Answer = tuple[int, str]
DOT = re.compile(rb"\n\.")  # looked for so, half the time of `in`
ROOM = 1 << 20  # bytes that may wait in the socket's own buffer
LONGEST = 1 << 16  # bytes of an answer that is still an answer


class HungUp(ConnectionError):
    """The mail server closed the connection."""


class Silent(TimeoutError):
    """The mail server does not answer."""


BROKEN = (HungUp, Silent, OSError)


class _Talk(asyncio.Protocol):
    """Answers in order, one for each that is waited for."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._buffer = b""
        self._lines: list[bytes] = []
        self._waited: deque[asyncio.Future[Answer]] = deque()
        self._unasked: deque[Answer] = deque()  # said before anybody waited for it
        self._flows = asyncio.Event()
        self._flows.set()
        self.lost: Exception | None = None
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=ROOM)

    def answer(self) -> asyncio.Future[Answer]:
        """The next answer that nobody waits for yet."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self._unasked:
            future.set_result(self._unasked.popleft())
        elif self.lost is not None:
            future.set_exception(self.lost)
        else:
            self._waited.append(future)
        return future

    async def write(self, pieces: Sequence[bytes]) -> None:
        if self.lost is not None or self.transport.is_closing():
            raise self.lost or HungUp(HungUp.__doc__)
        self.transport.writelines(pieces)
        if not self._flows.is_set():
            await self._flows.wait()

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data if self._buffer else data).split(b"\n")
        if len(self._buffer) > LONGEST or len(self._lines) > 200:
            self.transport.abort()
            return
        for line in lines:
            line = line.rstrip(b"\r")
            self._lines.append(line[4:])
            if line[3:4] == b"-":
                continue
            code = int(line[:3]) if line[:3].isdigit() else 0
            said = code, b"\n".join(self._lines).decode("utf-8", "replace")
            self._lines = []
            if self._waited:
                future = self._waited.popleft()
                if not future.done():
                    future.set_result(said)
            else:
                self._unasked.append(said)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc if isinstance(exc, OSError) else HungUp(HungUp.__doc__)
        self._flows.set()
        while self._waited:
            future = self._waited.popleft()
            if not future.done():
                future.set_exception(self.lost)
                future.exception()  # looked at, whether or not anybody else still does

    def pause_writing(self) -> None:
        self._flows.clear()

    def resume_writing(self) -> None:
        self._flows.set()


class Line:
    """An open connection. ``used``: it has carried a letter before, so it may have gone stale."""

    def __init__(self, talk: _Talk, server: Server, pipelining: bool) -> None:
        self._talk = talk
        self._server = server
        self.pipelining = pipelining
        self.used = False
        self.letters = 0
        self.last_used = time.monotonic()

    @classmethod
    async def open(cls, server: Server, host_name: str) -> Line:
        """Connect, secure and sign in. Raises `NotReached` with what went wrong in words."""
        sock = None if server.allowed is None else await socket_to(server, server.allowed)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=None if sock else server.port,
            sock=sock,
            use_tls=server.tls,
            start_tls=server.starttls,
            timeout=server.connect_s,
            local_hostname=host_name,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                try:
                    await client.ehlo()
                except aiosmtplib.SMTPHeloError:
                    await client.helo()
            if server.user is not None:
                if overheard(server, client.transport):
                    raise NotReached(IN_CLEAR)
                await client.login(server.user, server.password or "")
        except NotReached:
            client.close()
            raise
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            raise NotReached(f"it refuses the user name or the password ({error.code} {error.message})") from error
        except aiosmtplib.SMTPTimeoutError as error:
            client.close()
            raise NotReached(f"it did not answer within {server.connect_s:g} seconds") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise NotReached(in_words(error)) from error
        transport = client.transport
        if transport is None or transport.is_closing():
            raise NotReached("it hung up at once")
        return cls(_Talk(cast("asyncio.Transport", transport)), server, client.supports_extension("pipelining"))

    @property
    def connected(self) -> bool:
        """The connection stands, as far as is known here."""
        return self._talk.lost is None and not self._talk.transport.is_closing()

    async def ask(self, command: str) -> Answer:
        """Send one command and wait for its answer."""
        await self._talk.write([command.encode() + b"\r\n"])
        return await self._heard(self._talk.answer(), self._server.command_s)

    async def envelope(self, sender: str, to: str) -> Envelope:
        """Announce a letter."""
        announced = Envelope(sender, to)
        await self._announce(announced, [])
        return announced

    async def opened(self, announced: Envelope) -> tuple[Answer, Answer, Answer]:
        """What the server said to sender, receiver and DATA; a step after a refusal is not asked, and is 0."""
        if announced.answers is None:
            return await self._one_by_one(announced)
        found: list[Answer] = []
        for answer in announced.answers:
            try:
                found.append(await self._heard(answer, self._server.command_s))
            except BROKEN:
                if not any(code >= 300 for code, _ in found):
                    raise
                found.append((0, ""))  # a server that refuses may hang up at once: what it said counts
        sender, to, data = found
        return sender, to, data

    async def give(self, letter: Sequence[bytes], then: Envelope | None = None) -> Answer:
        """Send a letter after a 354, dots stuffed (RFC 5321 4.5.2), with the next envelope; wait for the answer."""
        self.letters += 1
        said = self._talk.answer()
        pieces = [*stuffed(letter), b".\r\n"]
        if then is not None and self.pipelining:
            await self._announce(then, pieces)
        else:
            await self._talk.write(pieces)
        fail_point("after_dot")
        return await self._heard(said, self._server.body_s)

    async def _announce(self, announced: Envelope, before: Sequence[bytes]) -> None:
        if not self.pipelining:
            return
        fail_point("before_data")
        announced.answers = (self._talk.answer(), self._talk.answer(), self._talk.answer())
        await self._talk.write([*before, announced.lines])

    async def _one_by_one(self, announced: Envelope) -> tuple[Answer, Answer, Answer]:
        nothing = (0, "")
        sender = await self.ask(f"MAIL FROM:<{announced.sender}>")
        to = await self.ask(f"RCPT TO:<{announced.to}>") if sender[0] < 300 else nothing
        if to[0] >= 300 or sender[0] >= 300:
            return sender, to, nothing
        fail_point("before_data")
        return sender, to, await self.ask("DATA")

    async def _heard(self, answer: asyncio.Future[Answer], seconds: float) -> Answer:
        if not answer.done():
            try:
                async with asyncio.timeout(seconds):
                    await answer
            except TimeoutError:
                raise Silent(f"no answer within {seconds:g} seconds") from None
        self.last_used = time.monotonic()
        return answer.result()

    async def quit(self) -> None:
        """Say goodbye."""
        try:
            if self.connected:
                await self._talk.write([b"QUIT\r\n"])
                await self._heard(self._talk.answer(), 2)
        except BROKEN:
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._talk.transport.close()


class Envelope:
    """A letter that was announced, and the answers that were not waited for yet; None before it was."""

    __slots__ = ("answers", "sender", "to")

    def __init__(self, sender: str, to: str) -> None:
        self.sender, self.to = sender, to
        self.answers: tuple[asyncio.Future[Answer], asyncio.Future[Answer], asyncio.Future[Answer]] | None = None

    @property
    def lines(self) -> bytes:
        """The three commands in one piece."""
        return f"MAIL FROM:<{self.sender}>\r\nRCPT TO:<{self.to}>\r\nDATA\r\n".encode()


def stuffed(letter: Sequence[bytes]) -> Sequence[bytes]:
    """The letter with every dot at the beginning of a line doubled (RFC 5321 4.5.2); most letters have none."""
    if not any(piece[:1] == b"." or DOT.search(piece) for piece in letter):
        return letter
    whole = b"".join(letter).replace(b"\r\n.", b"\r\n..")
    return [b"." + whole if whole[:1] == b"." else whole]
