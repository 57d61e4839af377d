"""A message filled for one contact, whatever medium it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for one contact. ``missing`` are the names it asked for and nobody knew.

    A letter fills the first four, or ``parts`` in place of html and text: its text part and its HTML part as bytes
    ready for the wire. A message of another medium has its form's fields in ``fields``. ``short`` are the short
    addresses in it with where they lead, written down when it leaves.
    """

    subject: str = ""
    html: str = ""
    text: str = ""
    preheader: str = ""
    missing: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    short: tuple[tuple[str, str], ...] = ()
    parts: tuple[bytes, bytes] | None = None
