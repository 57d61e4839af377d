"""Marks in a letter's MJML, so that whatever is found in the page can be shown at its line and in its block."""

from __future__ import annotations

import re

from ..protect import JINJA, OPENING
from .tree import Element

MARK = "sj-line-"
MARKED = re.compile(r"\s*\bsj-line-\d+")
EMPTY = re.compile(r'\sclass="\s*"')
COMMENT = re.compile(r"<!--.*?-->", re.S)
ELEMENT = re.compile(
    r"<(mj-(?:text|image|button|table|divider|spacer|hero|section|column|wrapper|social|social-element|navbar|group|"
    r"accordion|carousel))(?=[\s/>])((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
)
CLASS = re.compile(r"(\scss-class\s*=\s*)([\"'])")


def marked(mjml: str) -> str:
    """The same letter, each element of which carries its line as a class."""
    masked = _masked(mjml)
    shared = re.search(r"<mj-class\s[^>]*css-class", masked) is not None
    pieces: list[str] = []
    last = 0
    for found in ELEMENT.finditer(masked):
        line = mjml.count("\n", 0, found.start()) + 1
        own = CLASS.search(found[2])
        if shared and own is None and "mj-class" in found[2]:
            continue  # a class of its own would push away the one it has by its name
        if own:
            at = found.start(2) + own.end()
            pieces += (mjml[last:at], f"{MARK}{line} ")
        else:
            at = found.end(1)
            pieces += (mjml[last:at], f' css-class="{MARK}{line}"')
        last = at
    return "".join(pieces) + mjml[last:]


def unmarked(page: str) -> str:
    """A page as it leaves, without the marks."""
    return EMPTY.sub("", MARKED.sub("", page))


def line_of(element: Element) -> int:
    """The line of the MJML that an element of the page comes from; 0 where nobody knows."""
    for one in element.above():
        for name in one.classes:
            if name.startswith(MARK):
                return int(name.removeprefix(MARK).partition("-")[0] or 0)
    return 0


def _masked(mjml: str) -> str:
    """Jinja and comments as blanks of the same length, so that no bracket in them is taken for markup."""
    pieces: list[str] = []
    at = 0
    while opening := OPENING.search(mjml, at):
        tag = JINJA.match(mjml, opening.start())
        if tag is None:
            break
        pieces += (mjml[at : opening.start()], re.sub(r"[^\n]", "x", tag[0]))
        at = tag.end()
    text = "".join(pieces) + mjml[at:]
    return COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
