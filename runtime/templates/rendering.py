"""A template as one contact would see it, before anything is sent: for its picture, a look, a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...storage import catalog, views
from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.templates import Template
from .. import settings
from ..content.brand import Brand
from ..content.kit import Kit
from ..content.proof import Proof
from ..letter_facts.previews import proof_for
from . import library, shared


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a letter needs to be shown: its source with kit and shared blocks inside, whom for, and from whom."""

    source: dict[str, Any]
    filling: Filling | None
    brand: Brand

    def proof(self, parts: Any, marketing: bool = True) -> Proof:
        """The letter with all it asks for; slow the first time, so call it off the loop. ``parts`` is an instance."""
        return proof_for(parts, self.source, self.filling, self.brand, marketing)


def ready(tx: Tx, source: Mapping[str, Any], contact_id: int | None = None, event: str = "") -> Ready:
    """A letter as it is being written. Without a contact the newest one lends their name."""
    known = settings.load(tx)
    whole = shared.filled(tx, source)
    if "blocks" in whole:
        whole.setdefault("kit", Kit.of(known).as_dict())
    if contact_id is None:
        newest = views.contact_lines(tx, limit=1)
        contact_id = newest[0].id if newest else 0
    return Ready(whole, catalog.filling(tx, contact_id, event or None, "", ""), Brand.of(known))


def named(tx: Tx, name: str, contact_id: int | None = None) -> Ready:
    """The draft of a template; of a shared block a letter that holds nothing else. Raises `NoSuchTemplate`."""
    return ready(tx, as_letter(library.named(tx, name)), contact_id)


def as_letter(template: Template) -> dict[str, Any]:
    """What can be shown of a template: itself, or a letter around a shared block."""
    if template.kind == "letter":
        return template.content
    block = {"id": "b1", "kind": template.content.get("kind"), "settings": template.content.get("settings") or {}}
    return {"subject": template.title, "blocks": [block]}
