"""What the letter uses and a mail program does not show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..around import Around
from ..features_used import features_used
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..words import FOLDER

CODE = "mail-clients"
LARGE = ("gmail", "outlook", "apple-mail", "yahoo")  # families most letters are read in
DRAWN_FOR_OUTLOOK = frozenset(("css-background-image", "html-background", "css-linear-gradient"))  # MJML draws VML


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Every feature whose lack is seen, with the programs that lack it."""
    features, clients = support()["features"], support()["clients"]
    for feature, element in features_used(page):
        known = features.get(feature)
        if known is None:
            continue
        lacking = list(known.get("no", ()))
        if feature in DRAWN_FOR_OUTLOOK and "v:fill" in page.comments:
            lacking = [client for client in lacking if client != "outlook.windows"]
        large = [client for client in lacking if client.partition(".")[0] in LARGE]
        partly = [client for client in known.get("partly", ()) if client.partition(".")[0] in LARGE]
        if not lacking and not partly:
            continue
        shown = large or lacking or partly
        names = ", ".join(clients[client] for client in shown[:4]) + (" and others" if len(shown) > 4 else "")
        families = {client.partition(".")[0] for client in shown}
        share = sum(around.opens.get(family, 0.0) for family in families)
        opens = f" ({share:.0%} of openings)" if share else ""
        verb = "is not shown by" if lacking else "is shown only in part by"
        yield page.finding(
            CODE, "warning" if large else "hint", f"“{known['title']}” {verb} {names}{opens}.",
            "See that the letter can be read without it, or do it another way.", element,
        )  # fmt: skip


@cache
def support() -> Mapping[str, Any]:
    """What caniemail.com knows, as `scripts/mail_clients.py` keeps it."""
    return json.loads((FOLDER / "mail_clients.json").read_text("utf-8"))


LOOK = Look(
    CODE, "Mail programs", "warning",
    "What each mail program shows is taken from caniemail.com (MIT), for its newest version. Only what is seen when it "
    "is lacking is told: background pictures, videos, flexible boxes, SVG, variables.", page=look,
)  # fmt: skip
