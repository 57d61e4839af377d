"""A canvas without a browser."""

from __future__ import annotations

from typing import Any


class Sheet:
    """A canvas that remembers what it was sent, and draws it as the browser does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.rev = 0
        self.nodes: dict[str, Any] = {}
        self.edges: dict[str, Any] = {}
        self.notes: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            return lambda _: None

        def take(payload: Any) -> None:
            self.sent.append((name, payload))
            getattr(self, "_" + name)(payload)

        return take

    def _load(self, everything: dict[str, Any]) -> None:
        self.rev = everything["rev"]
        for part in ("nodes", "edges", "notes"):
            setattr(self, part, {each["id"]: each for each in everything[part]})

    def _patch(self, patch: dict[str, Any]) -> None:
        assert patch["rev"] == self.rev + 1, "a gap"
        self.rev = patch["rev"]
        for part in ("nodes", "edges", "notes"):
            kept = getattr(self, part)
            kept.update({each["id"]: each for each in patch["up"][part]})
            for gone in patch["del"][part]:
                kept.pop(gone, None)

    def last(self, name: str) -> Any:
        return next(payload for sent, payload in reversed(self.sent) if sent == name)
