"""A stranger's HTML letter read and cleaned: nothing that runs, asks or hides gets in, and what was dropped is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

DEEPEST, MOST = 100, 10_000  # tags inside each other, and tags in all
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
KEPT = {
    "a", "abbr", "b", "blockquote", "br", "center", "cite", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt",
    "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s",
    "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
WITH_ALL = {  # tags that go with everything in them, and what they are called when we say so
    "script": "scripts", "noscript": "scripts", "iframe": "frames", "frame": "frames", "object": "embedded programs",
    "embed": "embedded programs", "applet": "embedded programs", "template": "scripts", "svg": "drawings (SVG)",
    "math": "formulas", "video": "videos", "audio": "sound", "select": "form fields", "textarea": "form fields",
    "button": "form fields", "input": "form fields", "style": "", "title": "",
}  # fmt: skip
ATTRIBUTES = {
    "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color", "colspan", "dir", "face",
    "height", "href", "id", "lang", "role", "rowspan", "size", "src", "start", "style", "title", "type", "valign",
    "width",
}  # fmt: skip
SCHEMES = {"href": ("http:", "https:", "mailto:", "tel:", "sms:", "#"), "src": ("http:", "https:")}
BAD_CSS = re.compile(r"expression\s*\(|javascript:|behavior\s*:|-moz-binding|@import|[\\<]", re.I)
CSS_URL = re.compile(r"url\s*\(\s*['\"]?\s*([^'\")\s]*)", re.I)
COMMENT = re.compile(r"/\*(?:(?!/\*).)*?\*/", re.S)
JINJA = re.compile(r"\{\{(?:(?!\{\{).){0,2000}?\}\}|\{%(?:(?!\{%).){0,2000}?%\}|\{#(?:(?!\{#).){0,2000}?#\}", re.S)
# The parser of the standard library takes minutes for a megabyte of tags that never end (CPython issue 135462), so
# this one has no pattern that looks beyond the next "<".
TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>")
BROKEN_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]*+)>")
ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?")
LONGEST_TAG = 20_000
RAW = {  # what stands in them is no HTML; where each ends
    name: re.compile(f"</{name}", re.I) for name in ("script", "style", "title", "textarea")
}
TOKEN = re.compile(r"j9nja(\d+)x")


@dataclass(slots=True)
class Element:
    """A tag with what is in it; ``tag`` is empty for the whole."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Itself and every tag inside, in reading order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [each for each in reversed(element.inside) if isinstance(each, Element)]

    def words(self) -> str:
        """Its text, blanks run together."""
        parts = (each if isinstance(each, str) else each.words() for each in self.inside)
        return re.sub(r"\s+", " ", " ".join(parts)).strip()


@dataclass(slots=True)
class Clean:
    """The body, its style sheet and title; ``dropped`` counts what did not come along, in words."""

    body: Element
    style: str
    title: str
    dropped: Counter[str]
    tags: list[str]  # the Jinja in it, which stands in texts and attributes as tokens

    def html(self, node: Element | str) -> str:
        """As HTML in which everything is closed and quoted, its Jinja as it was."""
        return self.text(_written(node))

    def text(self, said: str) -> str:
        """A text or the value of an attribute with its Jinja."""
        return TOKEN.sub(lambda found: self.tags[int(found[1])], said)


def clean(text: str) -> Clean:
    """Read a whole letter or a part of one. Whatever it is, this answers."""
    tags: list[str] = []

    def hidden(found: re.Match[str]) -> str:
        tags.append(found[0])
        return f"j9nja{len(tags) - 1}x"

    reader = _Reader()
    reader.read(JINJA.sub(hidden, TOKEN.sub("", text)))
    style = "\n".join(_sheet(sheet, reader.dropped) for sheet in reader.styles).strip()
    return Clean(reader.root, style, " ".join(reader.title.split()), reader.dropped, tags)


class _Reader:
    def __init__(self) -> None:
        self.root = Element("")
        self.open = [self.root]
        self.dropped: Counter[str] = Counter()
        self.styles: list[str] = []
        self.title = ""
        self._left = MOST
        self._shut: list[str] = []  # a tag that goes with everything in it, and those of its name inside

    def read(self, text: str) -> None:
        """Every tag and every text in turn."""
        place = 0
        while (start := text.find("<", place)) >= 0:
            self._text(text[place:start])
            if text.startswith("<!--", start):
                end = text.find("-->", start)
                self._remark(text[start + 4 : start + 40])
                place = len(text) if end < 0 else end + 3
                continue
            found = TAG.match(text, start) or BROKEN_TAG.match(text, start)
            if found is None:
                place = start + 1
                if text[place : place + 1] in ("!", "?"):
                    end = text.find(">", place, place + LONGEST_TAG)
                    place = end + 1 if end >= 0 else place
                else:
                    self._text("<")
                continue
            place = found.end()
            name = found[2].lower()
            if found[1]:
                self._end(name)
                continue
            self._start(name, found[3])
            if name in RAW:
                end = shut.start() if (shut := RAW[name].search(text, place)) else len(text)
                self._raw(name, text[place:end])
                place = end
        self._text(text[place:])

    def _start(self, tag: str, written: str) -> None:
        if self._shut:
            if tag == self._shut[0]:
                self._shut.append(tag)
            return
        if tag in WITH_ALL:
            if WITH_ALL[tag]:
                self.dropped[WITH_ALL[tag]] += 1
            if tag not in VOID:
                self._shut = [tag]
            return
        if tag == "form":
            self.dropped["forms"] += 1
        if tag == "body":
            self.root.attributes |= self._attributes(tag, written)
        if tag not in KEPT or self._left == 0:
            return
        self._left -= 1
        if tag in ("p", "li", "td", "th", "tr") and self.open[-1].tag == tag:
            self.open.pop()  # HTML closes these by itself
        element = Element(tag, self._attributes(tag, written))
        if tag == "img" and not element.attributes.get("src"):
            return
        self.open[-1].inside.append(element)
        if tag not in VOID and len(self.open) < DEEPEST:
            self.open.append(element)

    def _end(self, tag: str) -> None:
        if self._shut:
            if tag == self._shut[0]:
                self._shut.pop()
            return
        if any(each.tag == tag for each in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def _text(self, text: str) -> None:
        if text and not self._shut:
            self.open[-1].inside.append(unescape(text))

    def _raw(self, tag: str, text: str) -> None:
        if tag == "style":
            self.styles.append(text)
        elif tag == "title" and not self.title:
            self.title = unescape(text)

    def _remark(self, text: str) -> None:
        if re.match(r"\s*\[if\b", text, re.I) and not self._shut:
            self.dropped["parts for Outlook alone"] += 1

    def _attributes(self, tag: str, written: str) -> dict[str, str]:
        kept: dict[str, str] = {}
        for found in ATTRIBUTE.finditer(written[:LONGEST_TAG]):
            name, value = found[1].lower(), unescape(found[2] or found[3] or found[4] or "").strip()
            if name.startswith("on"):
                self.dropped["scripts"] += 1
            elif name in SCHEMES:
                if self._leads_somewhere(name, value):
                    kept[name] = value
            elif name == "style":
                if styled := self._declarations(value):
                    kept[name] = styled
            elif name in ATTRIBUTES:
                kept[name] = value
        if tag == "img":
            kept.setdefault("alt", "")
        return kept

    def _leads_somewhere(self, name: str, value: str) -> bool:
        plain = re.sub(r"[\s\x00-\x1f]", "", value).lower()
        if plain.startswith("data:"):
            self.dropped["pictures inside the file (to be put on the web)"] += 1
            return False
        if plain.startswith("cid:"):
            self.dropped["attached pictures (to be put on the web)"] += 1
            return False
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", plain)
        if scheme and not plain.startswith(SCHEMES[name]):
            self.dropped["addresses that run something"] += 1
            return False
        if name == "src" and plain and not scheme and not plain.startswith(("//", "j9nja")):
            self.dropped["pictures from your computer (to be put on the web)"] += 1
            return False
        return bool(plain)

    def _declarations(self, style: str) -> str:
        return "; ".join(
            each.strip() for each in COMMENT.sub("", style).split(";") if each.strip() and _harmless(each, self.dropped)
        )


def _harmless(css: str, dropped: Counter[str]) -> bool:
    urls = (url.lower() for url in CSS_URL.findall(css))
    if BAD_CSS.search(css) or any(not url.startswith(("http://", "https://", "j9nja")) for url in urls):
        dropped["styles that fetch or run something"] += 1
        return False
    return True


def _sheet(css: str, dropped: Counter[str]) -> str:
    """A style sheet without what fetches or runs; its comments go too."""
    css = re.sub(r"<!--|-->", "", COMMENT.sub("", css))
    css = re.sub(r"@import[^;]*;?", lambda _: (dropped.update(["styles that fetch or run something"]), "")[1], css)
    parts = re.split(r"(?<=[;{}])", css)
    return "".join(part if _harmless(part, dropped) else part[-1].strip(";") for part in parts)


def _written(node: Element | str) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    inside = "".join(_written(each) for each in node.inside)
    if not node.tag:
        return inside
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    return f"<{node.tag}{attributes} />" if node.tag in VOID else f"<{node.tag}{attributes}>{inside}</{node.tag}>"
