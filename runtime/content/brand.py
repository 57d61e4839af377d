"""Who writes: the sender's names and addresses, as the owner set them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..policy.hygiene import Silence
from .counted import Owner
from .dkim import Signer
from .kit import Kit


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
    kit: Kit = field(default_factory=Kit)
    silence: Silence = field(default_factory=Silence)
    signers: tuple[Signer, ...] = ()
    counted: Owner = field(default_factory=Owner)  # what is counted of letters

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
            kit=Kit.of(settings),
            silence=Silence.of(settings),
            counted=Owner.of(settings),
        )

    def words(self) -> dict[str, Any]:
        """What a letter may say as ``brand``: who writes, and how the brand looks."""
        own = {"name": self.name, "address": self.postal_address, "url": self.base_url, "color": self.color}
        return {**_kit_words(self.kit), **own}


@lru_cache(maxsize=16)
def _kit_words(kit: Kit) -> dict[str, Any]:
    """Asked for with every letter."""
    return kit.words()
