"""A letter in its envelope, on its way to a mail server."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache

from email_validator import validate_email

from ..content.brand import Brand
from ..content.dkim import Signer
from ..content.feedback import feedback_id, list_id
from ..content.skeleton import Framed, Skeleton, quotable, quoted
from ..content.verp import return_path
from .parcel import Parcel

TOGETHER = 4  # letters signed in one go, while the ones before them are handed over
SENDERS = 16  # kept in mind
SIGNERS = 2  # threads: a signature lets go of the interpreter
# What is an address beyond doubt, and stands in an envelope as it is: what else there may be is looked at closely.
PLAIN = re.compile(
    r"[A-Za-z0-9_+-]{1,32}(?:\.[A-Za-z0-9_+-]{1,15}){0,2}@(?:[a-z0-9](?:[a-z0-9]|-(?!-)){0,40}(?<!-)\.){1,4}"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,18}\Z"
).match


@dataclass(slots=True)
class SmtpLetter:
    """A letter in its envelope. Its bytes are made when its turn comes."""

    parcel: Parcel
    sender: str  # of the envelope: its return path
    to: str
    skeleton: Skeleton

    @classmethod
    def of(cls, parcel: Parcel, back: str = "", secret: bytes = b"") -> SmtpLetter:
        """``back`` is where return paths of their own lead. Raises `BadHeader` and `EmailNotValidError` for a sender
        that is none."""
        sender = _ascii(parcel.brand.sender_address)
        if back and parcel.message_id:
            sender = return_path(parcel.message_id, secret, back)
        return cls(parcel, sender, ascii_address(parcel.to), _skeleton(parcel.brand))

    def framed(self) -> Framed:
        """All but its signatures. Raises `BadHeader`."""
        parcel, rendered = self.parcel, self.parcel.rendered
        text, html = rendered.parts or (quoted(rendered.text.encode()), quotable(rendered.html))
        domain = self.skeleton.domain
        return self.skeleton.framed(
            message_id=parcel.message_id,
            to=self.to,
            subject=rendered.subject,
            html=html,
            text=text,
            at_ms=parcel.at_ms or time.time_ns() // 1_000_000,
            unsubscribe_url=parcel.unsubscribe_url,
            campaign=feedback_id(parcel.letter, parcel.journey, parcel.kind, domain),
            list_id=list_id(parcel.topic, domain) if parcel.unsubscribe_url else "",
            relaxed=rendered.parts is not None,
        )


class Making:
    """The bytes of letters that go out one after the other. Signatures are made ahead in threads, a few at a time: a
    thread for each letter costs as much as the letter, and all but the signature itself is done faster here."""

    def __init__(self, letters: Sequence[SmtpLetter]) -> None:
        self._left = deque(letter for letter in letters if letter.skeleton.signers)
        self._made: dict[int, list[bytes] | Exception] = {}
        self._framed: list[tuple[int, Framed]] = []
        self._running: asyncio.Future[list[list[bytes]]] | None = None

    async def of(self, letter: SmtpLetter) -> list[bytes]:
        """Raises what making it raises."""
        if not letter.skeleton.signers:
            return letter.framed().signed(())
        while id(letter) not in self._made:
            self._begin()
            if self._running is not None:
                signatures, self._running = await self._running, None
                self._made |= {
                    key: framed.signed(these) for (key, framed), these in zip(self._framed, signatures, strict=True)
                }
        made = self._made.pop(id(letter))
        if len(self._made) < TOGETHER:
            self._begin()
        if isinstance(made, Exception):
            raise made
        return made

    def _begin(self) -> None:
        if self._running is not None or not self._left:
            return
        self._framed = []
        while self._left and len(self._framed) < TOGETHER:
            letter = self._left.popleft()
            try:
                self._framed.append((id(letter), letter.framed()))
            except Exception as error:  # raised to whom the letter belongs
                self._made[id(letter)] = error
        asked = [[(signer, data) for signer, _, data in framed.asked] for _, framed in self._framed]
        self._running = asyncio.get_running_loop().run_in_executor(_threads(), _signed, asked)


def _signed(asked: Sequence[Sequence[tuple[Signer, bytes]]]) -> list[list[bytes]]:
    return [[signer.signature(data) for signer, data in one] for one in asked]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SIGNERS, "signing")


def _skeleton(brand: Brand) -> Skeleton:
    """What letters of one sender share: made once for each that writes."""
    key = (brand.sender_name, brand.sender_address, brand.reply_to, brand.signers)
    found = _SKELETONS.get(key)
    if found is None:
        if len(_SKELETONS) >= SENDERS:
            _SKELETONS.clear()
        found = _SKELETONS[key] = Skeleton(brand, brand.signers)
    return found


def ascii_address(address: str) -> str:
    """The address as it goes into the envelope, ASCII only. Raises EmailNotValidError."""
    if PLAIN(address):
        return address
    checked = validate_email(
        address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False, strict=True
    )
    return checked.ascii_email or checked.normalized


_SKELETONS: dict[tuple[str, str | None, str, tuple[Signer, ...]], Skeleton] = {}
_ascii = lru_cache(maxsize=256)(ascii_address)
