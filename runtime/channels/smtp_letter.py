"""A letter in its envelope, on its way to a mail server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import lru_cache

from email_validator import validate_email

from ..content.brand import Brand
from ..content.skeleton import Skeleton, quotable, quoted
from .parcel import Parcel


@dataclass(slots=True)
class SmtpLetter:
    """A letter in its envelope. Its bytes are made when its turn comes."""

    parcel: Parcel
    sender: str
    to: str
    skeleton: Skeleton

    @classmethod
    def of(cls, parcel: Parcel) -> SmtpLetter:
        """Raises `BadHeader` and `EmailNotValidError` for a sender that is none."""
        sender = ascii_address(parcel.brand.sender_address)
        return cls(parcel, sender, ascii_address(parcel.to), _skeleton(parcel.brand))

    async def made(self) -> list[bytes]:
        """The bytes; signing lets others work meanwhile. Raises `BadHeader`."""
        if self.skeleton.signers:
            return await asyncio.to_thread(self._make)
        return self._make()

    def _make(self) -> list[bytes]:
        parcel, rendered = self.parcel, self.parcel.rendered
        text, html = rendered.parts or (quoted(rendered.text.encode()), quotable(rendered.html))
        return self.skeleton.letter(
            message_id=parcel.message_id,
            to=self.to,
            subject=rendered.subject,
            html=html,
            text=text,
            at_ms=parcel.at_ms or time.time_ns() // 1_000_000,
            unsubscribe_url=parcel.unsubscribe_url,
        )


@lru_cache(maxsize=16)
def _skeleton(brand: Brand) -> Skeleton:
    return Skeleton(brand, brand.signers)


def ascii_address(address: str) -> str:
    """The address as it goes into the envelope, ASCII only. Raises EmailNotValidError."""
    checked = validate_email(
        address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False, strict=True
    )
    return checked.ascii_email or checked.normalized
