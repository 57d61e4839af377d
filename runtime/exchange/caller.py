"""Requests to carriers: connected first, then marked, and only then sent, over connections that are kept open."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

import httpcore

from .outgoing import (
    ANSWER_S,
    CONNECT_S,
    READ,
    Answer,
    BadAddress,
    NoAnswer,
    OutgoingProblem,
    check,
    looked_at,
    retry_after,
)
from .trouble import in_words

IDLE_S = 20.0  # a connection nobody used for so long may be gone on the other side
Before = Callable[[], Awaitable[bool]]


class Lost(OutgoingProblem):
    """The request left and no answer came, so nobody knows whether it was carried out."""


@dataclass(slots=True, eq=False)
class _Line:
    """One open connection. HTTP/2 carries many requests at a time, HTTP/1.1 one."""

    connection: httpcore.AsyncHTTP11Connection | httpcore.AsyncHTTP2Connection
    stream: httpcore.AsyncNetworkStream
    users: int = 0
    spent: bool = False

    def fits(self) -> bool:
        """Whether one more request may go over it. Bytes nobody asked for mean that it is being closed."""
        if self.spent or self.connection.is_closed() or self.connection.has_expired():
            return False
        shared = isinstance(self.connection, httpcore.AsyncHTTP2Connection)
        if self.users:
            return shared and self.connection.is_available()
        return not self.stream.get_extra_info("is_readable")


class Caller:
    """Asks the other side over HTTP/1.1, or HTTP/2 where ``http2`` is set. One object serves one event loop.

    Like `outgoing.post` it reaches only the public internet and ``private_hosts``, over the very address it has
    looked at, and follows no redirect. Without TLS ``http2`` means that the other side is known to speak it.
    """

    def __init__(
        self,
        private_hosts: Collection[str] = (),
        *,
        http2: bool = False,
        tls: ssl.SSLContext | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._allowed = {host.strip().lower() for host in private_hosts}
        self._http2, self._tls, self._answer_s = http2, tls, answer_s
        self._lines: dict[str, list[_Line]] = {}
        self._opening: dict[str, asyncio.Lock] = {}

    async def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *,
        before: Before | None = None,
    ) -> Answer | None:  # fmt: skip
        """Send one request and read the start of the answer.

        ``before`` is awaited when the connection stands and nothing of the request has left; when it answers False
        nothing leaves and None comes back. Raises `Lost` when the request left and no answer came, another
        `OutgoingProblem` when nothing left.
        """
        check(url)
        try:
            target = httpcore.URL(url.encode("ascii"))
            sent = [(name.encode("ascii"), value.encode("latin-1")) for name, value in (headers or {}).items()]
        except UnicodeError:
            raise BadAddress(BadAddress.__doc__) from None
        line = await self._line(target.origin)
        try:
            if before is not None and not await before():
                return None
            return await self._exchange(line, method, target, sent, body)
        except BaseException:
            line.spent = True
            raise
        finally:
            await self._hang_up(line)

    async def close(self) -> None:
        """Let go of all connections."""
        lines = [line for lines in self._lines.values() for line in lines]
        self._lines.clear()
        for line in lines:
            await line.connection.aclose()

    async def _exchange(
        self, line: _Line, method: str, url: httpcore.URL, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        try:
            async with (
                asyncio.timeout(self._answer_s),
                line.connection.stream(method, url, headers=headers, content=body or None) as answer,
            ):
                text = bytearray()
                async for piece in answer.aiter_stream():
                    text += piece
                    if len(text) >= READ:
                        line.spent = True
                        break
                known = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                said = text[:READ].decode("utf-8", "replace")
                return Answer(answer.status, said, retry_after(answer.headers), known)
        except httpcore.ConnectionNotAvailable:  # the other side said that it did not look at this one
            raise NoAnswer("The other side closed the connection before it took the request.") from None
        except (TimeoutError, httpcore.TimeoutException):
            raise Lost("The other side did not answer in time.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Lost(f"The connection broke off before the answer: {in_words(error)}.") from None

    async def _line(self, origin: httpcore.Origin) -> _Line:
        async with self._opening.setdefault(str(origin), asyncio.Lock()):  # so that one HTTP/2 connection serves all
            lines = self._lines.setdefault(str(origin), [])
            for line in [line for line in lines if not line.users and not line.fits()]:
                lines.remove(line)
                await line.connection.aclose()
            line = next((line for line in lines if line.fits()), None)
            if line is None:
                line = await self._open(origin)
                lines.append(line)
            line.users += 1
            return line

    async def _hang_up(self, line: _Line) -> None:
        line.users -= 1
        if not line.users and (line.spent or line.connection.is_closed()):
            for lines in self._lines.values():
                if line in lines:
                    lines.remove(line)
            await line.connection.aclose()

    async def _open(self, origin: httpcore.Origin) -> _Line:
        name = origin.host.decode("ascii").strip("[]").rstrip(".").lower()
        try:
            async with asyncio.timeout(CONNECT_S):
                stream = await self._connect(name, origin.port)
                if origin.scheme != b"https":
                    return _Line(self._speak(self._http2, origin, stream), stream)
                stream = await self._secured(stream, name)
        except OutgoingProblem:
            raise
        except (TimeoutError, httpcore.TimeoutException):
            raise NoAnswer("The other side did not answer in time.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise NoAnswer(f"The other side cannot be reached: {in_words(error)}.") from None
        secured = stream.get_extra_info("ssl_object")
        return _Line(
            self._speak(secured is not None and secured.selected_alpn_protocol() == "h2", origin, stream), stream
        )

    async def _secured(self, stream: httpcore.AsyncNetworkStream, name: str) -> httpcore.AsyncNetworkStream:
        try:
            return await stream.start_tls(self._context(), server_hostname=name)
        except BaseException:
            await stream.aclose()
            raise

    def _speak(
        self, http2: bool, origin: httpcore.Origin, stream: httpcore.AsyncNetworkStream
    ) -> httpcore.AsyncHTTP11Connection | httpcore.AsyncHTTP2Connection:
        if http2:
            return httpcore.AsyncHTTP2Connection(origin, stream, IDLE_S)
        return httpcore.AsyncHTTP11Connection(origin, stream, IDLE_S)

    async def _connect(self, name: str, port: int) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NoAnswer(f"There is no host called {name[:100]}.") from None
        trouble: Exception | None = None
        for address in looked_at(name, found, self._allowed):
            try:
                return await httpcore.AnyIOBackend().connect_tcp(address, port)  # pyright: ignore[reportAttributeAccessIssue]
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble or NoAnswer(NoAnswer.__doc__)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        self._tls.set_alpn_protocols(["h2", "http/1.1"] if self._http2 else ["http/1.1"])
        return self._tls
