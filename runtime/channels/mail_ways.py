"""By which accounts letters may leave, asked before anybody knows which of them has room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ...storage.handover import Facts
from ..content.brand import Brand
from ..content.rendered import Rendered
from .channel import Channel
from .parcel import Parcel
from .switchboard import Routed

if TYPE_CHECKING:
    from ..policy.gate import Terms

UNFILLED = Rendered()


class MailWays:
    """What the gate asks of the accounts for e-mail, in one transaction. ``brand`` says who sends; asked once."""

    def __init__(self, channel: Channel | None, brand: Callable[[], Brand]) -> None:
        self._channel, self._ask = channel, brand

    @cached_property
    def _brand(self) -> Brand:
        return self._ask()

    def marketing(self) -> Sequence[str]:
        """Those that carry marketing at all."""
        channel = self._channel
        if not isinstance(channel, Routed):
            return ("",)
        return [line.name for line in channel.lines if not line.channel.owed_alone()] or ("",)

    def of(self, of: Facts, under: Terms) -> Sequence[str]:
        """Those that may carry this letter, in the order in which they are asked."""
        channel = self._channel
        if not isinstance(channel, Routed):
            return ("",)
        letter = Parcel(
            of.message_id, of.address or "", UNFILLED, self._brand, transactional=under.transactional,
            letter=of.content, journey=under.journey, topic=under.topic, kind=under.kind,
        )  # fmt: skip
        return [line.name for line in channel.carrying(letter)]
