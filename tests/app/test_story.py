"""The story of a contact is told in words people gave things, never in their short names."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.person.story import told
from sojourn.storage.timeline import Entry


@pytest.mark.parametrize(
    ("name", "properties", "says"),
    [
        ("joined_segment", {"segment": "newcomers"}, ("Joined “New people”", "A segment")),
        ("left_segment", {"segment": "looks_at_running"}, ("Left “Looks at running”", "A segment")),
        ("lifecycle_changed", {"from": "loyal", "to": "at_risk"}, ("Became at risk", "Was loyal")),
    ],
)
def test_what_was_found_out_is_told_by_titles(name: str, properties: dict[str, Any], says: tuple[str, str]) -> None:
    entry = Entry(0, "segments", "found", {"name": name, "properties": properties}, (0, 0, 0))
    assert told(entry, {"newcomers": "New people"}) == says
