"""The letter as it looks, with its blocks to take hold of; what a browser says comes in as callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Call = Callable[..., Any]


class Stage(Element, component="../../assets/studio/stage.js"):
    """Draws one letter from an address of ours.

    ``picked(id, open)``: a block was chosen, ``open`` asks for its form. ``moved(id, to)``: dropped elsewhere.
    ``put(what, at)``: something from the palette was dropped. ``deed(deed, id)``: up, down, duplicate or remove.
    ``gap(at)``: the next block shall come there.
    """

    def __init__(
        self, *, readonly: bool, lone: bool, picked: Call, moved: Call, put: Call, deed: Call, gap: Call
    ) -> None:
        super().__init__()
        self._props["readonly"], self._props["lone"] = readonly, lone
        self._calls = {"pick": picked, "move": moved, "put": put, "deed": deed, "gap": gap}
        for name in self._calls:
            self.on(name, getattr(self, f"_{name}"))

    def show(self, blocks: Sequence[Mapping[str, Any]], picked: str, gap: int | None) -> None:
        """Other blocks, or another one picked."""
        wanted = {"blocks": list(blocks), "picked": picked, "gap": -1 if gap is None else gap}
        if any(self._props.get(name) != value for name, value in wanted.items()):
            self._props.update(wanted)
            self.update()

    def picture(self, address: str, stale: bool, drawn: Sequence[str]) -> None:
        """Another picture, of these blocks; a stale one is not what the letter says now."""
        if (self._props.get("src"), self._props.get("stale")) != (address, stale):
            self._props.update({"src": address, "stale": stale, "drawn": list(drawn)})
            self.update()

    def say(self, words: str) -> None:
        """Tell those who hear the screen."""
        self._props["said"] = words
        self.update()

    # ── whatever a browser may send, only what has the right form gets on ─────────────────────────────

    def _pick(self, event: GenericEventArguments) -> None:
        said = _said(event)
        self._calls["pick"](_text(said, "id"), said.get("open") is True, said.get("enter") is True)

    def _move(self, event: GenericEventArguments) -> None:
        said = _said(event)
        if (to := _place(said, "to")) is not None:
            self._calls["move"](_text(said, "id"), to)

    def _put(self, event: GenericEventArguments) -> None:
        said = _said(event)
        if (at := _place(said, "at")) is not None:
            self._calls["put"](said, at)

    def _deed(self, event: GenericEventArguments) -> None:
        said = _said(event)
        self._calls["deed"](_text(said, "deed"), _text(said, "id"))

    def _gap(self, event: GenericEventArguments) -> None:
        if (at := _place(_said(event), "at")) is not None:
            self._calls["gap"](at)


def _said(event: GenericEventArguments) -> dict[str, Any]:
    return event.args if isinstance(event.args, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    return found[:100] if isinstance(found, str) else ""


def _place(said: dict[str, Any], name: str) -> int | None:
    found = said.get(name)
    return found if type(found) is int and 0 <= found < 10_000 else None
