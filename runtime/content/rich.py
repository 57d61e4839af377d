"""Text with a little markup, as an editor gives it: a small safe part of HTML, and Jinja left as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from html.parser import HTMLParser
from types import MappingProxyType

from .protect import JINJA

KEPT = {"p", "br", "strong", "em", "u", "s", "a", "ul", "ol", "li"}
SAME = {"b": "strong", "i": "em", "div": "p", "strike": "s", "del": "s"} | dict.fromkeys(("h1", "h2", "h3", "h4"), "p")
DROPPED = {"script", "style", "head", "title", "iframe", "object", "svg", "math", "template", "textarea", "select"}
ADDRESS = re.compile(r"(https?://[^\s\"'<>\\]+|mailto:[^\s\"'<>\\]+|tel:[+0-9() .-]+|#[\w-]*)\Z", re.I)
PLACE = "\ue000{}\ue001"  # private letters, which nobody types
PLACES = re.compile("\ue000(\\d+)\ue001")


def plain(text: str) -> str:
    """A text for HTML or for an attribute of MJML: what is markup becomes text, Jinja is left alone."""
    words, tags = _taken_out(text)
    return _put_back(escape(words), tags)


def lines(text: str) -> str:
    """A text of several lines for HTML."""
    words, tags = _taken_out(text)
    return _put_back(re.sub(r"\r\n|\r|\n", "<br />", escape(words)), tags)


def rich(markup: str, styles: Mapping[str, str] = MappingProxyType({})) -> str:
    """The safe part of somebody's HTML. Every element in it is closed, every address of a kind letters may lead to.

    ``styles`` are written into elements by their names: mail programs forget what a style sheet says.
    """
    words, tags = _taken_out(markup)
    reader = _Reader(styles)
    reader.feed(words)
    reader.close()
    return _put_back(reader.made(), [unescape(tag) for tag in tags])


def address_is_good(url: str) -> bool:
    """True for an address letters may lead to: of the web, of mail, of a phone, or one that Jinja gives."""
    words, tags = _taken_out(url.strip())
    if tags and words.startswith("\ue000"):
        return not re.search(r"[\s\"'<>\\]", words)
    return bool(ADDRESS.match(words))


def _taken_out(text: str) -> tuple[str, list[str]]:
    tags: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match["note"] is not None:
            return ""
        tags.append(match[0])
        return PLACE.format(len(tags) - 1)

    return JINJA.sub(take, re.sub("[\ue000\ue001]", "", text)), tags


def _put_back(text: str, tags: list[str]) -> str:
    return PLACES.sub(lambda match: tags[int(match[1])], text)


class _Reader(HTMLParser):
    def __init__(self, styles: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self._styles = styles
        self._out: list[str] = []
        self._open: list[str] = []
        self._dropped: list[str] = []

    def made(self) -> str:
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self._dropped.append(tag)
        tag = SAME.get(tag, tag)
        if self._dropped or tag not in KEPT:
            return
        if tag == "br":
            self._out.append("<br />")
            return
        if tag in ("p", "li", "a") and tag in self._open:  # one does not stand in another
            self._close(tag)
        style = f' style="{escape(self._styles[tag])}"' if tag in self._styles else ""
        url = (dict(attrs).get("href") or "").strip() if tag == "a" else ""
        leads = f' href="{escape(url)}"' if url and address_is_good(_seen(url)) else ""
        self._out.append(f"<{tag}{leads}{style}>")
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropped:
            while self._dropped.pop() != tag:
                pass
        self._close(SAME.get(tag, tag))

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self._out.append(escape(data, quote=False))

    def _close(self, tag: str) -> None:
        if not self._dropped and tag in self._open:
            while True:
                last = self._open.pop()
                self._out.append(f"</{last}>")
                if last == tag:
                    break


def _seen(url: str) -> str:
    """An address with its Jinja taken out, as something that looks like Jinja."""
    return PLACES.sub("{{ x }}", url)
