"""What a letter may be marked up with, as paragraphs a page is set from. Other markup is left out, its words stay."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple

HEADS = ("h1", "h2", "h3")
BLOCKS = {"p", "div", "ul", "ol", "li", *HEADS}
INLINE = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u"}
SILENT = {"script", "style", "head", "title", "template"}
DEEPEST = 5  # lists in lists
MOST = 2_000  # paragraphs of one letter


class Paragraph(NamedTuple):
    """``kind`` is p, h1, h2, h3 or li; ``text`` holds only b, i, u and br; ``bullet`` stands before an item."""

    kind: str
    text: str
    bullet: str = ""
    depth: int = 0


def paragraphs(markup: str) -> list[Paragraph]:
    """The paragraphs of a letter."""
    reader = _Reader()
    reader.feed(re.sub(r"\r\n?", "\n", markup))
    reader.close()
    reader.end()
    return reader.found[:MOST]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Paragraph] = []
        self._kind = "p"
        self._text: list[str] = []
        self._open: list[str] = []  # inline marks
        self._lists: list[int] = []  # 0: bullets, else the next number
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "br":
            self._text.append("<br/>")
        elif tag in INLINE:
            self._open.append(INLINE[tag])
            self._text.append(f"<{INLINE[tag]}>")
        elif tag in BLOCKS:
            self.end()
            if tag in ("ul", "ol"):
                if len(self._lists) < DEEPEST:
                    self._lists.append(int(tag == "ol"))
            else:
                self._kind = tag if tag in HEADS or tag == "li" else "p"

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in INLINE and INLINE[tag] in self._open:
            while self._open:  # marks are closed in order, whatever was written
                last = self._open.pop()
                self._text.append(f"</{last}>")
                if last == INLINE[tag]:
                    break
        elif tag in BLOCKS:
            self.end()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        for number, part in enumerate(re.split(r"\n[ \t]*\n\s*", data)):
            if number:
                self.end()
            lines = [escape(" ".join(line.split(" ")), quote=False) for line in part.split("\n")]
            blank = not "".join(self._text).strip()
            self._text.append("<br/>".join(lines).removeprefix("<br/>") if blank else "<br/>".join(lines))

    def end(self) -> None:
        """A paragraph is over. Marks that are still open go on in the next one."""
        text = "".join([*self._text, *(f"</{mark}>" for mark in reversed(self._open))])
        while text.endswith("<br/>"):
            text = text.removesuffix("<br/>")
        if re.sub(r"<[^>]*>", "", text).strip():
            self.found.append(self._item(text.strip()) if self._kind == "li" else Paragraph(self._kind, text.strip()))
        self._kind = "p"
        self._text = [f"<{mark}>" for mark in self._open]

    def _item(self, text: str) -> Paragraph:
        if not self._lists or not self._lists[-1]:
            return Paragraph("li", text, "•", max(len(self._lists), 1))
        number = self._lists[-1]
        self._lists[-1] += 1
        return Paragraph("li", text, f"{number}.", len(self._lists))
