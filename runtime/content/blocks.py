"""A letter made of blocks as one MJML document: the blocks' own settings filled in, Jinja left for each contact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from .block_settings import fitted
from .block_types import FOLDER, block_types, new_block
from .colours import mixed, on, readable
from .issues import Issue, LetterProblem
from .kit import FONTS, NETWORKS, Kit, KitProblem
from .languages import translated
from .showing import conditions, problems

MOST = 120  # blocks of a letter
FRESH = ("header", "hero", "text", "button", "social", "footer")
HERE = "<!-- blocks -->"
SHEET = '<mj-wrapper background-color="{kit.sheet}" border-radius="{kit.radius}px" padding="0" css-class="sheet">'

# Marks of our own, so that what is filled in for each contact goes through untouched.
BLOCKS = Environment(
    block_start_string="[%",
    block_end_string="%]",
    variable_start_string="[[",
    variable_end_string="]]",
    comment_start_string="[#",
    comment_end_string="#]",
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
BLOCKS.globals = {"on": on, "readable": readable, "mixed": mixed, "FONTS": FONTS, "NETWORKS": NETWORKS}


@dataclass(frozen=True, slots=True)
class Assembled:
    """The document, and where each block begins in it: line (from 1) and the block's id, in order; "" between them."""

    mjml: str
    places: tuple[tuple[int, str], ...]

    def block_at(self, line: int) -> str:
        """The id of the block a line belongs to, or ""."""
        number = bisect_right(self.places, line, key=lambda place: place[0]) - 1
        return self.places[number][1] if number >= 0 and line else ""


def assemble(source: Mapping[str, Any], kit: Kit, language: str = "") -> Assembled:
    """The letter's blocks as MJML in one of its languages. Raises `LetterProblem`, each issue with its block."""
    source = translated(source, language)
    blocks = _checked(source.get("blocks"))
    spoken = str(source.get("language") or "")
    shown = conditions(blocks)
    issues: list[Issue] = []
    pieces: list[str] = []
    places: list[tuple[int, str]] = []
    before, after = _frame(kit, spoken)
    line = before.count("\n") + 1

    def put(text: str, block: str = "") -> None:
        nonlocal line
        text = text.strip("\n") + "\n"
        places.append((line, block))
        pieces.append(text)
        line += text.count("\n")

    on_sheet = [block_types()[block["kind"]].place == "sheet" for block in blocks]
    for number, block in enumerate(blocks):
        type_ = block_types()[block["kind"]]
        first = on_sheet[number] and not (number and on_sheet[number - 1])
        last = on_sheet[number] and on_sheet[number + 1 : number + 2] != [True]
        values, wrong = fitted(type_, block.get("settings") or {}, kit, spoken)
        issues += [Issue(0, 0, f"{type_.label}: {sentence}", block["id"]) for sentence in wrong]
        if first:
            put(SHEET.format(kit=kit))
        if not wrong:
            made = _template(type_.kind).render({**values, "kit": kit, "first": first, "last": last}).strip("\n")
            if shown[block["id"]]:
                made = f"{{% if {shown[block['id']]} %}}\n{made}\n{{% endif %}}"
            put(made, block["id"])
        if last:
            put("</mj-wrapper>")
    if issues:
        raise LetterProblem(issues)
    places.append((line, ""))
    return Assembled(before + "".join(pieces) + after, tuple(places))


def kit_of(source: Mapping[str, Any], kit: Kit | None = None) -> Kit:
    """The kit a letter carries, else the one in force. Raises `LetterProblem`."""
    carried = source.get("kit")
    if not carried:
        return kit or Kit()
    if not isinstance(carried, Mapping):
        raise LetterProblem([Issue(0, 0, "The brand kit of this letter cannot be read.")])
    try:
        return Kit.read(carried)
    except KitProblem as problem:
        raise LetterProblem([Issue(0, 0, sentence) for sentence in problem.sentences]) from problem


def fresh_letter(language: str = "") -> dict[str, Any]:
    """A letter to begin with: the blocks nearly every letter has."""
    blocks: list[dict[str, Any]] = []
    for kind in FRESH:
        blocks.append(new_block(kind, [block["id"] for block in blocks], language))
    return {"subject": "", "preheader": "", "blocks": blocks, "language": language or "en"}


def _checked(blocks: Any) -> Sequence[Mapping[str, Any]]:
    """The blocks, once it is sure that they are some. Raises `LetterProblem`."""
    if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
        raise LetterProblem([Issue(0, 0, "The blocks of this letter cannot be read.")])
    if not blocks:
        raise LetterProblem([Issue(0, 0, "The letter has no blocks yet: put one in.")])
    if len(blocks) > MOST:
        raise LetterProblem([Issue(0, 0, f"The letter has more than {MOST} blocks: make it shorter.")])
    issues: list[Issue] = []
    seen: set[str] = set()
    for block in blocks:
        id_, kind = block.get("id"), block.get("kind")
        if not isinstance(id_, str) or not id_ or id_ in seen:
            issues.append(Issue(0, 0, "Two blocks have one name, or one has none: put the last one in anew.", str(id_)))
            continue
        seen.add(id_)
        type_ = block_types().get(kind) if isinstance(kind, str) else None
        if type_ is None:
            issues.append(Issue(0, 0, f"There is no block “{kind}” here: take it out, or put in one there is.", id_))
        elif type_.always and (block.get("show_if") or block.get("group")):
            issues.append(Issue(0, 0, f"{type_.label}: everybody has to get it, so it may not have a rule.", id_))
        elif block.get("show_if"):
            issues += [Issue(0, 0, sentence, id_) for sentence in problems(block["show_if"])]
    if issues:
        raise LetterProblem(issues)
    return blocks


@cache
def _template(kind: str) -> Template:
    return BLOCKS.from_string(block_types()[kind].template)


@cache
def _look() -> Template:
    return BLOCKS.from_string((FOLDER / "look.mjml.jinja").read_text("utf-8"))


def _frame(kit: Kit, language: str) -> tuple[str, str]:
    """What stands before the blocks and behind them."""
    before, _, after = _look().render(kit=kit, language=language).partition(HERE + "\n")
    return before, after
