"""A letter in one language, made ready to be looked at: filled for those who would get it, and read as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..blocks import Assembled
from .finding import Finding, Severity
from .marking import line_of
from .styles import LIGHT, Look, Styles
from .tree import UNREAD, Element, read_page


@dataclass(frozen=True, slots=True)
class Sample:
    """The letter as one contact would get it, or why it cannot be filled for them."""

    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    missing: tuple[str, ...] = ()
    broken: str = ""


@dataclass
class Page:
    """``samples`` are of real contacts where there are any, else one of somebody made up; ``html`` is the first's."""

    source: Mapping[str, Any]  # flat: subject, preheader, mjml, text in this language
    language: str  # of the texts: "cs"
    translation: str  # "" for the letter's own, else the language of this translation
    assembled: Assembled | None  # which line belongs to which block, of letters made of blocks
    samples: tuple[Sample, ...]
    real: bool  # whether the samples are of real contacts
    fixed: frozenset[str] = frozenset()  # addresses that are the same for everybody
    unsubscribe: str = ""  # what the way out reads in the samples
    preferences: str = ""
    address: str = ""  # the postal address of the sender
    size: int = 0  # bytes of the longest as sent

    @cached_property
    def shown(self) -> Sample:
        """The sample that is looked at: the one with the most to see."""
        filled = [sample for sample in self.samples if not sample.broken]
        return max(filled, key=lambda one: len(one.html), default=Sample())

    @cached_property
    def _read(self) -> tuple[Element, str, str]:
        return read_page(self.shown.html)

    @property
    def root(self) -> Element:
        """The page as a tree."""
        return self._read[0]

    @property
    def comments(self) -> str:
        """What stands in comments: there are the parts for Outlook alone."""
        return self._read[2]

    @cached_property
    def styles(self) -> Styles:
        """How its elements look."""
        return Styles(self._read[1])

    @cached_property
    def body(self) -> Element:
        """What is shown."""
        return next(self.root.find("body"), self.root)

    @cached_property
    def texts(self) -> list[tuple[Element, str]]:
        """Every piece of text that can be seen, with the element it stands in, in reading order."""
        return list(self._texts(LIGHT))

    def _texts(self, look: Look) -> Iterator[tuple[Element, str]]:
        hidden: dict[Element, bool] = {}
        for element in self.body.walk():
            above = hidden.get(element.parent, False) if element.parent is not None else False
            own = self.styles.own(element, look)
            hidden[element] = above or element.tag in UNREAD or own.get("display") == "none" or _folded(own)
            words = " ".join("".join(child for child in element.children if isinstance(child, str)).split())
            if words and not hidden[element]:
                yield element, words

    @cached_property
    def links(self) -> list[tuple[Element, str]]:
        """Every link with its address, in reading order."""
        return [
            (element, element.attributes["href"].strip())
            for element in self.body.find("a", "area")
            if "href" in element.attributes
        ]

    @cached_property
    def pictures(self) -> list[Element]:
        """Pictures that are to be seen."""
        return [one for one in self.body.find("img") if one.attributes.get("width") != "1"]

    @cached_property
    def small_print(self) -> set[Element]:
        """Elements of the last lines: who writes, why, and the way out."""
        ends = [element for element, href in self.links if self.is_ours(href)]
        address = " ".join(self.address.split())
        if address:
            ends += [element for element, text in self.texts if address in text]
        found: set[Element] = set()
        for end in ends:
            line = next((one for one in end.above() if one.tag in ("td", "div", "p")), end)
            found.update(line.walk())
        return found

    def is_ours(self, href: str) -> bool:
        """Whether an address is the reader's own way out."""
        return bool(href) and href in (self.unsubscribe, self.preferences)

    def finding(
        self, code: str, severity: Severity, sentence: str, fix: str, at: Element | int | None = None
    ) -> Finding:
        """Something to say, at its place."""
        line = line_of(at) if isinstance(at, Element) else at or 0
        block = self.assembled.block_at(line) if self.assembled is not None and line else ""
        return Finding(
            code, severity, sentence, fix, block, 0 if self.assembled is not None else line, self.translation
        )


def _folded(own: Mapping[str, str]) -> bool:
    return own.get("max-height") in ("0", "0px") and own.get("overflow") == "hidden"
