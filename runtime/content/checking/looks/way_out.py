"""Marketing lets people out and says who writes, where it can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..page import Page

CODE = "way-out"


def look(page: Page, around: Around) -> Iterator[Finding]:
    """The link to unsubscribe, the sender and the postal address."""
    if not around.marketing:
        return
    filled = [sample for sample in page.samples if not sample.broken]
    without = sum(page.unsubscribe not in sample.html for sample in filled)
    ways = [element for element, href in page.links if href and href == page.unsubscribe]
    seen = any(not page.styles.hidden(element) and element.text for element in ways)
    if without or (filled and not seen):
        how = "cannot be seen"
        if without:
            how = "is not there" + ("" if without == len(filled) else f" for {without} of {len(filled)} people tried")
        yield page.finding(
            CODE, "error", f"The link to unsubscribe {how}: every marketing letter needs one that can be seen.",
            "Put {{ unsubscribe_url }} into a link outside of any condition, or use the footer block.",
        )  # fmt: skip
    brand = around.brand
    if not brand.sender_address:
        yield page.finding(
            CODE, "hint", "The brand has no sender address yet, so no letter can leave.", "Set it under Settings."
        )
    if not brand.postal_address:
        yield page.finding(
            CODE, "hint", "The brand has no postal address yet, which the law of most countries wants under marketing.",
            "Set it under Settings; the footer shows it.",
        )  # fmt: skip
    elif page.shown.html and _plain(brand.postal_address) not in _plain(page.body.text):
        yield page.finding(
            CODE, "warning", "The postal address does not stand in the letter.", "Put {{ brand.address }} into its end."
        )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


LOOK = Look(
    CODE, "Way out and sender", "error",
    "CAN-SPAM (US), the ePrivacy directive and GDPR (EU) want a way out in every marketing letter and a sender one can "
    "reach; CAN-SPAM wants a postal address. Only a missing way out is an error.", page=look,
)  # fmt: skip
