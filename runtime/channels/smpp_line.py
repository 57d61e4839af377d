"""One SMPP connection, kept: bound again when it breaks, so many requests at a time, so many texts a second."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from ..exchange.outgoing import OutgoingProblem, looked_at
from ..exchange.trouble import in_words
from . import smpp_pdu as smpp
from .smpp_pdu import BadUnit, Unit

CONNECT_S, ANSWER_S, PARTING_S = 5.0, 10.0, 2.0
FIRST_S, LONGEST_S = 1.0, 60.0  # between two tries to bind
HEARD_AT_ONCE = 100  # texts and receipts taken in beside each other


class NotBound(Exception):
    """The centre cannot be reached, or does not let us in: nothing left."""


class NoAnswerToIt(Exception):
    """The request left and no answer came."""


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the centre is, and who we are there."""

    host: str
    port: int
    tls: bool
    system_id: str
    password: str
    system_type: str = ""
    window: int = 10
    per_second: float = 0.0  # 0: as many as it takes
    enquire_s: float = 30.0
    allowed: Collection[str] = ()


class SmppLine:
    """The line to a centre. ``hear`` gets each text and receipt; it is confirmed when that has returned."""

    def __init__(self, centre: Centre, hear: Callable[[smpp.Short], Awaitable[None]]) -> None:
        self.centre, self._hear = centre, hear
        self.why, self.since = "", datetime.now(UTC)
        self._writer: asyncio.StreamWriter | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._bound = asyncio.Event()
        self._tried = asyncio.Event()
        self._window = asyncio.Semaphore(centre.window)
        self._hearing = asyncio.Semaphore(HEARD_AT_ONCE)
        self._waiting: dict[int, asyncio.Future[Unit]] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._number, self._turn_at, self._last_heard = 0, 0.0, 0.0

    @property
    def bound(self) -> bool:
        """Whether texts can go."""
        return self._bound.is_set()

    def keep(self) -> None:
        """See to it that the line stands, from now until it is closed."""
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def ready(self) -> None:
        """Wait for the first try to bind. Raises `NotBound`."""
        self.keep()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), CONNECT_S + ANSWER_S)
        if not self.bound:
            raise NotBound(self.why or "The centre does not answer.")

    async def ask(self, command: int, body: bytes) -> Unit:
        """Send a request and wait for its answer. Raises `NotBound` when nothing left, `NoAnswerToIt` when it did."""
        async with self._window:
            await self._turn()
            if not self.bound:
                raise NotBound(self.why)
            return await self._exchange(command, body)

    def rest(self, seconds: float) -> None:
        """Let the centre breathe: nothing is sent for so long."""
        self._turn_at = max(self._turn_at, time.monotonic() + seconds)

    async def close(self) -> None:
        """Say goodbye and hang up."""
        if self._keeper is None:
            return
        if self.bound:
            with suppress(NoAnswerToIt, NotBound, TimeoutError):
                await asyncio.wait_for(self._exchange(smpp.UNBIND, b""), PARTING_S)
        self._keeper.cancel()
        await asyncio.gather(self._keeper, *self._answers, return_exceptions=True)
        self._keeper = None
        await asyncio.sleep(0)  # the connection is closed in the next turn of the loop

    # ── keeping it up ─────────────────────────────────────────────────────────────────────────────────

    async def _keep(self) -> None:
        wait_s = FIRST_S
        while True:
            stood = False
            try:
                reader = await self._connected()
                try:
                    await self._talk(reader)
                finally:
                    stood = self.bound
                    self._hang_up()
            except (NotBound, OutgoingProblem, OSError, TimeoutError, BadUnit, asyncio.IncompleteReadError) as error:
                self.why = _words(error)
            self._tried.set()
            wait_s = FIRST_S if stood else wait_s
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_S, wait_s * 2)

    async def _connected(self) -> asyncio.StreamReader:
        at = self.centre
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            try:
                found = await loop.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM)
            except OSError:
                raise NotBound(f"There is no host called {at.host}.") from None
            address = looked_at(at.host.lower(), found, at.allowed)[0]
            tls = ssl.create_default_context() if at.tls else None
            reader, self._writer = await asyncio.open_connection(
                address, at.port, ssl=tls, server_hostname=at.host if tls else None
            )
        return reader

    async def _talk(self, reader: asyncio.StreamReader) -> None:
        """Bind, and listen until the connection ends."""
        listening = asyncio.create_task(self._listen(reader))
        try:
            body = smpp.bind(self.centre.system_id, self.centre.password, self.centre.system_type)
            answer = await self._exchange(smpp.BIND, body)
            if answer.status != smpp.OK:
                raise NotBound(f"The centre does not let us in (error 0x{answer.status:02X}).")
            self.why = ""
            self._bound.set()
            self._tried.set()
            await self._listening(listening)
        except NoAnswerToIt as error:
            if listening.done():
                await listening
            raise NotBound(str(error)) from None
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listening(self, listening: asyncio.Task[None]) -> None:
        """As long as the other side is there; it is asked when it has been silent."""
        while True:
            done, _ = await asyncio.wait({listening}, timeout=self.centre.enquire_s)
            if done:
                return await listening
            if time.monotonic() - self._last_heard >= self.centre.enquire_s:
                await self._exchange(smpp.ENQUIRE, b"")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            length = smpp.length_of(await reader.readexactly(4))
            heard = smpp.unit(await reader.readexactly(length - 4))
            self._last_heard = time.monotonic()
            if heard.command & smpp.ANSWER:
                waiting = self._waiting.pop(heard.number, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(heard)
            elif heard.command == smpp.DELIVER:
                await self._hearing.acquire()  # who cannot take in more does not read on
                task = asyncio.create_task(self._delivered(heard))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)
            elif heard.command == smpp.ENQUIRE:
                self._write(Unit(smpp.ENQUIRE | smpp.ANSWER, smpp.OK, heard.number))
            elif heard.command == smpp.UNBIND:
                self._write(Unit(smpp.UNBIND | smpp.ANSWER, smpp.OK, heard.number))
                raise NotBound("The centre said goodbye.")
            else:
                self._write(Unit(smpp.NACK, smpp.UNKNOWN_COMMAND, heard.number))

    async def _delivered(self, heard: Unit) -> None:
        """Confirmed when it is written down; until then the centre sends it again."""
        status = smpp.OK
        try:
            await self._hear(smpp.read_short(heard.body))
        except BadUnit:
            status = smpp.SYSTEM_FAULT
        except Exception:
            status = smpp.TEMPORARY
        finally:
            self._hearing.release()
        self._write(Unit(smpp.DELIVER | smpp.ANSWER, status, heard.number, b"\0"))

    # ── requests ──────────────────────────────────────────────────────────────────────────────────────

    async def _exchange(self, command: int, body: bytes) -> Unit:
        if self._writer is None or self._writer.is_closing():
            raise NotBound(self.why or "The centre hung up.")
        self._number = self._number % 0x7FFFFFFF + 1
        number, answer = self._number, asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._write(Unit(command, 0, number, body))
            return await asyncio.wait_for(answer, ANSWER_S)
        except TimeoutError:
            raise NoAnswerToIt("The centre did not answer in time.") from None
        finally:
            self._waiting.pop(number, None)

    async def _turn(self) -> None:
        """Wait until the next text may go."""
        now = time.monotonic()
        at = max(now, self._turn_at)
        self._turn_at = at + (1 / self.centre.per_second if self.centre.per_second else 0)
        if at > now:
            await asyncio.sleep(at - now)

    def _write(self, unit: Unit) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(smpp.written(unit))

    def _hang_up(self) -> None:
        self._bound.clear()
        self.since = datetime.now(UTC)
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NoAnswerToIt("The connection broke off before the answer."))


def _words(error: Exception) -> str:
    if isinstance(error, asyncio.IncompleteReadError):
        return "The centre hung up."
    if isinstance(error, TimeoutError):
        return "The centre does not answer."
    if isinstance(error, OSError):
        return f"The centre cannot be reached: {in_words(error)}."
    return str(error) or type(error).__name__
