"""The letters of approved versions: compiled once, kept, filled for each message."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ...storage.handover import Approved, Filling, canonical
from ..channels.channel import media
from .brand import Brand
from .forms import Compiled, compile_form, fill_form, medium_of
from .issues import Issue, NotCompiledNow
from .letter import Letter, LetterProblem, compile_letter, render
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
                letter = _compiled(source, marketing)
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
        """The letter for one contact."""
        data: dict[str, Any] = {
            "contact": filling.contact,
            "event": filling.event,
            "journey": filling.journey,
            "brand": brand.words(),
            "unsubscribe_url": unsubscribe_url,
            "preferences_url": preferences_url,
        }
        links = self.links.at(brand.base_url)
        if isinstance(letter, Compiled):
            return fill_form(letter, data, links, message_id)
        return render(letter, data, links, message_id)


def source_of(content: Mapping[str, Any], name: str, medium: str) -> dict[str, Any] | None:
    """What a step sends, as it stands in a version: an entry among its letters, or ("@" and the step) its settings."""
    if not name.startswith("@"):
        source = (content.get("letters") or {}).get(name)
        return source if isinstance(source, dict) else None
    node, known = (content.get("nodes") or {}).get(name[1:]), media().get(medium)
    if not isinstance(node, dict) or known is None:
        return None
    settings = node.get("settings") or {}
    return {"medium": medium, **{key: settings[key] for key in known.form.model_fields if key in settings}}


def _compiled(source: Mapping[str, Any], marketing: bool) -> Letter | Compiled:
    medium = medium_of(source)
    if medium == "email":
        return compile_letter(source, marketing=marketing)
    known = media().get(medium)
    if known is None:
        raise LetterProblem([Issue(0, 0, f"There is no channel “{medium}” here.")])
    return compile_form(source, known)


def is_transactional(version: Approved) -> bool:
    """True when the version's letters are owed to the contact."""
    return version.content.get("message_type") == "transactional"


def is_intact(version: Approved) -> bool:
    """True when the content still has the hash it is filed under."""
    return sha256(canonical(version.content)).hexdigest() == version.content_hash
