"""Requests to carriers: nothing leaves before the mark, and what left without an answer is called lost."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest

from sojourn.runtime.exchange import caller
from sojourn.runtime.exchange.caller import Caller, Lost
from sojourn.runtime.exchange.outgoing import BadAddress, NoAnswer, PrivateAddress
from sojourn.tests.runtime.push_services import trusted

HERE = ["127.0.0.1"]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    yield f"{'https' if tls else 'http'}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


class Plain:
    """Takes requests as a careful server does, and answers each with its own body."""

    def __init__(self, answers: int = 100) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self.answers = answers

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self.answers):
            head = await reader.readuntil(b"\r\n\r\n")
            size = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
            body = await reader.readexactly(size)
            self.heard.append(body)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nRetry-After: 7\r\n\r\n" % len(body) + body)


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def test_nothing_leaves_before_the_mark_and_the_connection_is_kept() -> None:
    async def run() -> None:
        plain, heard_when_marked = Plain(), []

        async def mark() -> bool:
            await asyncio.sleep(0.05)
            heard_when_marked.append((plain.connections, len(plain.heard)))
            return True

        async with server(plain) as base:
            lines = Caller(HERE)
            first = await lines.ask("POST", f"{base}/a", b"one", before=mark)
            assert first and (first.status, first.text, first.retry_after_s) == (200, "one", 7)
            assert await lines.ask("POST", f"{base}/a", b"two", before=no) is None
            assert await lines.ask("POST", f"{base}/a", b"three", before=mark)
            assert plain.heard == [b"one", b"three"]
            assert plain.connections == 1
            assert heard_when_marked == [(1, 0), (1, 1)]
            await lines.close()

    asyncio.run(run())


def test_a_connection_closed_while_nobody_used_it_is_not_used_again() -> None:
    async def run() -> None:
        plain = Plain(answers=1)
        async with server(plain) as base:
            lines = Caller(HERE)
            for body in (b"one", b"two", b"three"):
                answer = await lines.ask("POST", f"{base}/", body, before=yes)
                assert answer and answer.text == body.decode()
                await asyncio.sleep(0.05)
            assert plain.connections == 3
            await lines.close()

    asyncio.run(run())


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", None])
def test_what_left_without_a_whole_answer_is_lost(says: bytes | None) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if says is None:
            await reader.read()
        else:
            writer.write(says)

    async def run() -> None:
        async with server(talk) as base:
            lines = Caller(HERE, answer_s=0.2)
            with pytest.raises(Lost):
                await lines.ask("POST", f"{base}/", b"text", before=yes)
            await lines.close()

    asyncio.run(run())


def test_what_cannot_be_reached_is_never_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "CONNECT_S", 0.2)

    async def run() -> None:
        marked = []

        async def mark() -> bool:
            marked.append(1)
            return True

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            closed = f"http://127.0.0.1:{free.getsockname()[1]}/"
        plain = Plain()
        async with server(plain) as base:
            for asks, url, kind in [
                (Caller(HERE), closed, NoAnswer),
                (Caller(), base, PrivateAddress),
                (Caller(HERE), base.replace("http:", "https:"), NoAnswer),
                (Caller(HERE), "ftp://example.com/", BadAddress),
            ]:
                with pytest.raises(kind):
                    await asks.ask("POST", url, b"text", before=mark)
                await asks.close()
        assert not marked and not plain.heard

    asyncio.run(run())


class Streams:
    """A server that speaks HTTP/2 and answers when it has ``together`` requests."""

    def __init__(self, together: int) -> None:
        self.together, self.connections = together, 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        state.initiate_connection()
        heard, whole = dict[int, bytes](), list[int]()
        writer.write(state.data_to_send())
        while data := await reader.read(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.DataReceived) and event.stream_id:
                    heard[event.stream_id] = heard.get(event.stream_id, b"") + (event.data or b"")
                    state.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
                if isinstance(event, h2.events.StreamEnded) and event.stream_id:
                    whole.append(event.stream_id)
            if len(whole) >= self.together:
                for stream in whole:
                    state.send_headers(stream, [(":status", "200"), ("x-own", heard[stream].decode())])
                    state.send_data(stream, heard[stream], end_stream=True)
                whole.clear()
            writer.write(state.data_to_send())


def test_many_requests_share_one_connection_where_both_speak_http_2() -> None:
    async def run() -> None:
        streams = Streams(together=1)
        async with server(streams) as base:
            lines = Caller(HERE, http2=True)
            await lines.ask("POST", f"{base}/", b"warm", before=yes)
            streams.together = 20
            bodies = [str(number).encode() for number in range(20)]
            answers = await asyncio.gather(*(lines.ask("POST", f"{base}/", body, before=yes) for body in bodies))
            assert [answer and answer.text.encode() for answer in answers] == bodies
            assert [answer and answer.headers["x-own"].encode() for answer in answers] == bodies
            assert streams.connections == 1
            await lines.close()

    asyncio.run(run())


def test_a_certificate_nobody_vouches_for_or_of_another_name_gets_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        here, certificate = trusted(tmp_path)
        here.set_alpn_protocols(["http/1.1"])
        plain = Plain()
        async with server(plain, here) as base:
            vouched = Caller([*HERE, "localhost"], tls=ssl.create_default_context(cafile=certificate))
            answer = await vouched.ask("POST", f"{base}/", b"text", before=yes)
            assert answer and answer.text == "text"
            for asks, url in ((Caller(HERE), base), (vouched, base.replace("127.0.0.1", "localhost"))):
                with pytest.raises(NoAnswer):
                    await asks.ask("POST", f"{url}/", b"secret", before=no)
                await asks.close()
        assert plain.heard == [b"text"]

    asyncio.run(run())
