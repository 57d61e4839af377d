"""Letters that are still being written, rendered for somebody real, with everything wrong in them said by place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any

from ...storage.columns import dump
from ...storage.handover import Filling
from .brand import Brand
from .drafted import compile_message, fill_message
from .forms import Compiled
from .given import Codes
from .issues import Issue, LetterProblem, NotCompiledNow
from .letter import BrokenLetter, Letter
from .needs import NOTHING, Needs
from .rendered import Rendered

KEPT = 128
NOBODY = Filling({}, {}, {})
NOWHERE = "https://example.com/unsubscribe"  # where a proof's unsubscribe link leads


@dataclass(frozen=True, slots=True)
class Proof:
    """A rendered letter, or what keeps it from being one."""

    rendered: Rendered | None
    issues: tuple[Issue, ...] = ()


class Proofs:
    """Compiled drafts by their source, so that a list of thumbnails costs one compilation each."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Letter | Compiled | LetterProblem] = OrderedDict()
        self._lock = Lock()

    def of(self, letter: Mapping[str, Any], filling: Filling | None, brand: Brand, marketing: bool) -> Proof:
        """The letter for one contact; slow the first time, so call it off the loop.

        Blocks that carry no kit look as the brand does now.
        """
        if letter.get("blocks") and not letter.get("kit"):
            letter = {**letter, "kit": brand.kit.as_dict()}
        compiled = self._compiled(letter, marketing)
        if isinstance(compiled, LetterProblem):
            return Proof(None, tuple(compiled.issues))
        data = {
            "_coupons": Codes(sample=True),
            **(filling or NOBODY).words(),
            "brand": brand.words(),
            "unsubscribe_url": NOWHERE if marketing else "",
            "preferences_url": NOWHERE if marketing else "",
        }
        try:
            return Proof(fill_message(compiled, data))
        except BrokenLetter as broken:
            return Proof(None, (Issue(0, 0, str(broken)),))

    def needs(self, letter: Mapping[str, Any], marketing: bool) -> Needs:
        """What a letter asks for beyond the contact and the event; nothing for one that is broken."""
        compiled = self._compiled(letter, marketing)
        return NOTHING if isinstance(compiled, LetterProblem) else compiled.needs

    def issues(self, letter: Mapping[str, Any], marketing: bool) -> tuple[Issue, ...]:
        """What is wrong with a letter whoever gets it; as slow as `of`."""
        compiled = self._compiled(letter, marketing)
        return tuple(compiled.issues) if isinstance(compiled, LetterProblem) else ()

    def _compiled(self, letter: Mapping[str, Any], marketing: bool) -> Letter | Compiled | LetterProblem:
        key = sha256(dump([letter, marketing]).encode()).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            made: Letter | Compiled | LetterProblem = compile_message(letter, marketing)
        except NotCompiledNow as problem:
            return problem  # not kept: the next one asks again
        except LetterProblem as problem:
            made = problem
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def is_marketing(content: Mapping[str, Any]) -> bool:
    """Whether a journey's messages are marketing."""
    return content.get("message_type", "marketing") != "transactional"


PROOFS = Proofs()
