"""About how high everything in a letter is, without a browser: enough to say what is seen at first."""

from __future__ import annotations

import re

from .page import Page
from .styles import DESKTOP, PHONE, Look
from .tree import UNREAD, Element

INLINE = frozenset("a span b strong i em u s small big font sub sup code label br img wbr abbr".split())  # noqa: SIM905
PIXELS = re.compile(r"(-?[\d.]+)(px|%)?")
COLUMN = re.compile(r"mj-column-per-(\d+)(?:-(\d+))?")
WIDE = 0.52  # of its size: how wide a letter is on average
PICTURE = 0.5  # height to width of a picture of unknown size
SMALL = 200.0  # pixels: narrower pictures are logos and icons


def buttons(page: Page) -> list[Element]:
    """Links that look like buttons: with a ground or a border of their own and room around the words."""
    found = []
    for element, _href in page.links:
        if not element.text or page.styles.hidden(element):
            continue
        own = page.styles.own(element)
        cell = page.styles.own(element.parent) if element.parent is not None else {}
        ground = own.get("background-color") or own.get("background") or cell.get("background-color", "")
        ground = "" if ground in ("transparent", "none", "inherit") else ground
        room = sum(_box(own, "padding", 600, side) for side in ("top", "bottom"))
        edge = any(name.startswith("border") and "solid" in value for name, value in own.items())
        if (ground or edge) and room >= 8 and own.get("display", "") in ("inline-block", "block", "table-cell"):
            found.append(element)
    return found


class Measured:
    """The letter laid out roughly in a window of so many pixels."""

    def __init__(self, page: Page, width: float) -> None:
        self._page, self._width = page, width
        self._look = Look(width=PHONE if width < 480 else DESKTOP)
        self._bottoms: dict[Element, float] = {}
        self._guessed: float | None = None  # from where down a picture of unknown height pushes everything
        self.height = self._lay(page.body, 0.0, width)

    def bottom_of(self, element: Element) -> float:
        """How far down an element ends, in pixels."""
        return next((self._bottoms[one] for one in element.above() if one in self._bottoms), 0.0)

    def is_guess(self, element: Element) -> bool:
        """Whether a picture that does not say its height stands above."""
        return self._guessed is not None and self._guessed < self.bottom_of(element)

    def _lay(self, element: Element, top: float, width: float) -> float:
        """Put the element there; its bottom."""
        own = self._page.styles.own(element, self._look)
        if element.tag in UNREAD or own.get("display") == "none" or own.get("max-height") in ("0", "0px"):
            return top
        if element.tag == "img":
            bottom = top + self._picture(element, own, width, top)
        elif element.tag == "tr":
            cells = [child for child in element.children if isinstance(child, Element)]
            share = width / max(1, len(cells))
            bottom = max((self._lay(cell, top, share) for cell in cells), default=top)
        else:
            bottom = self._box(element, own, top, width)
        self._bottoms[element] = bottom
        return bottom

    def _box(self, element: Element, own: dict[str, str], top: float, width: float) -> float:
        width = min(width, pixels(own.get("max-width", ""), width) or width)
        inner = max(20.0, width - sum(_box(own, "padding", width, side) for side in ("left", "right")))
        at = top + _box(own, "padding", width, "top") + max(0.0, _box(own, "margin", width, "top"))
        row_top, row_bottom, used = at, at, 0.0
        run = ""
        for child in element.children:
            if isinstance(child, str) or (child.tag in INLINE and not _has_picture(child)):
                run += child if isinstance(child, str) else ("\n" if child.tag == "br" else child.text)
                if isinstance(child, Element):
                    self._note(child, at, run, element, inner)
                continue
            at, run = self._words(run, element, at, inner), ""
            share = self._share(child)
            if share < 1:  # a column: beside the one before as long as there is room
                if used + share > 1.01:
                    row_top, used = row_bottom, 0.0
                row_top = max(row_top, at) if used == 0 else row_top
                row_bottom = max(row_bottom, self._lay(child, row_top, inner * share))
                used += share
                at = max(at, row_bottom)
            else:
                at = self._lay(child, at, inner)
                row_top, row_bottom, used = at, at, 0.0
        at = self._words(run, element, at, inner)
        at += _box(own, "padding", width, "bottom") + max(0.0, _box(own, "margin", width, "bottom"))
        return max(at, top + (pixels(own.get("height", "") or element.attributes.get("height", ""), 0) or 0))

    def _note(self, child: Element, at: float, run: str, around: Element, inner: float) -> None:
        own = self._page.styles.own(child, self._look)
        room = sum(_box(own, "padding", inner, side) for side in ("top", "bottom"))
        self._bottoms[child] = self._words(run, around, at, inner) + room

    def _words(self, run: str, element: Element, at: float, width: float) -> float:
        if not run.strip():
            return at
        size = self._page.styles.size(element, self._look)
        said = self._page.styles.get(element, "line-height", self._look)
        line = (pixels(said, size) if said.endswith(("px", "%")) else 0) or size * _factor(said)
        most = max(1.0, width / (size * WIDE)) if size else 1.0
        lines = sum(max(1, -(-len(" ".join(part.split())) // int(max(1, most)))) for part in run.strip().split("\n"))
        return at + lines * line

    def _share(self, child: Element) -> float:
        """How much of the row a column takes; all of it on a phone."""
        found = next((hit for name in child.classes if (hit := COLUMN.fullmatch(name))), None)
        if found is None or self._width < 480:
            return 1.0
        return float(f"{found[1]}.{found[2] or 0}") / 100

    def _picture(self, element: Element, own: dict[str, str], width: float, top: float) -> float:
        wide = pixels(element.attributes.get("width", ""), width) or pixels(own.get("width", ""), width) or width
        high = pixels(element.attributes.get("height", ""), 0) or pixels(own.get("height", ""), 0)
        if not high and self._guessed is None and wide > SMALL:
            self._guessed = top
        return (high or wide * PICTURE) * min(1.0, width / wide if wide else 1.0)


def _has_picture(element: Element) -> bool:
    return element.tag == "img" or any(True for _ in element.find("img"))


def pixels(text: str, whole: float) -> float:
    """A length in pixels; a share is one of ``whole``, nothing readable is 0."""
    found = PIXELS.match(text.strip())
    return (float(found[1]) * whole / 100 if found[2] == "%" else float(found[1])) if found else 0.0


def _factor(said: str) -> float:
    return float(said) if re.fullmatch(r"\d*\.?\d+", said) else 1.35


def _box(own: dict[str, str], kind: str, width: float, side: str) -> float:
    """One side of padding or margin, spelled out or short."""
    if said := own.get(f"{kind}-{side}"):
        return pixels(said, width)
    parts = own.get(kind, "").split()
    if not parts:
        return 0.0
    at = {"top": 0, "right": 1, "bottom": 2, "left": 3}[side]
    picked = parts[at] if at < len(parts) else parts[at - 2] if 0 <= at - 2 < len(parts) else parts[0]
    return pixels(picked, width)
