"""What one reading of the store knows of a chunk of messages on their way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..storage import devices, sender_stops
from ..storage.database import Tx
from ..storage.handover import Facts, Filling, load_many
from ..storage.messages import Leased
from .channels.channel import Parcel, Token, media


class Found:
    """The facts and fillings of a chunk by message, and what its medium has to know besides."""

    def __init__(self, known: dict[int, tuple[Facts, Filling]]) -> None:
        self.known = known
        self._devices: dict[int, list[tuple[str, str, str, dict[str, Any]]]] = {}
        self._stops: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls, tx: Tx, chunk: Sequence[Leased], now_ms: int) -> Found:
        found = cls(load_many(tx, [one.id for one in chunk], now_ms))
        medium = media().get(chunk[0].channel)
        people = [known for known, _ in found.known.values()]
        if medium is not None and medium.address == "device" and people:
            found._devices = devices.of(tx, sorted({known.contact_id for known in people}), medium.name)
        if medium is not None and medium.address == "phone" and people:
            found._stops = sender_stops.of(tx, sorted({known.address for known in people if known.address}))
        return found

    def complete(self, parcel: Parcel, channel: str, known: Facts) -> Parcel:
        """The parcel with the contact's devices, and the senders they said STOP to."""
        if not self._devices and not self._stops:
            return parcel
        tokens = tuple(Token(*one) for one in self._devices.get(known.contact_id, ()))
        return replace(parcel, devices=tokens, barred=self._stops.get(parcel.to, frozenset()))
