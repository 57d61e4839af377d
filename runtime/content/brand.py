"""Who writes: the sender's names and addresses, as the owner set them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..policy.hygiene import Silence
from .dkim import Signer


@dataclass(frozen=True, slots=True)
class Brand:
    """What every letter says of its sender, and to whom they still write after a long silence.

    ``base_url`` is where the outside reaches this instance, ``short_url`` a shorter address that leads here too.
    ``signers`` sign for the domain of the sender's address.
    """

    name: str = ""
    postal_address: str = ""
    sender_name: str = ""
    sender_address: str = ""  # without one nothing leaves
    reply_to: str = ""
    base_url: str = ""
    short_url: str = ""
    color: str = "#4f46e5"
    silence: Silence = field(default_factory=Silence)
    signers: tuple[Signer, ...] = ()

    @classmethod
    def of(cls, settings: Any) -> Brand:
        """From the instance's settings."""
        name = settings.brand_name or settings.sender_name or ""
        return cls(
            name=name,
            postal_address=settings.postal_address or "",
            sender_name=settings.sender_name or name,
            sender_address=settings.sender_address,
            reply_to=settings.reply_to or "",
            base_url=(settings.base_url or "").rstrip("/"),
            short_url=(settings.short_url or "").rstrip("/"),
            color=settings.brand_color,
            silence=Silence.of(settings),
        )

    def words(self) -> dict[str, str]:
        """What a letter may say as ``brand``."""
        return {"name": self.name, "address": self.postal_address, "url": self.base_url, "color": self.color}
