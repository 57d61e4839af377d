"""The letters of approved versions: compiled once, kept, filled for each message."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Any

from ...storage.handover import Approved, Filling, canonical
from .brand import Brand
from .counted import AS_THE_OWNER, fitted
from .drafted import compile_message, fill_message, source_of
from .forms import Compiled, medium_of
from .issues import NotCompiledNow
from .letter import Letter, LetterProblem
from .links import Links
from .rendered import Rendered

KEPT = 256


class NoSuchLetter(Exception):
    """The version has no letter of that name: the journey was published with a step that names a letter it lacks."""


class Letters:
    """A shelf of compiled letters, by the hash of their source."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self._shelf: OrderedDict[bytes, Letter | Compiled | LetterProblem] = OrderedDict()

    def of(self, version: Approved, name: str, medium: str = "email") -> Letter | Compiled:
        """The compiled letter or message. Raises `NoSuchLetter` and `LetterProblem`."""
        source = source_of(version.content, name, medium)
        if source is None:
            raise NoSuchLetter(f"{NoSuchLetter.__doc__} The name is {name!r}.")
        if medium_of(source) != medium:
            raise NoSuchLetter(f"{name!r} is no message for this channel: the step that sends it names the wrong one.")
        marketing = not is_transactional(version)
        key = sha256(canonical({"source": source, "marketing": marketing})).digest()
        letter = self._shelf.get(key)
        if letter is None:
            try:
                letter = compile_message(source, marketing)
            except NotCompiledNow:
                raise  # not kept: the next one asks again
            except LetterProblem as problem:
                letter = problem
            self._shelf[key] = letter
            if len(self._shelf) > KEPT:
                self._shelf.popitem(last=False)
        else:
            self._shelf.move_to_end(key)
        if isinstance(letter, LetterProblem):
            raise letter
        return letter

    def fill(
        self,
        letter: Letter | Compiled,
        filling: Filling,
        brand: Brand,
        *,
        message_id: int,
        unsubscribe_url: str = "",
        preferences_url: str = "",
    ) -> Rendered:
        """The letter for one contact, as it leaves."""
        data: dict[str, Any] = {
            **filling.words(),
            "brand": brand.words(),
            "unsubscribe_url": unsubscribe_url,
            "preferences_url": preferences_url,
        }
        at_hand = {
            "medium": filling.channel,
            "campaign": str(filling.journey.get("name") or ""),
            "content": filling.letter,
        }
        of_letter = letter.counted if isinstance(letter, Letter) else AS_THE_OWNER
        links = self.links.at(brand.base_url, brand.short_url)
        links = fitted(links, brand.counted, of_letter, at_hand, filling.untracked)
        return fill_message(letter, data, links, message_id, for_the_wire=True)


def is_transactional(version: Approved) -> bool:
    """True when the version's letters are owed to the contact."""
    return version.content.get("message_type") == "transactional"


def is_intact(version: Approved) -> bool:
    """True when the content still has the hash it is filed under."""
    return sha256(canonical(version.content)).hexdigest() == version.content_hash
