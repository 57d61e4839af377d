"""What the links of a letter say, by their place, for whoever reads its figures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock
from typing import Any

from ...storage.columns import dump
from ..content.counted import Place, places
from ..content.letter import LetterProblem, compile_letter

KEPT = 64


class Labels:
    """Links by letter; finding those of one compiles it, so never on an event loop the first time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, dict[int, Place]] = OrderedDict()
        self._lock = Lock()

    def of(self, source: Mapping[str, Any]) -> dict[int, Place]:
        """The links by place; none of a letter that cannot be compiled."""
        key = sha256(dump(dict(source)).encode()).digest()
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        try:
            letter = compile_letter(source)
            found = places(letter.page, letter.words)
        except LetterProblem:
            found = {}
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found
