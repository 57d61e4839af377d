"""A mail server on a bad day: it greylists, wants less, is slow, full, hangs up around the body, and goes away."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

Says = Callable[[str, int], str]  # the answer for an address asked so often before; "drop", "keep and drop" hang up


def yes(address: str, before: int) -> str:
    return "250 2.0.0 OK"


class BadPost:
    """An SMTP server of sockets in a thread of its own. ``kill`` and ``start`` may come at any moment."""

    def __init__(self, rcpt: Says = yes, body: Says = yes, mail: Callable[[], str] = lambda: "250 OK") -> None:
        self.rcpt, self.body, self.mail = rcpt, body, mail
        self.taken: list[tuple[str, int]] = []  # address, and the number of the message
        self.asked: Counter[tuple[str, str]] = Counter()
        self.answers: Counter[str] = Counter()  # what was said that was no yes, by its first word
        self.connections = 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def start(self) -> BadPost:
        up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(up)), daemon=True)
        self._thread.start()
        up.wait()
        return self

    def kill(self) -> None:
        """Every connection breaks off where it is."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self, up: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, reuse_address=True, limit=1 << 20)
        up.set()
        await self._end.wait()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        pipelining = b"250-PIPELINING\r\n" if self.connections % 3 != 0 else b""  # some servers take one at a time
        try:
            writer.write(b"220 bad\r\n")
            to = ""
            while line := await reader.readline():
                word = line[:4].upper().strip()
                if word == b"EHLO":
                    writer.write(b"250-bad\r\n" + pipelining + b"250 8BITMIME\r\n")
                elif word == b"MAIL":
                    to = ""
                    self._say(writer, self.mail())
                elif word == b"RCPT":
                    address = line.split(b"<", 1)[1].split(b">", 1)[0].decode()
                    said = await self._said("rcpt", self.rcpt, address)
                    to = address if said.startswith("250") else ""
                    if not self._say(writer, said):
                        return
                elif word == b"DATA":
                    if not to:
                        self._say(writer, "503 5.5.1 nobody to give it to")
                        continue
                    writer.write(b"354 go\r\n")
                    whole = await reader.readuntil(b"\r\n.\r\n")
                    said = await self._said("body", self.body, to)
                    if said.startswith(("250", "keep")):
                        number = whole.split(b"X-Sojourn-Message: ", 1)[1].split(b"\r\n", 1)[0]
                        self.taken.append((to, int(number)))
                    if not self._say(writer, said):
                        return
                elif word == b"QUIT":
                    return
                else:
                    writer.write(b"250 ok\r\n")
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):  # the last of them: it was killed
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _said(self, what: str, says: Says, address: str) -> str:
        before = self.asked[what, address]
        self.asked[what, address] += 1
        said = says(address, before)
        if said.startswith("slow "):
            await asyncio.sleep(0.02)
            said = said[5:]
        return said

    def _say(self, writer: Any, said: str) -> bool:
        """False when the connection ends with it."""
        if not said.startswith("250"):
            self.answers[said.split()[0]] += 1
        if "drop" in said:
            writer.transport.abort()
            return False
        writer.write(said.encode() + b"\r\n")
        return not said.startswith("421")
