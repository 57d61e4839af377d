"""A cleaned HTML letter as blocks of ours, where it is one column of words, pictures and buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..content.block_types import new_block
from .clean_html import Clean, Element

MOST = 60  # blocks; a letter of more is kept as it is
INLINE = {
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "font", "i", "ins", "q", "s", "small", "span", "strike",
    "strong", "sub", "sup", "u",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
WORDS = {"p", "ul", "ol", "dl", "blockquote", "pre", *HEADINGS}
HIDDEN = re.compile(r"display\s*:\s*none|max-height\s*:\s*0|font-size\s*:\s*0|visibility\s*:\s*hidden", re.I)
SOLID = re.compile(r"background(-color)?\s*:\s*(?!none|transparent|white|#fff\b|#ffffff|url)\S", re.I)
WHITE = {"", "white", "#fff", "#ffffff", "transparent"}
BUTTON = re.compile(r"\b(btn|button|cta)", re.I)


class NotSimple(Exception):
    """The letter has columns, or too much in it: it is kept as it was drawn."""


def preheader(letter: Clean) -> str:
    """The hidden line at the beginning, taken out of the letter with everything else that is hidden."""
    lines: list[str] = []
    for element in letter.body.walk():
        hidden = [each for each in element.inside if isinstance(each, Element) and _is_hidden(each)]
        lines += [each.words() for each in hidden]
        element.inside = [each for each in element.inside if not any(each is one for one in hidden)]
    said = next((line for line in lines if re.search(r"\w{2}", line)), "")
    return letter.text(re.sub(r"[\s\u00ad\u034f\u200b-\u200f\u2007\u2060\ufeff]+", " ", said)).strip()[:998]


def pixels(letter: Clean) -> int:
    """Take out pictures of one pixel, which count openings elsewhere; how many there were."""
    found = 0
    for element in letter.body.walk():
        kept = [each for each in element.inside if not (isinstance(each, Element) and _is_pixel(each))]
        found += len(element.inside) - len(kept)
        element.inside = kept
    return found


def blocks(letter: Clean) -> list[dict[str, Any]]:
    """The letter as blocks, with a footer where it had no way out of its own. Raises `NotSimple`."""
    made: list[dict[str, Any]] = []

    def put(kind: str, **settings: Any) -> None:
        last = made[-1] if made else None
        if kind == "text" and last and last["kind"] == "text":
            last["settings"]["text"] += settings["text"]
            return
        block = new_block(kind, [each["id"] for each in made])
        block["settings"] |= settings
        made.append(block)

    for kind, value in [*_items(letter.body)]:
        _ITEMS[kind](letter, value, put)
    if not made or len(made) > MOST:
        raise NotSimple(NotSimple.__doc__)
    if not any("unsubscribe_url" in str(block["settings"]) for block in made):
        put("footer")
    return made


# ── what there is ─────────────────────────────────────────────────────────────────────────────────────

Item = tuple[str, Any]
Put = Callable[..., None]


def _items(element: Element) -> Iterator[Item]:
    """What stands in an element, in reading order."""
    if element.tag == "tr" and sum(_says_something(each) for each in element.inside) > 1:
        raise NotSimple(NotSimple.__doc__)
    ground = element.attributes.get("bgcolor", "").lower()
    solid = ground not in WHITE or bool(SOLID.search(element.attributes.get("style", "")))
    line: list[Element | str] = []
    for each in [*element.inside, None]:
        if isinstance(each, str) or (each is not None and each.tag in INLINE and not _pictures(each)):
            line.append(each)
            continue
        yield from _line(line, solid)
        line = []
        if each is None:
            continue
        if each.tag == "hr":
            yield "divider", None
        elif pictures := ([each] if each.tag == "img" else _pictures(each) if each.tag in INLINE else []):
            yield "image", (pictures[0], each.attributes.get("href", "") if each.tag == "a" else "")
        elif each.tag in WORDS and not _pictures(each):
            yield from _words(each, solid)
        else:
            yield from _items(each)


def _line(line: list[Element | str], solid: bool) -> Iterator[Item]:
    whole = Element("p", {}, line)
    if whole.words():
        yield from _words(whole, solid)


def _words(element: Element, solid: bool) -> Iterator[Item]:
    links = [each for each in element.walk() if each.tag == "a" and each.attributes.get("href")]
    if len(links) == 1 and links[0].words() == element.words() and _is_button(links[0], solid):
        yield "button", links[0]
    elif element.words():
        yield "heading" if element.tag in HEADINGS else "text", element


def _text(letter: Clean, element: Element, put: Put) -> None:
    tag = element.tag if element.tag in ("p", "ul", "ol") else "p"
    put("text", text=letter.html(Element(tag, {}, element.inside)))


def _heading(letter: Clean, element: Element, put: Put) -> None:
    sizes = {"h1": "big", "h2": "middle"}
    put("heading", text=letter.text(element.words()), size=sizes.get(element.tag, "small"))


def _image(letter: Clean, found: tuple[Element, str], put: Put) -> None:
    picture, link = found
    said = {"image": picture.attributes["src"], "alt": picture.attributes.get("alt", ""), "url": link}
    put("image", **{name: letter.text(value) for name, value in said.items()})


def _button(letter: Clean, link: Element, put: Put) -> None:
    put("button", label=letter.text(link.words()), url=letter.text(link.attributes["href"]))


def _divider(letter: Clean, _nothing: None, put: Put) -> None:
    put("divider")


_ITEMS: dict[str, Callable[[Clean, Any, Put], None]] = {
    "text": _text,
    "heading": _heading,
    "image": _image,
    "button": _button,
    "divider": _divider,
}


def _pictures(element: Element) -> list[Element]:
    return [each for each in element.walk() if each.tag == "img"]


def _says_something(cell: Element | str) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else bool(cell.words() or _pictures(cell))


def _is_button(link: Element, solid: bool) -> bool:
    around = link.attributes.get("class", "") + " " + link.attributes.get("style", "")
    return len(link.words()) <= 60 and (solid or bool(SOLID.search(around) or BUTTON.search(around)))


def _is_hidden(element: Element) -> bool:
    return bool(HIDDEN.search(element.attributes.get("style", ""))) or "preheader" in element.attributes.get(
        "class", ""
    )


def _is_pixel(element: Element) -> bool:
    sizes = [element.attributes.get(side, "").rstrip("px") for side in ("width", "height")]
    return element.tag == "img" and all(size in ("0", "1") for size in sizes)
