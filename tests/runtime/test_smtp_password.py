"""A password goes to a mail server only where nobody on the way can read it, or where the owner said that it may."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode

import pytest

from sojourn.runtime.channels.smtp_line import Line
from sojourn.runtime.channels.smtp_server import Server
from sojourn.runtime.channels.smtp_way import NotReached

AUTH = "AUTH PLAIN " + b64encode(b"\0shop\0hush").decode()


def own_address() -> str:
    """This machine as others see it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # says nothing to anybody: it only picks the address
        except OSError:
            pytest.skip("this machine is connected to nothing")
        return probe.getsockname()[0]


async def heard(host: str, **changes: object) -> tuple[list[str], str]:
    """What a server without STARTTLS in its greeting hears, and what went wrong."""
    lines: list[str] = []
    over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post\r\n")
        while line := (await reader.readline()).decode().strip():
            lines.append(line)
            writer.write(b"250-post\r\n250 AUTH PLAIN\r\n" if line.startswith("EHLO") else b"235 2.7.0 Ok\r\n")
        writer.close()
        await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(talk, "0.0.0.0", 0)
    port, trouble = server.sockets[0].getsockname()[1], ""
    async with server:
        try:
            (await Line.open(Server(host, port, "shop", "hush", **changes), "test")).close()  # type: ignore[arg-type]
        except NotReached as problem:
            trouble = str(problem)
        await over.wait()
    return lines, trouble


def test_a_password_is_kept_back_where_encryption_was_struck_from_the_greeting() -> None:
    lines, trouble = asyncio.run(heard(own_address()))
    assert [line.split()[0] for line in lines] == ["EHLO"], "nothing that tells who we are"
    assert "no encryption" in trouble and "STARTTLS or TLS" in trouble


@pytest.mark.parametrize(("host", "changes"), [("127.0.0.1", {}), ("", {"starttls": False})])
def test_it_goes_to_this_machine_and_where_the_owner_wants_no_encryption(host: str, changes: dict[str, bool]) -> None:
    lines, trouble = asyncio.run(heard(host or own_address(), **changes))
    assert (lines[1:2], trouble) == ([AUTH], "")
