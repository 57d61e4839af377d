"""One contact: who they are, what they did, which journeys they were in, what was sent and why."""

from __future__ import annotations

from nicegui import ui

from .. import words
from ..auth import permitted
from ..frame import empty, frame, here, opened, visitor
from ..person import devices, journeys, may_write, noticing, profile, standing, story
from ..person.doubles import alike, past_merges
from ..person.seen import read
from .person_actions import person_actions


@ui.page("/contacts/{contact_id}", title="Contact · Sojourn")
@permitted("see")
async def contact(contact_id: int) -> None:
    """The contact of this number, or whom it became part of."""
    who, known = await visitor()
    found = await here().db.aread(lambda tx: read(tx, contact_id))
    if found is None:
        with frame("Contacts", who, known):
            empty("person_off", "There is no such contact", "They may have been erased. The list has everybody.")
        return
    seen, person, instance = found, found.contact, here()
    may = [] if person.erased_at else await instance.db.aread(lambda tx: may_write.ask(instance, tx, person.id))
    title, lead = words.title_of(person), person.email or person.external_id or ""
    with opened("Contacts", who, known, title, lead if lead != title else "") as actions:
        with actions:
            if not person.erased_at:
                person_actions(person.id, title, who)

        @ui.refreshable
        def body() -> None:
            standing.notices(seen)
            alike(seen, who, again)
            with ui.element("div").classes("sj-columns is-person"):
                with ui.element("div").classes("sj-stack"):
                    story.story(seen)
                    journeys.stays(seen)
                    journeys.not_taken_in(seen)
                    journeys.messages(seen)
                with ui.element("div").classes("sj-stack"):
                    if may:
                        may_write.panel(may)
                    profile.profile(seen, who, again)
                    profile.names(seen)
                    standing.consent(seen)
                    noticing.noticing(seen, who, again)
                    devices.devices(seen)
                    standing.segments(seen)
                    standing.figures(seen)
                    past_merges(seen, who, again)

        @permitted("see")
        async def again() -> None:
            nonlocal seen, may
            seen = await here().db.aread(lambda tx: read(tx, contact_id)) or seen
            may = await here().db.aread(lambda tx: may_write.ask(instance, tx, person.id))
            body.refresh()

        body()
