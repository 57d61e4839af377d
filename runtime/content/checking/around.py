"""What is known around a letter when it is looked at: whose it is, whom it would reach, which addresses answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ....storage.handover import Filling
from ..brand import Brand


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address answered when it was asked: ``problem`` is a sentence, or "" when it is well."""

    at_ms: int
    status: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """Everything a look may want to know beside the letter; what is not known is left empty.

    ``fillings`` are what the letter would be filled with for some of those it would reach, ``reach`` how many there
    are in all where it is counted, ``languages`` how many of those tried speak which language. ``links`` holds what
    addresses answered lately: a look itself asks nobody.
    """

    brand: Brand = field(default_factory=Brand)
    kit: Any = None  # the brand kit in force, for letters of blocks that carry none
    marketing: bool = True
    fillings: tuple[Filling, ...] = ()
    with_event: bool = True  # whether the fillings carry the event that starts the journey
    reach: int | None = None
    languages: Mapping[str, int] = field(default_factory=dict)
    words_wanted: tuple[str, ...] = ()
    words_banned: tuple[str, ...] = ()
    links: Mapping[str, Asked] = field(default_factory=dict)
    pools: Mapping[str, int] | None = None  # of coupons the letter asks for: 0 where no code is left
    opens: Mapping[str, float] = field(default_factory=dict)  # share of openings by family of mail program
    language: str = "en"  # of the letter where it names none
    now_ms: int = 0
