"""How the letter in work looks: compiled for a real reader, with marks that tell which part of it is which block."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

from ...runtime.content.blocks import Assembled, assemble, kit_of
from ...runtime.content.brand import Brand
from ...runtime.content.checking.marking import MARK, marked
from ...runtime.content.issues import LetterProblem
from ...runtime.content.languages import translated
from ...runtime.content.letter import BLANKS
from ...runtime.content.proof import Proof
from ...runtime.content.rendered import Rendered
from .blocks import is_blocks

DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.I)
NO_SUBJECT = "(no subject yet)"
SAMPLE = 'src="https://www.example.com/picture.jpg"'  # where a fresh block's picture comes from: nowhere yet
ROOM = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 512 288'%3E%3Crect width='512' "
    "height='288' fill='%23d9dce5'/%3E%3Ccircle cx='352' cy='92' r='26' fill='%23f4f5f8'/%3E%3Cpath d='M72 240l112-132 "
    "76 88 48-54 132 98z' fill='%23b9bfcd'/%3E%3C/svg%3E"
)
LINE = re.compile(rf"{MARK}(\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: in words, with the line of the source and the block it stands in, where they are known."""

    text: str
    line: int
    block: str


@dataclass(frozen=True, slots=True)
class Shot:
    """What came out: the letter, or what keeps it from being one."""

    rendered: Rendered | None
    faults: tuple[Fault, ...] = ()
    mjml: str = ""  # as it was assembled, without marks


@dataclass(eq=False)
class Picture:
    """The last shot that worked, at an address nobody can guess, for as long as the studio is open."""

    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    html: str = ""
    images: bool = True
    number: int = 0

    def __post_init__(self) -> None:
        PICTURES[self.key] = self

    @property
    def address(self) -> str:
        """Another one after every change."""
        return f"/studio/pictures/{self.key}?{self.number}" if self.number else ""

    def put(self, html: str, images: bool) -> None:
        """Show this from now on."""
        if (html, images) != (self.html, self.images):
            self.html, self.images = html, images
            self.number += 1


PICTURES: WeakValueDictionary[str, Picture] = WeakValueDictionary()


def shot(
    source: Mapping[str, Any], brand: Brand, prove: Callable[[Mapping[str, Any]], Proof], language: str = ""
) -> Shot:
    """The letter as ``prove`` shows it to a reader; slow the first time, so call it off the loop."""
    said = translated(source, language)
    mjml, lined, made = str(said.get("mjml") or ""), "", None
    if is_blocks(source):
        try:
            made = assemble(source, kit_of(source, brand.kit), language)
        except LetterProblem as problem:
            return Shot(None, tuple(Fault(issue.text, issue.line, issue.block) for issue in problem.issues))
        mjml, lined = made.mjml, marked(made.mjml)
    letter = {name: said.get(name) for name in ("subject", "preheader", "text") if said.get(name)}
    if not BLANKS.sub("", str(letter.get("subject") or "")):
        letter["subject"] = NO_SUBJECT  # one looks at it before one has thought of a subject
    proof = prove({**letter, "mjml": lined or mjml})
    faults = [Fault(each.text, each.line, made.block_at(each.line) if made else "") for each in proof.issues]
    rendered = proof.rendered
    if rendered is not None and made is not None:
        rendered = replace(rendered, html=with_blocks(rendered.html, made))
    return Shot(rendered, tuple(faults), mjml)


def with_blocks(page: str, made: Assembled) -> str:
    """The page with each block's id where the line of the source stood."""
    return LINE.sub(lambda found: f"sj-block-{made.block_at(int(found[1]))}", page)


def shown(html: str, dark: bool) -> str:
    """The letter in the light somebody asked for, whatever light their own machine is in; where a picture is still
    to come, one sees where."""
    html = html.replace(SAMPLE, f'src="{ROOM}"')
    return DARK.sub(lambda found: "(min-width: 0)" if (found[1].lower() == "dark") == dark else "(max-width: 0)", html)
