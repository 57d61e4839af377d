"""A message centre on this machine that speaks SMPP 3.4 over a socket. It decodes by itself and shares no code with
the client it judges."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

NAME, PASSWORD = "shop", "secret"
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


@dataclass
class Part:
    """One submit_sm as it came in."""

    source: tuple[int, int, str]
    target: tuple[int, int, str]
    esm_class: int
    validity: str
    registered: int
    coding: int
    octets: bytes
    udh: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """What a phone would show."""
        body = self.octets[1 + self.octets[0] :] if self.esm_class & 0x40 else self.octets
        if self.coding == 8:
            return body.decode("utf-16-be")
        if self.coding == 3:
            return body.decode("iso-8859-1")
        said, codes = "", iter(body)
        for code in codes:
            said += ESCAPED[next(codes)] if code == 27 else ALPHABET[code]
        return said


@dataclass
class Centre:
    """What came in, and what it answers: `status(part)` is an error code, None for no answer, "drop" to hang up."""

    parts: list[Part] = field(default_factory=list)
    status: Callable[[Part], int | str | None] = lambda _: 0
    binds: int = 0
    unbinds: int = 0
    enquiries: int = 0
    bind_status: int = 0
    confirmed: dict[int, int] = field(default_factory=dict)  # deliver_sm by its number: the status it was answered with
    in_flight: int = 0
    most_in_flight: int = 0
    delay_s: float = 0.0
    silent: bool = False
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.writers.append(writer)
        try:
            while True:
                length, command, status, number = struct.unpack(">4I", await reader.readexactly(16))
                assert 16 <= length <= 70_000, length
                body = await reader.readexactly(length - 16)
                if command == 0x80000005:
                    self.confirmed[number] = status
                elif command == 0x15:
                    self.enquiries += 1
                    if not self.silent:
                        self.say(writer, 0x80000015, 0, number)
                elif command == 0x09:
                    self.bind(writer, number, body)
                elif command == 0x06:
                    self.unbinds += 1
                    self.say(writer, 0x80000006, 0, number)
                elif command == 0x04:
                    task = asyncio.create_task(self.submit(writer, number, self.part(body)))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                elif command == 0x80000015:
                    self.enquiries -= 1
                else:
                    raise AssertionError(f"an unknown command {command:#x}")
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.writers.remove(writer)
            writer.close()

    def bind(self, writer: asyncio.StreamWriter, number: int, body: bytes) -> None:
        """bind_transceiver: system_id, password, system_type, version, and three fields more."""
        name, password, _, rest = body.split(b"\0", 3)
        assert rest[0] == 0x34, "not SMPP 3.4"
        self.binds += 1
        right = (name.decode(), password.decode()) == (NAME, PASSWORD)
        self.say(writer, 0x80000009, self.bind_status or (0 if right else 0x0E), number, b"centre\0")

    async def submit(self, writer: asyncio.StreamWriter, number: int, part: Part) -> None:
        """submit_sm: kept when it is taken."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.delay_s)
        self.in_flight -= 1
        said = self.status(part)
        if said == "drop":
            writer.transport.abort()
        elif isinstance(said, int):
            name = ""
            if said == 0:
                self.parts.append(part)
                name = f"{len(self.parts):08X}"
            self.say(writer, 0x80000004, said, number, name.encode() + b"\0")

    def part(self, body: bytes) -> Part:
        """The fields of a submit_sm in their order (SMPP 3.4, 4.4.1)."""
        place = body.index(0) + 1  # service_type

        def address() -> tuple[int, int, str]:
            nonlocal place
            end = body.index(0, place + 2)
            found = body[place], body[place + 1], body[place + 2 : end].decode()
            place = end + 1
            return found

        source, target = address(), address()
        esm_class, place = body[place], place + 3
        place = body.index(0, place) + 1  # schedule_delivery_time
        end = body.index(0, place)
        validity, place = body[place:end].decode(), end + 1
        registered, coding, size = body[place], body[place + 2], body[place + 4]
        octets = body[place + 5 : place + 5 + size]
        assert len(octets) == size and len(octets) <= 254
        assert len(body) == place + 5 + size, "optional fields nobody asked for"
        udh = tuple(octets[1 : 1 + octets[0]]) if esm_class & 0x40 else ()
        assert len(octets) <= (140 if coding == 8 else 160), "more than a phone takes"
        return Part(source, target, esm_class, validity, registered, coding, octets, udh)

    def say(self, writer: asyncio.StreamWriter, command: int, status: int, number: int, body: bytes = b"") -> None:
        """One unit."""
        if not writer.is_closing():
            writer.write(struct.pack(">4I", 16 + len(body), command, status, number) + body)

    def deliver(
        self, number: int, source: str, target: str, octets: bytes, esm_class: int = 0, coding: int = 0
    ) -> None:
        """A text from somebody, or a receipt (class 4), over the newest connection."""
        body = b"\0" + bytes([1, 1]) + source.encode() + b"\0" + bytes([1, 1]) + target.encode() + b"\0"
        body += bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0, len(octets)]) + octets
        self.say(self.writers[-1], 0x05, 0, number, body)

    def receipt(self, number: int, name: str, state: str, error: str = "000") -> None:
        """A receipt as most centres write it (SMPP 3.4, appendix B)."""
        text = (
            f"id:{name} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:{state} err:{error} text:Hi"
        )
        self.deliver(number, "420601123456", "420601000000", text.encode(), 4)


@asynccontextmanager
async def sms_centre() -> AsyncIterator[Centre]:
    """A centre that runs as long as the block."""
    centre = Centre()
    server = await asyncio.start_server(centre.serve, "127.0.0.1", 0)
    centre.port = server.sockets[0].getsockname()[1]
    try:
        yield centre
    finally:
        server.close()
        for writer in list(centre.writers):
            writer.close()
        for _ in range(3):
            await asyncio.sleep(0)
