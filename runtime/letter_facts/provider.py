"""What a provider of facts for letters is, how they are found, and how a chunk of fillings is completed by them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from ...storage.database import Tx
from ...storage.handover import Filling
from ..content.given import Codes
from ..content.needs import Needs
from ..settings import load as load_settings

FRESH_S = 10.0  # what is the same for everybody is read again after so long
MOST = 500


class Kept:
    """Answers that are the same for everybody, for some seconds: chunks of one campaign follow each other closely."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def of(self, key: str, read: Callable[[], Any]) -> Any:
        """What is kept under a key, read where it is not or too old."""
        known = self._kept.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        if len(self._kept) > MOST:
            self._kept.clear()
        answer = read()
        self._kept[key] = (time.monotonic() + FRESH_S, answer)
        return answer


@dataclass(frozen=True, slots=True)
class Around:
    """What every provider may know: the moment, the instance's own time zone, and what is kept for some seconds.

    ``samples``: a preview, in which an empty cart may be filled with anything.
    """

    now_ms: int
    zone: str
    kept: Kept = field(default_factory=Kept)
    samples: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """Answers for one word of letters. ``load`` gets what is asked of the word and gives an answer for each filling.

    ``given`` is what the letter finds it under, where that is not the word itself.
    """

    word: str
    load: Callable[[Tx, Sequence[Filling], frozenset[str], Around], Sequence[Any]]
    given: str = ""


@cache
def providers() -> tuple[Provider, ...]:
    """Every ``PROVIDER`` of the modules beside this one."""
    package = __name__.rpartition(".")[0]
    modules = (import_module(f"{package}.{each.name}") for each in iter_modules(import_module(package).__path__))
    found = (vars(module).get("PROVIDER") for module in modules)
    return tuple(one for one in found if isinstance(one, Provider))


def completed(
    tx: Tx, fillings: Sequence[Filling], needs: Needs, now_ms: int, kept: Kept | None = None, samples: bool = True
) -> list[Filling]:
    """The fillings with all that letters of these needs ask for, each word read once for all of them.

    ``samples``: nothing is given away, a coupon is a sample, and so is the cart of who has no event. Facts from outside
    are those that are kept, else their fallbacks: nobody is asked.
    """
    if not needs or not fillings:
        return list(fillings)
    around = Around(now_ms, load_settings(tx).timezone, kept or Kept(), samples)
    more: list[dict[str, Any]] = [dict(one.more) for one in fillings]
    if samples and needs.of("coupon"):
        for one in more:
            one["_coupons"] = Codes(sample=True)
    for provider in providers():
        if wanted := needs.of(provider.word):
            answers = provider.load(tx, fillings, wanted, around)
            for one, answer in zip(more, answers, strict=True):
                one[provider.given or provider.word] = answer
    return [replace(filling, more=one) for filling, one in zip(fillings, more, strict=True)]
