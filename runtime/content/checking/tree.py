"""A page of HTML as a tree, read as forgivingly as mail programs do; what only Outlook reads falls away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
UNREAD = frozenset(("script", "style", "title", "head"))
DEEPEST = 400  # elements within each other; mail programs give up far before


@dataclass(eq=False, slots=True)
class Element:
    """One element with its attributes, and in ``children`` elements and texts in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element]:
        """This element and all within it, in reading order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    def above(self) -> Iterator[Element]:
        """This element and what it stands in, outwards."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def find(self, *tags: str) -> Iterator[Element]:
        """All elements of these kinds within."""
        return (element for element in self.walk() if element.tag in tags)

    @property
    def text(self) -> str:
        """What stands in it, with single blanks."""
        parts: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                parts.append(one)
            elif one.tag not in UNREAD:
                parts.append(" " if one.tag in ("br", "td", "p", "div", "tr", "li") else "")
                waiting += reversed(one.children)
        return " ".join("".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("")
        self.styles: list[str] = []
        self.comments: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID and self.depth < DEEPEST:
            self.here = element
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        for steps, element in enumerate(self.here.above(), 1):
            if element.tag == tag and element.parent is not None:
                self.here = element.parent
                self.depth -= steps
                return

    def handle_data(self, data: str) -> None:
        if self.here.tag == "style":
            self.styles.append(data)
        self.here.children.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read_page(page: str) -> tuple[Element, str, str]:
    """The tree, all style sheets of the page as one text, and its comments (Outlook's own parts are among them)."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.root, "\n".join(reader.styles), "\n".join(reader.comments)
