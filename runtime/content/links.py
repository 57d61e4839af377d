"""Signed links in letters: a click carries its target, an opening its message, an unsubscribe its contact."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from copy import copy
from hashlib import sha256
from typing import NamedTuple

from .codes import Codes, ForgedLink

TAG = 16  # bytes of the MAC
CLICK, OPEN, UNSUBSCRIBE, PREFERENCES, CONFIRM = "click", "open", "unsubscribe", "preferences", "confirm"
NOTE = "note"
VISIT, SHORT = "visit", "short"
LONGEST = 8_000  # characters of a token


class ExpiredLink(ForgedLink):
    """This link is too old to be used: open the one in the newest letter you have."""


class Followed(NamedTuple):
    """A click: which message, where it leads, and the place of the link in the letter (0: not known)."""

    message_id: int
    url: str
    place: int = 0


class Links:
    """Makes and reads tokens. The purpose is part of the MAC, so that one kind never passes for another."""

    def __init__(self, secret: bytes, base_url: str = "") -> None:
        self._key = hmac.new(secret, digestmod=sha256)
        self.base_url = base_url.rstrip("/")
        self.short_url = ""  # a shorter one of the owner's that leads here too
        self.tracking_url = ""  # where counted links and pictures lead instead
        self.opens = self.clicks = True  # whether they are counted
        self.trap = False  # whether letters carry a link that only scanners see
        self.tag: Callable[[str], str] | None = None  # puts words for web statistics behind an address
        self.codes = Codes(self._tag(SHORT, b""))

    def at(self, base_url: str, short_url: str = "") -> Links:
        """The same key under another address."""
        links = copy(self)
        links.base_url, links.short_url = base_url.rstrip("/"), short_url.rstrip("/")
        return links

    def followed(self, message_id: int, url: str, place: int = 0) -> str:
        """The address a link in a message gets: with words for web statistics, and counted where it is to be."""
        if self.tag is not None:
            url = self.tag(url)
        return self.click(message_id, url, place) if self.clicks and self.base_url else url

    def click(self, message_id: int, url: str, place: int = 0) -> str:
        """The address that counts a click on the link at a place and leads on to ``url``."""
        at = f"{message_id:x}.{place:x}" if place else f"{message_id:x}"
        return f"{self.tracking_url or self.base_url}/c/{self._token(CLICK, f'{at} {url}')}"

    def pixel(self, message_id: int) -> str:
        """The address of the picture that counts an opening."""
        return f"{self.tracking_url or self.base_url}/o/{self._token(OPEN, f'{message_id:x}')}.gif"

    def note(self, message_id: int, what: str) -> str:
        """The address at which a browser tells what became of a message there: shown, closed."""
        return f"{self.base_url}/push/told/{self._token(NOTE, f'{message_id:x} {what}')}"

    def read_note(self, token: str) -> tuple[int, str]:
        """Message and what became of it. Raises `ForgedLink`."""
        message_id, what = self._read(NOTE, token).split(" ", 1)
        return int(message_id, 16), what

    def unsubscribe(self, contact_id: int, message_id: int, channel: str) -> str:
        """The address where the contact unsubscribes."""
        return f"{self.base_url}/u/{self._token(UNSUBSCRIBE, f'{contact_id:x} {message_id:x} {channel}')}"

    def preferences(self, contact_id: int, message_id: int, until_ms: int) -> str:
        """The address of the contact's preference centre, good until then."""
        return f"{self.base_url}/p/{self._token(PREFERENCES, f'{contact_id:x} {message_id:x} {until_ms:x}')}"

    def confirm(self, signup_id: int, until_ms: int) -> str:
        """The address where a sign-up is confirmed, good until then."""
        return f"{self.base_url}/confirm/{self._token(CONFIRM, f'{signup_id:x} {until_ms:x}')}"

    def visit(self, contact_id: int, until_ms: int) -> str:
        """What proves who a visitor of the site is, good until then: a token, no address."""
        return self._token(VISIT, f"{contact_id:x} {until_ms:x}")

    def read_visit(self, token: str, now_ms: int) -> int:
        """The contact who visits. Raises `ForgedLink` and `ExpiredLink`."""
        contact_id, until_ms = (int(part, 16) for part in self._read(VISIT, token).split(" "))
        if now_ms > until_ms:
            raise ExpiredLink(ExpiredLink.__doc__)
        return contact_id

    def read_preferences(self, token: str, now_ms: int) -> tuple[int, int]:
        """Contact and message. Raises `ForgedLink` and `ExpiredLink`."""
        contact_id, message_id, until_ms = (int(part, 16) for part in self._read(PREFERENCES, token).split(" "))
        if now_ms > until_ms:
            raise ExpiredLink(ExpiredLink.__doc__)
        return contact_id, message_id

    def read_confirm(self, token: str, now_ms: int) -> int:
        """The sign-up. Raises `ForgedLink` and `ExpiredLink`."""
        signup_id, until_ms = (int(part, 16) for part in self._read(CONFIRM, token).split(" "))
        if now_ms > until_ms:
            raise ExpiredLink(ExpiredLink.__doc__)
        return signup_id

    def read_click(self, token: str) -> Followed:
        """Message and target of a click. Raises `ForgedLink`."""
        at, url = self._read(CLICK, token).split(" ", 1)
        message_id, _, place = at.partition(".")
        return Followed(int(message_id, 16), url, int(place or "0", 16))

    def read_open(self, token: str) -> int:
        """Message of an opening. Raises `ForgedLink`."""
        return int(self._read(OPEN, token), 16)

    def read_unsubscribe(self, token: str) -> tuple[int, int, str]:
        """Contact, message and channel. Raises `ForgedLink`."""
        contact_id, message_id, channel = self._read(UNSUBSCRIBE, token).split(" ", 2)
        return int(contact_id, 16), int(message_id, 16), channel

    def _tag(self, purpose: str, payload: bytes) -> bytes:
        mac = self._key.copy()
        mac.update(purpose.encode() + b"\0" + payload)
        return mac.digest()[:TAG]

    def _token(self, purpose: str, payload: str) -> str:
        data = payload.encode()
        return urlsafe_b64encode(self._tag(purpose, data) + data).rstrip(b"=").decode()

    def _read(self, purpose: str, token: str) -> str:
        try:
            if len(token) > LONGEST:
                raise ForgedLink(ForgedLink.__doc__)
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (NotBase64, ValueError) as error:
            raise ForgedLink(ForgedLink.__doc__) from error
        # written back: base64 has unused bits, and a token has exactly one form
        if urlsafe_b64encode(raw).rstrip(b"=").decode() != token or len(raw) <= TAG:
            raise ForgedLink(ForgedLink.__doc__)
        if not hmac.compare_digest(self._tag(purpose, raw[TAG:]), raw[:TAG]):
            raise ForgedLink(ForgedLink.__doc__)
        return raw[TAG:].decode()
