"""Letters a second, from a contact's facts to the mail server's 250, beside Postfix's own source; and its parts."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from sojourn.runtime.channels.channel import Delivered, Mark, Outcome, Parcel
from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.dkim import DIGEST, PADDING, Signer, make_key
from sojourn.runtime.content.letter import Letter, compile_letter
from sojourn.runtime.content.letter import render as filled
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.content.links import Links
from sojourn.runtime.content.mjml import to_html
from sojourn.runtime.content.protect import protect
from sojourn.runtime.content.skeleton import Skeleton
from sojourn.storage.handover import Filling

from .figures import Figure
from .shop_letter import LETTER, filling

PAIRS = 5
EACH = 3_000  # letters of one turn
SESSIONS = 10
CHUNK = 20  # as the outbox hands them over
PEOPLE = 2_000
UNSIGNED, SIGNED = 0.30, 0.18  # of what smtp-source does
CPU_MS, BESIDE_RSA_MS = 0.9, 1.1
BRAND = Brand(
    name="Moss & Marker", postal_address="1 Trailhead Lane, Exampleton", sender_name="Moss & Marker",
    sender_address="hello@example.com", reply_to="help@example.com", base_url="https://go.example.com",
)  # fmt: skip


class Anyway:
    """A mark that says yes at once: the store has benchmarks of its own."""

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        return frozenset(ids)

    def tell(self, message_id: int, outcome: Outcome, inputs: Any = None) -> None: ...


def letters() -> list[Figure]:
    """Rendered, framed, signed and handed over, turn by turn with smtp-source; the limit is what that one does."""
    letter = compile_letter(LETTER)
    signer = Signer.of("example.com", "bench", make_key())
    rsa_ms = _signature_ms(signer)
    people = [filling(number) for number in range(PEOPLE)]
    plain = Hand(letter, people, BRAND)
    signed = Hand(letter, people, replace(BRAND, signers=(signer,)))
    sample = b"".join(plain.framed(1, Skeleton(BRAND)))
    found: dict[str, list[tuple[float, float]]] = {"": [], ".signed": []}
    cpu: dict[str, list[float]] = {"": [], ".signed": []}
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "letter.eml"
        file.write_bytes(sample.replace(b"\r\n", b"\n"))
        for hand in (plain, signed):
            hand.turn(port, 500)  # warm
        for _ in range(PAIRS):
            for name, hand in (("", plain), (".signed", signed)):
                limit = source(port, file)
                rate, spent = hand.turn(port, EACH)
                found[name].append((rate, limit))
                cpu[name].append(spent)
    figures = []
    for name, goal, most in (("", UNSIGNED, CPU_MS), (".signed", SIGNED, rsa_ms + BESIDE_RSA_MS)):
        middle = sorted(found[name], key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
        spent = median(cpu[name])
        more = {"goal": goal, "cpu_ms": round(spent, 3), "cpu_goal_ms": round(most, 3), "bytes": len(sample)}
        if name:
            more["rsa_ms"] = round(rsa_ms, 3)
        figures.append(Figure(f"email.letters{name}", middle[0], "letters/s", middle[1], more))
    return figures


def render() -> list[Figure]:
    """CPU of one letter's parts, never seen before; the limit is the same letter filled by Jinja alone."""
    letter = compile_letter(LETTER)
    people = [filling(number) for number in range(PEOPLE)]
    hand = Hand(letter, people, BRAND)
    skeleton = Skeleton(BRAND)

    def framed() -> None:
        for number in range(PEOPLE):
            hand.framed(number, skeleton)

    def bare() -> None:
        for number in range(PEOPLE):
            hand.slowly(number)

    bare()
    cost = median(_cpu(framed) for _ in range(PAIRS)) / PEOPLE
    limit = median(_cpu(bare) for _ in range(PAIRS)) / PEOPLE
    return [Figure("email.render", cost * 1e6, "CPU µs/letter", limit * 1e6)]


def compiled() -> list[Figure]:
    """CPU of compiling a letter of this size, from source to code; the limit is the MJML engine on it alone."""
    protected = protect(LETTER["mjml"]).mjml

    def whole() -> None:
        assert compile_letter(LETTER).wire is not None

    def engine() -> None:
        to_html(protected)

    engine()
    cost, limit = median(_wall(whole) for _ in range(9)), median(_wall(engine) for _ in range(9))
    return [Figure("mjml.compile", cost * 1000, "ms", limit * 1000)]


class Hand:
    """Hands letters over as the outbox does: filled a chunk at a time, several chunks beside each other."""

    def __init__(self, letter: Letter, people: Sequence[Filling], brand: Brand) -> None:
        self._letter, self._people, self._brand = letter, people, brand
        self._letters = Letters(Links(b"bench" * 8, brand.base_url))
        assert letter.wire is not None

    def parcel(self, number: int) -> Parcel:
        who = self._people[number % len(self._people)]
        links = self._letters.links
        url = links.unsubscribe(number, number, "email")
        centre = links.preferences(number, number, 1 << 40)
        rendered = self._letters.fill(
            self._letter, who, self._brand, message_id=number, unsubscribe_url=url, preferences_url=centre
        )
        return Parcel(number, who.contact["email"], rendered, self._brand, url, 1_800_000_000_000, number, who.contact)

    def slowly(self, number: int) -> str:
        """The same letter by Jinja as it comes, without counted links, frame or wire."""
        who = self._people[number % len(self._people)]
        data = {"contact": who.contact, "event": who.event, "journey": who.journey, "brand": self._brand.words()}
        made = filled(self._letter, {**data, "unsubscribe_url": "https://go.example.com/u/x"})
        return made.html + made.text

    def framed(self, number: int, skeleton: Skeleton) -> list[bytes]:
        """One letter as it stands on the wire."""
        parcel = self.parcel(number)
        assert parcel.rendered.parts is not None
        text, html = parcel.rendered.parts
        return skeleton.letter(
            message_id=number, to=parcel.to, subject=parcel.rendered.subject, html=html, text=text, at_ms=1,
            unsubscribe_url=parcel.unsubscribe_url,
        )  # fmt: skip

    def turn(self, port: int, count: int, first: int = 0) -> tuple[float, float]:
        """Letters a second, and milliseconds of CPU a letter."""
        began, spent = time.perf_counter(), time.process_time()
        asyncio.run(self._all(port, range(first, first + count)))
        return count / (time.perf_counter() - began), (time.process_time() - spent) / count * 1000

    async def _all(self, port: int, numbers: range) -> None:
        channel = Smtp(Server.parse(f"smtp://127.0.0.1:{port}?starttls=no&connections={SESSIONS}"))
        chunks = iter(numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK))
        mark: Mark = Anyway()  # type: ignore[assignment]

        async def sender() -> None:
            for chunk in chunks:
                parcels = [self.parcel(number) for number in chunk]
                outcomes = await channel.hand_over(parcels, mark)
                assert all(isinstance(outcome, Delivered) for outcome in outcomes), outcomes

        await asyncio.gather(*(sender() for _ in range(SESSIONS)))
        await channel.close()


def source(port: int, file: Path) -> float:
    """Letters a second that smtp-source hands over of one that is ready: nothing is filled, framed or signed."""
    command = ["smtp-source", "-d", "-s", str(SESSIONS), "-m", str(EACH), "-F", str(file)]
    command += ["-f", "hello@example.com", "-t", "ada@example.com", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return EACH / (time.perf_counter() - began)


@contextmanager
def sink() -> Iterator[int]:
    """Postfix's smtp-sink, which takes everything and keeps nothing."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    if shutil.which("smtp-sink") is None:
        raise SystemExit("This benchmark needs Postfix: sudo apt-get install postfix")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "512"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _signature_ms(signer: Signer) -> float:
    """One signature of this machine, alone."""
    data = b"x" * 900

    def many() -> None:
        for _ in range(200):
            signer.key.sign(data, PADDING, DIGEST)  # type: ignore[call-arg, arg-type]

    many()
    return median(_cpu(many) for _ in range(PAIRS)) / 200 * 1000


def _cpu(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _wall(work: Callable[[], Any]) -> float:
    """The MJML engine runs in a process of its own, so its CPU is not ours."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
