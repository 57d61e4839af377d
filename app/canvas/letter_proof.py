"""A letter of an open journey as one contact would get it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...runtime.content.brand import Brand
from ...runtime.content.proof import Proof, is_marketing
from ...runtime.letter_facts.previews import proof_for
from ...runtime.settings import load as load_settings
from ...storage import catalog, journeys, views
from ...storage.database import Tx
from ...storage.handover import Filling
from . import rooms

if TYPE_CHECKING:
    from ..instance import Instance


async def proof(instance: Instance, journey: str, letter: str, contact_id: int | None = None) -> Proof | None:
    """None when there is no such journey or letter. Without a contact, the newest one lends its name."""
    content = next((room.content for room in rooms.opened(instance) if room.name == journey), None)
    if content is None:
        found = await instance.db.aread(lambda tx: journeys.journey_named(tx, journey))
        content = found.draft if found else {}
    source = (content.get("letters") or {}).get(letter)
    if not isinstance(source, dict):
        return None
    filling, brand = await filled_for(instance, journey, content, contact_id)
    return await asyncio.to_thread(proof_for, instance, source, filling, brand, is_marketing(content))


async def filled_for(
    instance: Instance, journey: str, content: dict[str, Any], contact_id: int | None = None
) -> tuple[Filling | None, Brand]:
    """What messages of this journey are filled with. Without a contact, the newest one lends its name."""
    title, event = str(content.get("title") or journey), started_by(content)

    def read(tx: Tx) -> tuple[Filling | None, Brand]:
        key = contact_id
        if key is None:
            newest = views.contact_lines(tx, limit=1)
            key = newest[0].id if newest else 0
        return catalog.filling(tx, key, event, journey, title), Brand.of(load_settings(tx))

    return await instance.db.aread(read)


def started_by(content: dict[str, Any]) -> str | None:
    """The event that starts the journey, if one does."""
    for node in (content.get("nodes") or {}).values():
        settings = node.get("settings") or {}
        event = settings.get("event")
        if node.get("kind") == "trigger_event" and isinstance(event, str):
            return event or None
    return None
