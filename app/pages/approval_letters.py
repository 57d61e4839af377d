"""The letters and messages that are up for review, as somebody would see them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from ...nodes.graph import JourneyGraph
from ...nodes.sending import medium_of
from ...runtime.content.brand import Brand
from ...runtime.content.proof import PROOFS, Proof, is_marketing
from ...runtime.letter_facts.previews import proof_for
from ...storage.handover import Filling
from ...storage.reviews import Review
from ..canvas.letter_proof import filled_for
from ..canvas.message_picture import picture
from ..findings import finding_list
from ..frame import card, stylesheet
from ..sealed import letter_frame

if TYPE_CHECKING:
    from ..instance import Instance

SAMPLE = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}


def letters_card(review: Review, brand: str) -> None:
    """A tab for each, with the steps that send it."""
    letters = review.content.get("letters") or {}
    if not letters:
        return
    stylesheet("messages.css")
    found = {str(check.get("letter")): check.get("findings") or () for check in review.checks if check.get("letter")}
    senders: dict[str, list[str]] = {}
    for node in JourneyGraph(review.content).nodes.values():
        for name in node.contents():
            senders.setdefault(name, []).append(node.title)
    with card("Letters", "as Ada Lovelace would see them"):
        with ui.tabs().props('align="left" no-caps dense outside-arrows mobile-arrows') as tabs:
            for name in letters:
                ui.tab(name)
        with ui.tab_panels(tabs, value=next(iter(letters)), animated=False).classes("sj-panels"):
            for name, letter in letters.items():
                with ui.tab_panel(name):
                    ui.label(str(letter.get("subject") or "")).classes("sj-strong sj-break")
                    ui.label("sent by " + ", ".join(senders.get(name, ["no step"]))).classes("sj-soft sj-break")
                    finding_list(found.get(name, ()))
                    if medium_of(letter) == "email":
                        address = f"/approvals/{review.id}/letters/{quote(name, safe='')}"
                        letter_frame(f"The letter {name}", address).classes("sj-letter is-review")
                    else:
                        _message(letter, brand)


async def reviewed(instance: Instance, review: Review, letter: Mapping[str, Any]) -> Proof:
    """One of them for Ada, as if she had done what somebody did last that starts the journey."""
    name = str(review.content.get("name") or "")
    known, brand = await filled_for(instance, name, review.content)
    filling = replace(known, contact=SAMPLE) if known else Filling(SAMPLE, {}, {})
    return await asyncio.to_thread(proof_for, instance, letter, filling, brand, is_marketing(review.content))


def _message(message: dict[str, Any], brand: str) -> None:
    """One that is no letter, filled for Ada; what is wrong with it where it cannot be."""
    proof = PROOFS.of(message, Filling(SAMPLE, {}, {}), Brand(name=brand), marketing=True)
    if proof.rendered is None:
        for issue in proof.issues:
            ui.label(issue.text).classes("sj-refusal sj-break")
        return
    picture(medium_of(message), {**message, **proof.rendered.fields}, brand)
