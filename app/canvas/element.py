"""The canvas as a NiceGUI element: what the browser says comes in as callbacks, what it draws goes out by methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...nodes.node import GROUPS, Node
from ...nodes.registry import node_types
from . import beginnings
from .heard import Wish

Hello = Callable[[int], Any]
Intent = Callable[[Wish, dict[str, Any]], Any]
Picked = Callable[[list[str], list[str], bool], Any]
_PAGE = re.compile(r"[0-9a-z]{8,32}")


class JourneyCanvas(Element, component="../../assets/canvas/dist/journey_canvas.*.js"):
    """Draws one journey. The journey itself never goes through props: it is sent by `load` and `patch`.

    ``on_hello(revision)``: the browser is there, or missed a patch; answer with `load`.
    ``on_intent(wish, intent)``: somebody wants a change; answer with `ack`. It may come twice after a gap in the line.
    ``on_back()``: there was no line for a while; what was typed into forms meanwhile did not get here.
    ``on_picked(nodes, edges, open)``: what is picked now; ``open`` asks for the inspector (Enter, double click).
    """

    def __init__(
        self,
        journey: str,
        *,
        on_hello: Hello,
        on_intent: Intent,
        on_picked: Picked,
        readonly: bool = False,
        on_back: Callable[[], Any] = lambda: None,
        person: str = "",
        bar: str = "",
    ) -> None:
        """``person`` parts what two people left unsent in one browser; into the element of this id ``bar`` go the
        title and whether it is saved."""
        super().__init__()
        self._on_hello, self._on_intent, self._on_picked = on_hello, on_intent, on_picked
        self._on_back = on_back
        self._readonly = readonly
        self._props["catalog"] = catalog()
        self._props["journey"] = journey
        self._props["readonly"] = readonly
        self._props["person"] = person
        self._props["bar"] = bar
        # A listener added after the first drawing would make NiceGUI mount the whole canvas again.
        self.on("hello", self._hello)
        self.on("intent", self._intent)
        self.on("picked", self._picked)
        self.on("beat", self._beat)

    # ── down ──────────────────────────────────────────────────────────────────────────────────────────

    def load(self, everything: Mapping[str, Any]) -> None:
        """Draw this journey: rev, nodes, edges, notes, kpis, people, undo, redo, readonly, saved."""
        self.run_method("load", everything)

    def patch(self, changes: Mapping[str, Any]) -> None:
        """What changed since the revision before: rev, up, del, undo, redo, saved."""
        self.run_method("patch", changes)

    def ack(self, answer: Mapping[str, Any]) -> None:
        """The answer to an intent: seq, ok, rev, and an error in words or what to select."""
        self.run_method("ack", answer)

    def kpis(self, counts: Mapping[str, Any]) -> None:
        """Live counts of the nodes and edges whose counts changed."""
        self.run_method("kpis", counts)

    def people(self, others: Sequence[Mapping[str, Any]]) -> None:
        """Who else is here and what they have picked."""
        self.run_method("people", others)

    def overlay(self, marks: Mapping[str, Any] | None) -> None:
        """Lay marks over the drawing (a difference, a path that was walked); None takes them away."""
        self.run_method("overlay", marks)

    def saved(self, yes: bool, failed: bool = False) -> None:
        """Whether the draft is stored, or could not be; a patch says so too."""
        self.run_method("saved", yes, failed)

    def focus(self, node: str) -> None:
        """Move the view to this node and pick it."""
        self.run_method("focus", node)

    # ── up: whatever a browser may send, only what has the right form gets on ────────────────────────

    def _hello(self, event: GenericEventArguments) -> None:
        rev = event.args.get("rev") if isinstance(event.args, dict) else None
        self._on_hello(rev if isinstance(rev, int) else -1)
        if isinstance(event.args, dict) and event.args.get("back") is True:
            self._on_back()

    def _intent(self, event: GenericEventArguments) -> None:
        said = event.args if isinstance(event.args, dict) else {}
        page, intent = said.get("page"), said.get("intent")
        seq, oldest = _count(said.get("seq")), _count(said.get("oldest"))
        if seq and isinstance(page, str) and _PAGE.fullmatch(page) and isinstance(intent, dict):
            self._on_intent(Wish(page, seq, oldest), intent)

    def _beat(self, event: GenericEventArguments) -> None:
        """Is anybody there? Yes."""
        self.run_method("beat")

    def _picked(self, event: GenericEventArguments) -> None:
        said = event.args if isinstance(event.args, dict) else {}
        self._on_picked(_ids(said.get("nodes")), _ids(said.get("edges")), said.get("open") is True)


@cache
def catalog() -> list[dict[str, Any]]:
    """The palette: every kind with its face, in the order of the groups."""
    types = sorted(node_types().values(), key=lambda type_: (_place(type_), type_.face.label))
    return [_entry(type_) for type_ in types]


def _place(type_: type[Node]) -> int:
    return GROUPS.index(type_.face.group) if type_.face.group in GROUPS else len(GROUPS)


def _entry(type_: type[Node]) -> dict[str, Any]:
    face = type_.face
    sample = type_("sample", type_.example)
    return {
        "kind": type_.kind,
        "label": face.label,
        "icon": face.icon,
        "group": face.group,
        "help": face.help,
        "has_input": sample.entry() is None,
        "has_output": bool(sample.ports()),
        "ports": [
            {"name": port.name, "label": port.label, "optional": port.optional}
            for port in type_.sketched_ports(beginnings.settings_of(type_))
        ],
    }


def _ids(given: Any) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _count(given: Any) -> int:
    return given if type(given) is int and 0 < given < 2**53 else 0
