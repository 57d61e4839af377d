"""Nothing in the letter that mail programs cut out or read against."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "markup"
CUT = {
    "form": "a form", "input": "a field to type into", "select": "a list to choose from", "textarea": "a field to type "
    "into", "button": "a button of a form", "object": "an embedded program", "embed": "an embedded program",
    "applet": "an embedded program", "iframe": "a frame", "audio": "a sound", "base": "an address that all links begin "
    "with", "marquee": "moving text",
}  # fmt: skip
RAW = re.compile(r"\{\{|\{%|%\}|\*\|[A-Z_:]+\|\*|%%[a-z_]+%%|\[\[?(?:first_?name|name)\]?\]", re.I)


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Forms, scripts, handlers, and placeholders of another tool that nobody fills here."""
    for element in page.root.find("script"):
        yield page.finding(
            CODE, "error", "The letter holds a script: programs refuse such letters.", "Take it out.", element
        )
    for element in page.body.walk():
        if what := CUT.get(element.tag):
            yield page.finding(
                CODE, "warning", f"The letter holds {what}, which mail programs cut out.",
                "Link to a page that has it.", element,
            )  # fmt: skip
        handler = next((name for name in element.attributes if name.startswith("on") and len(name) > 3), "")
        if handler:
            yield page.finding(
                CODE, "warning", f"An element wants to run something ({handler}), which mail programs cut out.",
                "Take the attribute away.", element,
            )  # fmt: skip
    everything = [(None, page.shown.subject), (None, page.shown.preheader), *page.texts]
    for element, text in everything:
        if found := RAW.search(text):
            yield page.finding(
                CODE, "warning", f"“{text[max(0, found.start() - 10) : found.end() + 20]}” is filled by nobody.",
                "Write it as {{ contact.first_name }}.", element,
            )  # fmt: skip
            return


LOOK = Look(
    CODE, "Markup", "error",
    "Scripts are refused, forms and frames cut out; placeholders of another tool, such as *|FNAME|*, would be read as "
    "they stand.", page=look,
)  # fmt: skip
