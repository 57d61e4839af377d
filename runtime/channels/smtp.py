"""E-mail by SMTP: a few connections kept open, each letter marked between the server's 354 and its body."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from email_validator import EmailNotValidError

from ...storage.faults import fail_point
from ..content.skeleton import BadHeader
from ..content.verp import PURPOSE
from ..exchange.trouble import in_words
from .breaker import Breaker
from .channel import Channel, Health, Held, Mark, Outcome, Parcel, Refused, Tools, TryLater, Unclear, Unreachable
from .replies import outcome_of
from .smtp_letter import Making, SmtpLetter, ascii_address
from .smtp_line import BROKEN, Envelope, Line
from .smtp_server import Server, SmtpUrlProblem
from .smtp_turns import Round, Turns
from .smtp_way import NotReached

__all__ = ["Server", "Smtp", "SmtpUrlProblem"]

NO_SENDER = "letters have no sender yet: set sender_address under Settings"
IDLE_S = 20  # an idle connection older than this is not trusted


class Smtp(Channel):
    """Hands letters to one mail server."""

    name = "email"

    def __init__(
        self, server: Server, derive: Callable[[str], bytes] | None = None, at_once: Mapping[str, int] | None = None
    ) -> None:
        """``derive`` makes the key of return paths; without one letters come back to their sender."""
        self.server = server
        self._back, self._secret = (server.return_path, derive(PURPOSE)) if server.return_path and derive else ("", b"")
        self._turns = Turns(at_once)
        self._idle: list[Line] = []
        self._slots = asyncio.Semaphore(server.connections)
        self._breaker = Breaker()
        self._at = f"{server.host}:{server.port}"
        self._host_name = server.helo or socket.gethostname()

    @classmethod
    def at_home(cls, tools: Tools) -> Smtp | None:
        """The one server of the configuration, if it names one."""
        url = tools.config.get("smtp_url")
        return cls(Server.parse(url), tools.derive) if url else None

    def room(self) -> int:
        return self._breaker.room()

    def health(self) -> Health:
        since = self._breaker.since
        if since is None:
            return Health(ok=True)
        return Health(
            False, f"The mail server at {self._at} takes no letters since {since:%d %b %H:%M} UTC: {self._breaker.why}"
        )

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        found: dict[int, Outcome] = {}

        def settle(message_id: int, outcome: Outcome) -> None:
            found[message_id] = outcome
            before_body.tell(message_id, outcome)

        ready: list[SmtpLetter] = []
        for parcel in parcels:
            made = self._checked(parcel)
            if isinstance(made, SmtpLetter):
                ready.append(made)
            else:
                settle(parcel.message_id, made)
        if ready:
            async with self._slots:
                await self._carry(ready, before_body, settle)
        return [found[parcel.message_id] for parcel in parcels]

    # ── making letters ────────────────────────────────────────────────────────────────────────────────

    def _checked(self, parcel: Parcel) -> SmtpLetter | Outcome:
        """The letter with its envelope, or why there is none."""
        try:
            ascii_address(parcel.to)
        except EmailNotValidError as error:
            return Refused(0, f"{parcel.to!r} is not an address mail can be sent to: {error}")
        if not parcel.brand.sender_address:
            self._breaker.failed(NO_SENDER)
            return Unreachable(NO_SENDER)
        try:
            return SmtpLetter.of(parcel, self._back, self._secret)
        except (BadHeader, EmailNotValidError) as error:  # the settings' fault, not the contact's: the letter waits
            self._breaker.failed(f"the sender's address is not usable: {error}")
            return Unreachable(str(error))

    # ── handing over ──────────────────────────────────────────────────────────────────────────────────

    async def _carry(self, letters: Sequence[SmtpLetter], mark: Mark, settle: Callable[[int, Outcome], None]) -> None:
        """All letters over one connection after the other, each announced while the one before it is given."""
        line: Line | None = None
        announced: Envelope | None = None
        turns, making = Round(letters, self._turns), Making(letters)
        try:
            letter = await turns.next()
            while letter is not None:
                following = turns.now()
                then = Envelope(following.sender, following.to) if following else None
                outcome, line, announced = await self._one(letter, making, line, announced, then, mark)
                turns.done(outcome)
                settle(letter.parcel.message_id, outcome)
                letter = following or await turns.next()
        except BaseException:
            turns.over()
            if line is not None:
                line.close()
            raise
        if line is not None:
            self._idle.append(line)
        for whose, letter in turns.left:
            settle(letter.parcel.message_id, self._turns.why_not(whose, letter.parcel.at_ms))

    async def _one(
        self,
        letter: SmtpLetter,
        making: Making,
        line: Line | None,
        announced: Envelope | None,
        then: Envelope | None,
        mark: Mark,
    ) -> tuple[Outcome, Line | None, Envelope | None]:
        """One letter; and the connection with the next envelope, as far as they can be used further."""
        if line is None and not self._breaker.lets_through():
            return Unreachable(self._away(self._breaker.why)), None, None
        try:
            pieces = await making.of(letter)
        except BadHeader as error:
            return Refused(0, str(error)), *await _taken_back(line, announced)
        except UnicodeError as error:
            why = f"The letter holds characters that cannot be written: {error}"
            return Refused(0, why), *await _taken_back(line, announced)
        while True:
            try:
                if line is None:
                    line, announced = self._reusable() or await Line.open(self.server, self._host_name), None
                if announced is None:
                    announced = await line.envelope(letter.sender, letter.to)
                outcome = await self._transaction(line, announced, pieces, letter.parcel.message_id, then, mark)
            except (*BROKEN, NotReached) as error:
                stale = line is not None and line.used
                if line is not None:
                    line.close()
                line = announced = None
                if stale and not isinstance(error, NotReached):
                    continue  # the server let go of an old connection: nothing was lost, take a new one
                if isinstance(error, NotReached):
                    self._breaker.failed(str(error))
                    return Unreachable(self._away(error)), None, None
                self._breaker.dropped(f"it hangs up in the middle of a letter ({in_words(error)})")
                why = f"The mail server broke off before the letter was given to it: {in_words(error)}."
                return TryLater(0, why), None, None
            line.used = True
            if not line.connected or isinstance(outcome, Held | Unclear):
                line.close()
                return outcome, None, None
            return outcome, line, then if then is not None and then.answers is not None else None

    async def _transaction(
        self,
        line: Line,
        announced: Envelope,
        pieces: Sequence[bytes],
        message_id: int,
        then: Envelope | None,
        mark: Mark,
    ) -> Outcome:
        """One letter over an open connection. Raises one of `BROKEN` only while nothing was given away."""
        sender, to, data = await line.opened(announced)
        if sender[0] >= 400:  # it says nothing of whom the letter is for: they all wait
            raise NotReached(f"it refuses mail from {announced.sender}: {sender[0]} {sender[1]}")
        refusal = next((answer for answer in (sender, to) if answer[0] >= 300), None)
        if refusal is None and data[0] != 354:
            refusal = data
        if refusal is not None:
            if data[0] == 354:  # it would take a letter to nobody: give it none
                await line.give([])
            return await self._not_taken(line, *refusal)
        self._breaker.answered()
        line.used = False  # what breaks from here on is not an old connection's fault
        if message_id not in await mark([message_id]):
            return Held()
        fail_point("after_mark")
        if not line.connected:
            return TryLater(0, "The mail server hung up before the letter was given to it.")
        try:
            code, text = await line.give(pieces, then)
        except BROKEN as error:
            why = in_words(error)
            self._breaker.dropped(f"it hangs up after a letter ({why})")
            return Unclear(
                f"The mail server took the letter and never answered ({why}); whether it arrived is not known."
            )
        fail_point("after_250")
        outcome = outcome_of(code, text)
        if code == 421:
            line.close()
        return outcome

    async def _not_taken(self, line: Line, code: int, text: str) -> Outcome:
        """The server said no to this letter: leave the connection clean for the next."""
        self._breaker.answered()
        if code == 421:
            line.close()
        else:
            try:
                await line.ask("RSET")
            except BROKEN:
                line.close()
        return outcome_of(code, text)

    def _away(self, why: object) -> str:
        return f"the mail server at {self._at} takes no letter: {why}"

    def _reusable(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.connected and time.monotonic() - line.last_used < IDLE_S:
                return line
            line.close()
        return None

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().quit()


async def _taken_back(line: Line | None, announced: Envelope | None) -> tuple[Line | None, None]:
    """A letter that was announced and cannot be made: only a new connection forgets it."""
    if line is not None and announced is not None:
        line.close()
        return None, None
    return line, None
