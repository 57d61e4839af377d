"""A journey that is open on canvases: every intent goes through here, and everybody hears of what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from . import intents, parts
from .clipboard import Clip, Clipboard
from .document import Document
from .dressing import Kit, dress
from .heard import AGAIN, GAP, Wish
from .history import Change, Part
from .intents import Refused
from .parts import Content
from .pencil import Pencil
from .saving import Draft
from .viewer import COLOURS, Viewer
from .ways_back import DONE, WaysBack

__all__ = ["Ack", "Room", "Viewer"]

NO_RIGHT = "Your role may look at this journey but not change it."
MERGED = (intents.Configure, intents.Move, intents.Note, intents.AboutJourney)

log = logging.getLogger("sojourn.canvas")


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to an intent: whether it was carried out, and if not, why in a sentence."""

    ok: bool
    rev: int
    error: str | None = None
    select: tuple[str, ...] = ()

    def data(self, seq: int) -> dict[str, Any]:
        """As it is sent down."""
        answer: dict[str, Any] = {"seq": seq, "ok": self.ok, "rev": self.rev}
        if self.error is not None:
            answer["error"] = self.error
        if self.select:
            answer["select"] = list(self.select)
        return answer


class Room:
    """One open journey. An intent is applied in one go on the event loop, so nothing comes in between."""

    def __init__(self, draft: Draft, content: Mapping[str, Any], used: Iterable[str], clipboard: Clipboard) -> None:
        self.name = draft.name
        self.draft = draft
        draft.tell = self._tell_saved
        self.clipboard = clipboard
        self.kit: Kit | None = None
        self.document = Document.read(content)
        self.stored: Mapping[str, Any] = content  # the draft as the store has it, once it is saved
        self.revision = 1
        self.viewers: list[Viewer] = []
        self.counts: dict[str, dict[str, Any]] = {"nodes": {}, "edges": {}}
        self._used = {*used, *self.content["nodes"]}
        self._back = WaysBack()
        self._listeners: list[Callable[[frozenset[str]], Any]] = []

    @property
    def content(self) -> Content:
        """The journey as it is now. Never changed in place: keep it as long as you like."""
        return self.document.content

    @property
    def graph(self) -> JourneyGraph:
        """The same as a graph."""
        return self.document.graph

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with it, errors first."""
        return self.document.problems

    # ── people ────────────────────────────────────────────────────────────────────────────────────────

    def join(self, viewer: Viewer) -> None:
        """Somebody opens a canvas; it gets everything once its browser says hello."""
        others = [other for other in self.viewers if other.person.id != viewer.person.id]
        taken = {other.colour for other in others}
        mine = [other.colour for other in self.viewers if other not in others]
        viewer.colour = next((colour for colour in (*mine, *COLOURS) if colour not in taken), COLOURS[0])
        self.viewers.append(viewer)
        self._tell_people()

    def leave(self, viewer: Viewer) -> None:
        """A canvas is gone. What waits to be saved is saved now."""
        if viewer in self.viewers:
            self.viewers.remove(viewer)
            self._tell_people()
            self.draft.hurry()

    def hello(self, viewer: Viewer, rev: int = -1) -> None:
        """A browser is there, or has missed something: send it everything."""
        viewer.send("load", self.snapshot(viewer))

    def pick(self, viewer: Viewer, ids: Sequence[str]) -> None:
        """What somebody has picked, for the others to see."""
        notes = self.content.get("notes", {})
        viewer.picked = [key for key in ids[:500] if key in self.content["nodes"] or key in notes]
        self._tell_people()

    def also_at(self, node: str, viewer: Viewer) -> list[str]:
        """The names of everybody else who has picked this step."""
        here = (other for other in self.viewers if node in other.picked and other.person.id != viewer.person.id)
        return list({other.person.id: other.name for other in here}.values())

    def snapshot(self, viewer: Viewer) -> dict[str, Any]:
        """Everything a canvas draws, as `load` sends it."""
        return {
            "rev": self.revision,
            **self.document.views(),
            "title": self.document.title,
            "kpis": self.counts,
            "people": self._others(viewer),
            "readonly": not viewer.may_edit,
            "saved": self.draft.saved,
            **self.ways_back(viewer),
        }

    def on_change(self, callback: Callable[[frozenset[str]], Any]) -> Callable[[], None]:
        """Call ``callback(ids)`` after every change; returns what ends it. See `Desk.on_change` for the ids."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    # ── changes ───────────────────────────────────────────────────────────────────────────────────────

    def submit(self, viewer: Viewer, intent: Any) -> Ack:
        """Carry out one intent, or refuse it with a sentence. Nothing is ever half done."""
        try:
            if viewer not in self.viewers or not viewer.may_edit:
                raise Refused(NO_RIGHT)
            select = self._carry_out(viewer, intents.read(intent))
        except Refused as refusal:
            log.info("%s: %s was refused: %s", self.name, viewer.person.email, refusal)
            if isinstance(intent, dict) and intent.get("op") == "copy":
                self.clipboard.drop(viewer.person.id)
            return Ack(False, self.revision, str(refusal))
        except Exception:
            log.exception("%s: an intent of %s failed", self.name, viewer.person.email)
            return Ack(False, self.revision, "Something went wrong here; nothing was changed.")
        return Ack(True, self.revision, select=tuple(select))

    def once(self, viewer: Viewer, wish: Wish, intent: Any) -> dict[str, Any] | None:
        """Carry out what a browser asks for, once however often it asks; None where one before it got lost."""
        heard, person = self.draft.heard, viewer.person.id
        place = heard.place(person, wish)
        if place == GAP:
            return None
        if place == AGAIN:
            ack = heard.answer(person, wish) or Ack(True, self.revision)
        else:
            ack = self.submit(viewer, intent)
            heard.note(person, wish, ack)
        return {**ack.data(wish.seq), "page": wish.page}

    def replace(self, viewer: Viewer, content: Mapping[str, Any], label: str) -> Ack:
        """Put another content in place of the whole journey, as one step that can be taken back."""
        if viewer not in self.viewers or not viewer.may_edit:
            return Ack(False, self.revision, NO_RIGHT)
        wanted = {**parts.readable(content), "name": self.name}
        change = Change(label)
        before, after = parts.all_parts(self.content), parts.all_parts(wanted)
        for part in {**before, **after}:
            change.set(part, before.get(part), after.get(part))
        try:
            self._make(viewer, change, may_join=False)
        except Refused as refusal:
            return Ack(False, self.revision, str(refusal))
        self._used |= wanted["nodes"].keys()
        return Ack(True, self.revision)

    def start_over(self, content: Mapping[str, Any]) -> None:
        """The draft was changed by somebody else's hand (a command, another process): show that."""
        self.document = Document.read(content)
        self.stored = content
        self._used |= self.content["nodes"].keys()
        self._back.clear()
        self.revision += 1
        for viewer in self.viewers:
            self.hello(viewer)
        self._tell_listeners(frozenset({"journey", *self.content["nodes"]}))

    def _carry_out(self, viewer: Viewer, intent: Any) -> list[str]:
        match intent:
            case intents.Undo():
                return self._go_back(viewer, forward=False)
            case intents.Redo():
                return self._go_back(viewer, forward=True)
            case intents.Copy():
                ids = [key for key in intent.nodes if key in self.content["nodes"]]
                if not ids:
                    raise Refused("There is nothing here to copy.")
                self.clipboard.put(viewer.person.id, Clip.of(self.content, ids, self.document.loose))
                return []
        pencil = Pencil(self.content, self.graph, self._used, self.document.loose)
        if isinstance(intent, intents.Paste):
            clip = self.clipboard.get(viewer.person.id)
            if clip is None:
                raise Refused("You have not copied anything yet.")
            change = pencil.paste(clip, intent.x, intent.y)
        elif isinstance(intent, intents.Mend):
            change = pencil.mend(self.document.fix_of(intent.node, intent.problem))
        else:
            change = pencil.draw(intent)
        self._make(viewer, change, may_join=isinstance(intent, MERGED))
        return pencil.select

    def _make(self, viewer: Viewer, change: Change, may_join: bool) -> None:
        dress(change, self.kit)
        if not change.parts:
            return
        self._write(viewer, change.values(forward=True))
        self._back.keep(viewer.person.id, change, may_join)
        self._tell_change(change.parts)

    def _go_back(self, viewer: Viewer, forward: bool) -> list[str]:
        change = self._back.next(viewer.person.id, forward, self.document)
        try:
            self._write(viewer, change.values(forward))
        except Refused as refusal:
            raise Refused(f"“{change.label}” cannot be {DONE[forward]}. {refusal}") from None
        self._back.went(viewer.person.id, forward)
        self._tell_change(change.parts)
        return [part[1] for part, value in change.values(forward).items() if part[0] == "step" and value is not None]

    def _write(self, viewer: Viewer, values: Mapping[Part, Any]) -> None:
        self._before = self.document
        self.document = self.document.after(values)
        self.revision += 1
        self._back.touched(values, viewer.name)
        self.stored = self.content
        self.draft.keep(self.content, viewer.person.email)

    # ── telling ───────────────────────────────────────────────────────────────────────────────────────

    def show_counts(self, changed: Mapping[str, Any]) -> None:
        """New counts of some steps and edges, for everybody."""
        for part, counts in changed.items():
            self.counts[part] = {**self.counts[part], **counts}
        for viewer in self.viewers:
            viewer.send("kpis", changed)

    def found_out(self, beyond: Sequence[Problem]) -> None:
        """What is wrong that no drawing tells, such as events that never came; shown like all the rest."""
        if tuple(beyond) == self.document.beyond:
            return
        self._before = self.document
        self.document = self.document.knowing(beyond)
        self.revision += 1
        self._tell_change({}, {problem.node for problem in (*beyond, *self._before.beyond) if problem.node})

    def _tell_change(self, touched: Mapping[Part, Any], also: Iterable[str] = ()) -> None:
        up, gone = self.document.difference(self._before, touched)
        for viewer in list(self.viewers):
            viewer.send("patch", {**self._patch(viewer), "up": up, "del": gone})
        ids = {part[1] for part in touched if part[0] in ("step", "at", "edge", "note")}
        ids |= {f"letter:{part[1]}" for part in touched if part[0] == "letter"}
        ids |= {"journey" for part in touched if part[0] == "field"}
        self._tell_listeners(frozenset(ids.union(also)))

    def _tell_listeners(self, ids: frozenset[str]) -> None:
        for callback in list(self._listeners):
            try:
                callback(ids)
            except Exception:
                log.exception("%s: a panel did not take a change", self.name)

    def _tell_saved(self) -> None:
        for viewer in list(self.viewers):
            viewer.saved(self.draft)

    def _tell_people(self) -> None:
        for viewer in list(self.viewers):
            viewer.send("people", self._others(viewer))
            viewer.met(self.viewers)

    def _others(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Everybody else. One's own other tabs are oneself, not company."""
        return [other.seen() for other in self.viewers if other.person.id != viewer.person.id]

    def _patch(self, viewer: Viewer) -> dict[str, Any]:
        title = self.document.title
        return {"rev": self.revision, "title": title, "saved": self.draft.saved, **self.ways_back(viewer)}

    def ways_back(self, viewer: Viewer) -> dict[str, bool]:
        """Whether this person has anything to undo, and to do again."""
        return self._back.open_to(viewer.person.id)
