"""Everything that happened to somebody, in one order, with a choice of what to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ...runtime.merging import REASONS
from ...storage.timeline import KINDS, PAGE, Entry, timeline
from .. import words
from ..auth import permitted
from ..frame import button, card, empty, here, moment
from .seen import Seen

ICONS = {
    "did": "bolt",
    "found": "category",
    "queued": "schedule_send",
    "sent": "send",
    "delivered": "done_all",
    "opened": "drafts",
    "clicked": "ads_click",
    "entered": "login",
    "left": "logout",
    "said": "fact_check",
    "merged": "merge",
    "undone": "call_split",
}
LONGEST = 300  # characters of what an event says
HELD = {"skipped": "was not sent", "failed": "failed", "in_doubt": "may have arrived"}
ENDS = {
    "end": "went all the way", "merged": "was in it twice", "gone": "was taken out",
    "gave_way": "gave way to a journey of higher priority", "switched": "was taken out by another journey",
}  # fmt: skip
OWN_NAMES = {  # what events without a name of their own are
    "$identify": "Said who they are",
    "$alias": "Got another id",
    "$group": "Joined a group",
    "page": "Looked at a page",
    "screen": "Looked at a screen",
    "message_failed": "A message did not arrive after all",
    "message_complained": "Complained about a message",
    "message_replied": "Answered a message",
}


def story(seen: Seen) -> None:
    """The timeline; the last things first."""
    entries, asked, more = list(seen.entries), "", len(seen.entries) == PAGE
    with card("Timeline"):
        kinds = ui.select({"": "Everything", **KINDS}, value="").props('outlined dense aria-label="What to see"')
        kinds.classes("sj-field sj-choice").props('data-mark="story-kinds"')

        @ui.refreshable
        def listing() -> None:
            if not entries:
                empty("history", "Nothing yet", "What they do and what is sent to them appears here.")
                return
            with ui.element("div").classes("sj-timeline"):
                for entry in entries:
                    _entry(entry, seen.segment_titles)
            if more:
                with ui.element("div").classes("sj-row"):
                    button("Show more", show_more, "expand_more")

        async def page(before: Any) -> list[Entry]:
            chosen = [asked] if asked else []
            return await here().db.aread(lambda tx: timeline(tx, seen.contact.id, chosen, before))

        @permitted("see")
        async def choose() -> None:
            nonlocal entries, asked, more
            asked = kinds.value if kinds.value in KINDS else ""
            entries = await page(None)
            more = len(entries) == PAGE
            listing.refresh()

        @permitted("see")
        async def show_more() -> None:
            nonlocal entries, more
            following = await page(entries[-1].place)
            entries, more = entries + following, len(following) == PAGE
            listing.refresh()

        kinds.on_value_change(choose)
        listing()


def _entry(entry: Entry, segments: Mapping[str, str]) -> None:
    title, detail = told(entry, segments)
    with _happened(entry):
        ui.label(title).classes("sj-break sj-strong")
        moment(entry.at)
        if detail:
            ui.label(detail).classes("sj-soft")


def _happened(entry: Entry) -> ui.element:
    made = ui.element("div").classes("sj-happened is-icon")
    made.props["data-happened"] = entry.kind
    with made:
        ui.icon(ICONS.get(entry.what, "bolt")).props('aria-hidden="true"')
    return made


def told(entry: Entry, segments: Mapping[str, str]) -> tuple[str, str]:
    """What happened, and the rest of it; ``segments`` are their titles by name."""
    of = entry.detail
    if entry.kind == "events":
        name = OWN_NAMES.get(of["name"]) or plain(of["name"])
        return name, _listed(of["properties"])
    if entry.kind == "segments":
        return _found(of["name"], of["properties"], segments)
    if entry.kind == "messages":
        held = HELD.get(of["status"], "waits")
        said = {"queued": held, "sent": HELD.get(of["status"], "was sent")}.get(entry.what, f"was {entry.what}")
        why = f". {of['reason']}" if of["reason"] and entry.what in ("queued", "sent") else ""
        return f"“{plain(of['letter'])}” {said}", f"Journey {of['title']}{why}"
    if entry.kind == "journeys":
        if entry.what == "entered":
            return f"Entered {of['title']}", ""
        reason = of["reason"] or "end"
        return f"Left {of['title']}", f"{plain(ENDS.get(reason, reason))}."
    if entry.kind == "consents":
        word = {"granted": "Agreed to", "denied": "Refused", "withdrawn": "Withdrew from"}.get(
            of["action"], of["action"]
        )
        return f"{word} {of['topic']} by {of['channel'].replace('email', 'e-mail')}", f"Said by {of['source']}"
    if entry.what == "undone":
        return f"Contact {of['loser']} became a contact of its own again", f"By {of['actor']}" if of["actor"] else ""
    why = REASONS.get(of["reason"], of["reason"])
    by = f", confirmed by {of['actor']}" if of["actor"] else ""
    return f"Contact {of['loser']} became part of contact {of['winner']}", f"Because {why}{by}."


def plain(name: str) -> str:
    """A short name as words: added_to_cart is “Added to cart”."""
    text = " ".join(name.replace("_", " ").replace("-", " ").split())
    return text[:1].upper() + text[1:]


def _listed(properties: dict[str, Any]) -> str:
    text = ", ".join(f"{plain(key).lower()}: {words.shown(value)}" for key, value in properties.items())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _found(name: str, properties: dict[str, Any], segments: Mapping[str, str]) -> tuple[str, str]:
    if name == "lifecycle_changed":
        before, now = (str(properties.get(key) or "").replace("_", " ") for key in ("from", "to"))
        return f"Became {now}", f"Was {before}" if before else ""
    segment = str(properties.get("segment") or "")
    title = segments.get(segment) or plain(segment)  # of one that was deleted only the short name is left
    return f"{'Joined' if name == 'joined_segment' else 'Left'} “{title}”", "A segment"
