"""The way to a mail server: only where the owner lets us go, and no password that somebody on it could read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from ipaddress import ip_address

from ..exchange.outgoing import OutgoingProblem, looked_at
from ..exchange.trouble import in_words
from .smtp_server import Server

IN_CLEAR = (
    "it offers no encryption, and the password was kept back: set it up for STARTTLS or TLS, or choose “not encrypted”"
    " (starttls=no in smtp_url) if the whole way to it is your own"
)


class NotReached(Exception):
    """No usable connection to the mail server."""


def overheard(server: Server, transport: asyncio.BaseTransport | None) -> bool:
    """Whether a password could be read on the way, though nobody said that this is all right: somebody in the middle
    who strikes STARTTLS from the greeting gets none."""
    if server.starttls is False or transport is None or transport.get_extra_info("sslcontext") is not None:
        return False
    peer = transport.get_extra_info("peername")
    return not peer or not ip_address(peer[0].partition("%")[0]).is_loopback


async def socket_to(server: Server, allowed: Collection[str]) -> socket.socket:
    """A socket to a host that somebody typed: only to the public internet, over the very address that was checked."""
    loop, trouble = asyncio.get_running_loop(), ""
    try:
        async with asyncio.timeout(server.connect_s):
            found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
            for address in looked_at(server.host.lower(), found, allowed):
                sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
                sock.setblocking(False)
                try:
                    await loop.sock_connect(sock, (address, server.port))
                    return sock
                except BaseException as error:
                    sock.close()
                    if not isinstance(error, OSError):
                        raise
                    trouble = in_words(error)
    except TimeoutError:
        raise NotReached(f"it did not answer within {server.connect_s:g} seconds") from None
    except socket.gaierror:
        raise NotReached(f"there is no host called {server.host}") from None
    except OutgoingProblem as problem:
        said = str(problem).rstrip(".")
        raise NotReached(said[:1].lower() + said[1:]) from None
    raise NotReached(trouble or "it cannot be reached")
