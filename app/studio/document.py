"""What the studio works on: a template of the library, or a letter of a journey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ...runtime.content.brand import Brand
from ...storage.handover import Filling

if TYPE_CHECKING:
    from ..instance import Instance


@dataclass(frozen=True, slots=True)
class Kept:
    """One version that was kept: its number, when (ms), and by whom."""

    number: int
    at_ms: int
    author: str
    note: str = ""


class Document(Protocol):
    """A letter with a home. ``source`` has the one shape of letters everywhere (docs/letters.md)."""

    instance: Instance
    name: str
    title: str
    kind: str  # "letter", or "block" for a block that letters share
    keeps_versions: bool  # whether versions are saved here

    @property
    def conflict(self) -> str:
        """Who wrote over what one has here, where the last `save` was refused for that; else ""."""
        ...

    @property
    def marketing(self) -> bool:
        """Whether it has to let people out."""
        ...

    @property
    def source(self) -> Mapping[str, Any]:
        """The letter as it is kept now, whoever changed it last."""
        ...

    @property
    def may_edit(self) -> bool:
        """Whether whoever looks may change it."""
        ...

    async def save(self, source: Mapping[str, Any]) -> str | None:
        """Keep it; a sentence when that was refused."""
        ...

    async def settle(self, source: Mapping[str, Any], theirs: bool) -> str:
        """End the conflict: theirs or this is what stands here, the other becomes a copy. Says where that is."""
        ...

    async def filling(self, contact_id: int | None) -> tuple[Filling | None, Brand]:
        """What it is filled with for this contact, the newest one when none is named."""
        ...

    async def kept(self) -> Sequence[Kept]:
        """Its versions, the newest first; none where something else keeps them."""
        ...

    async def version(self, number: int) -> Mapping[str, Any] | None:
        """The letter as it was then."""
        ...

    async def keep_version(self, note: str) -> str | None:
        """Save what is kept as a version; a sentence when that was refused."""
        ...

    def started_by(self) -> str | None:
        """The event whose properties it may speak of."""
        ...

    def on_change(self, callback: Callable[[], bool]) -> None:
        """Call back when somebody else changed it; the answer says whether that is what is worked on from now on."""
        ...
