"""Requests to addresses that people typed: only to the public internet, over the very address that was checked."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore

from .trouble import in_words

CONNECT_S, ANSWER_S = 5.0, 10.0
READ = 64 * 1024  # bytes of an answer; more is nobody's business
NAT64 = ipaddress.ip_network("64:ff9b::/96")
TO_4 = (NAT64, ipaddress.ip_network("64:ff9b:1::/48"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingProblem(Exception):
    """A request did not get an answer; the message says why."""


class BadAddress(OutgoingProblem):
    """This is no web address: it has to look like https://example.com/path."""


class PrivateAddress(OutgoingProblem):
    """The address leads into a private network. The owner can allow a host by `private_hosts` in sojourn.toml."""


class NoAnswer(OutgoingProblem):
    """The other side cannot be reached, or does not answer in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the start of the body as text."""

    status: int
    text: str
    retry_after_s: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


def check(url: str) -> None:
    """Raise `BadAddress` for what is no web address at all; where it leads is looked at when it is used."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress(BadAddress.__doc__) from None
    plain = url.isprintable() and " " not in url and len(url) <= 2_000
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or port == 0:
        raise BadAddress(BadAddress.__doc__)
    if parts.username is not None or parts.password is not None:
        raise BadAddress("Leave the name and password out of the address: what is sent is signed instead.")


def post(url: str, body: bytes, headers: Mapping[str, str], private_hosts: Collection[str] = ()) -> Answer:
    """Send one request and read the start of the answer. Redirects are answers, never followed.

    Raises `OutgoingProblem` when there is no answer.
    """
    status, text, said = _exchange("POST", url, body, headers, private_hosts, READ, ANSWER_S)
    return Answer(status, text.decode("utf-8", "replace"), retry_after(said))


def get(url: str, most: int, private_hosts: Collection[str] = (), answer_s: float = ANSWER_S) -> tuple[int, bytes]:
    """Fetch a file of at most ``most`` bytes within ``answer_s`` seconds: its status and bytes; more is cut off.

    Redirects are answers, never followed. Raises `OutgoingProblem` when there is no answer.
    """
    status, text, _ = _exchange("GET", url, None, {"user-agent": "Sojourn"}, private_hosts, most, answer_s)
    return status, text


def _exchange(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], private_hosts: Collection[str], most: int,
    answer_s: float,
) -> tuple[int, bytes, Any]:  # fmt: skip
    check(url)
    until = time.monotonic() + CONNECT_S + answer_s
    backend = _Checked({host.strip().lower() for host in private_hosts}, until)
    timeout = {"connect": CONNECT_S, "read": answer_s, "write": answer_s, "pool": CONNECT_S}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend, retries=0) as pool,
            pool.stream(
                method, url.encode(), headers=list(headers.items()), content=body, extensions={"timeout": timeout}
            ) as answer,
        ):
            text = bytearray()
            for piece in answer.iter_stream():
                text += piece
                if len(text) >= most or time.monotonic() > until:
                    break
            return answer.status, bytes(text[:most]), answer.headers
    except OutgoingProblem:
        raise
    except (httpcore.TimeoutException, TimeoutError):
        raise NoAnswer("The other side did not answer in time.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise NoAnswer(f"The other side cannot be reached: {in_words(error)}.") from None
    except (UnicodeError, ValueError):
        raise BadAddress(BadAddress.__doc__) from None


def public(address: str) -> bool:
    """Whether an address is on the public internet, also where an IPv4 address hides in an IPv6 one."""
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _inside(address))


def _inside(address: str) -> Iterable[Address]:
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv4Address):
        return (one,)
    number = int(one)
    hidden: list[Address] = []
    if one.ipv4_mapped:
        return (one.ipv4_mapped,)
    if one.sixtofour:
        hidden.append(one.sixtofour)
    if one.teredo:
        hidden += one.teredo
    if any(one in network for network in TO_4):
        return (ipaddress.IPv4Address(number & 0xFFFFFFFF), *hidden) if one in NAT64 else (ipaddress.IPv4Address(0),)
    if number >> 32 == 0 or (number >> 32) & 0xFFFFFFFF in (0x5EFE, 0x02005EFE):  # IPv4-compatible, ISATAP
        hidden.append(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return (one, *hidden)


def looked_at(name: str, found: Iterable[Any], allowed: Collection[str]) -> list[str]:
    """The addresses a name leads to, of what `getaddrinfo` found. Raises `PrivateAddress`."""
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if name not in allowed and not all(map(public, addresses)):
        raise PrivateAddress(PrivateAddress.__doc__)
    return addresses[:3]


class _Checked(httpcore.NetworkBackend):
    """Resolves a name once, refuses what is not public, and connects to the address it has looked at."""

    def __init__(self, allowed: Collection[str], until: float) -> None:
        self._allowed, self._until = allowed, until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        name = host.strip("[]").rstrip(".").lower()
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NoAnswer(f"There is no host called {name[:100]}.") from None
        trouble: Exception | None = None
        for address in looked_at(name, found, self._allowed):
            try:
                found_open = self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
                return _InTime(found_open, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble or NoAnswer(NoAnswer.__doc__)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        raise BadAddress(BadAddress.__doc__)


class _InTime(httpcore.NetworkStream):
    """A connection given up at a moment, however slowly the other side goes on: a byte now and then is no answer."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _InTime(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """How many seconds the other side wants to be left alone."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(int(value[:9]), 86_400)
    return None
