"""The text part of a letter: made from its page or written by hand, with the links of the page under their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import html2text

from .protect import JINJA, QUOTED, WORD, Protected, inside_url, marked, restore_text

COMMENT = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r'\[([^\[\]\n]{0,500})\]\(<?(lx\d{5}xj)>?(?: "[^"\n]*")?\)')
MARK = re.compile(r"lx(\d{5})xj")
ESCAPED = re.compile(r"\\([-+.!#*_>()])")
ENDING = re.compile(r"[ \t]+\n")  # html2text's way to say that a line ends
BEHIND_TAG = re.compile(r"(?<![-+])([%#]\})[ \t]+\n")  # a plus keeps the line break that the tag would take along
EMPTY = re.compile(r"\n{3,}")
WEB = re.compile(r"https?://", re.I)
VALUE = rf"\{{\{{(?:{QUOTED}|[^\"'])*?\}}\}}"
WRITTEN = re.compile(rf"(?P<url>https?://(?:{VALUE}|[^\s<>\"'{{}}])+)|(?P<tag>{JINJA.pattern})", re.S | re.I)
STOPS = ".,;:!?"


def text_of(page: str, protected: Protected) -> str:
    """The letter without markup, in reading order. ``page`` is as the MJML engine made it."""
    reader = html2text.HTML2Text(bodywidth=0)
    reader.ignore_images = True
    reader.ignore_tables = True
    reader.ignore_emphasis = True
    reader.unicode_snob = True
    reader.protect_links = False
    page, addresses = marked(page)
    # what only Outlook sees is no text, but the ends of loops and conditions may stand there
    page = COMMENT.sub(lambda m: "".join(word[0] for word in WORD.finditer(m[0])), page)
    text = reader.handle(page).replace("~~", "")
    known = [restore_text(url, protected) for url in addresses]
    labelled = {known[int(mark[2:7]) - 1] for label, mark in LINK.findall(text) if label.strip()}

    def linked(match: re.Match[str]) -> str:
        """A link in a text without markup; that of a picture only where no words lead there too."""
        label, number = match[1], int(match[2][2:7])
        source = known[number - 1]
        if not source or source.startswith("#") or (not label.strip() and source in labelled):
            return label
        if not label.strip() or ESCAPED.sub(r"\1", label.strip()) == source:
            return match[2]
        return f"{label}: {match[2]}"

    text = ESCAPED.sub(r"\1", LINK.sub(linked, text))
    text = restore_text(MARK.sub(lambda m: _address(int(m[1]), addresses, protected), text), protected)
    return EMPTY.sub("\n\n", ENDING.sub("\n", BEHIND_TAG.sub(r"+\1\n", text)))


def linked_text(text: str, page: str, protected: Protected, links: int) -> str:
    """A text part somebody wrote, its addresses counted: under the number they have in the page (as the MJML engine
    made it), else under new ones after its ``links``."""
    numbers: dict[str, int] = {}
    for number, url in enumerate(marked(page)[1], 1):
        numbers.setdefault(restore_text(url, protected), number)
    return WRITTEN.sub(lambda m: _numbered(m, numbers, links), text)


def _numbered(match: re.Match[str], numbers: dict[str, int], links: int) -> str:
    if match["url"] is None:
        return _filtered(numbers[match[0]], match[0]) if match[0] in numbers else match[0]
    url = match["url"].rstrip(STOPS)
    if url.endswith(")") and "(" not in url:
        url = url.rstrip(")" + STOPS)
    number = numbers.setdefault(url, max(links, *numbers.values(), 0) + 1)
    return _filtered(number, inside_url(url)) + match["url"][len(url) :]


def _address(number: int, addresses: Sequence[str], protected: Protected) -> str:
    url = addresses[number - 1]
    if not WEB.match(url) and not WORD.match(url):
        return url
    return _filtered(number, inside_url(restore_text(url, protected)))


def _filtered(number: int, inside: str) -> str:
    """The plus signs keep the line breaks around it, which blocks in a text would take along."""
    return f"{{%+ filter _link_in_text({number}) %}}{inside}{{% endfilter +%}}"
