"""Turns an intent into a change of the journey's parts; draws nothing by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Fix
from ...nodes.registry import node_types
from ...nodes.sending import medium_of
from . import beginnings, contents, intents, parts
from .clipboard import Clip
from .history import Change
from .intents import Refused
from .parts import Content
from .plain import plain
from .sketch import WIDE, Sketch
from .views import NOTE_SIZE, has_input, ports_of, title_of

_NAMED = {
    "title": "The title", "description": "The description", "message_type": "The kind of message", "topic": "The topic",
    "review_by": "The day to look at it again",
}  # fmt: skip
TALL = 144  # of a card with two ways out
STEP_ASIDE = 48  # pixels a copy stands beside what it was copied from


class Pencil(Sketch):
    """Draws one intent before one state."""

    def draw(self, intent: Any) -> Change:
        """The change that ``intent`` asks for. Raises `Refused`."""
        how: Callable[[Any], None] = {
            intents.Add: self._add,
            intents.Move: self._move,
            intents.Connect: self._connect,
            intents.Disconnect: self._disconnect,
            intents.Configure: self._configure,
            intents.Delete: self._delete,
            intents.Duplicate: self._duplicate,
            intents.Note: self._note,
            intents.AboutJourney: self._about,
        }[type(intent)]
        how(intent)
        return self.change

    # ── steps ─────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, intent: intents.Add) -> None:
        type_ = node_types().get(intent.kind)
        if type_ is None:
            raise Refused(f"There is no step of the kind {intent.kind!r} here.")
        self._room_for(1)
        self.change.label = f"Add {type_.face.label}"
        key = self._fresh(intent.kind, intent.as_)
        settings = beginnings.settings_of(type_)
        if begun := contents.begun_by(type_):
            setting, medium = begun
            settings[setting] = name = beginnings.free_name(contents.stem(medium), self._letters())
            self._set(("letter", name), contents.fresh(medium))
        self._set(("step", key), {"kind": intent.kind, "settings": settings})
        self._set(("at", key), (intent.x, intent.y))
        trigger = intent.kind.startswith("trigger_")
        if trigger and (intent.from_ or intent.on_edge):
            raise Refused("Nothing can lead into a trigger.")
        if intent.from_ is not None:
            self._free_port(intent.from_.node, intent.from_.port)
            self._set(("edge", intent.from_.node, intent.from_.port), key)
        if intent.on_edge is not None:
            source, port = self._edge(intent.on_edge)
            ways = type_.sketched_ports(settings)
            if not ways:
                raise Refused(f"A path ends at “{type_.face.label}”; it cannot stand between two steps.")
            self._set(("edge", key, ways[0].name), self._now(("edge", source, port)))
            self._set(("edge", source, port), key)
        self.select = [key]

    def _move(self, intent: intents.Move) -> None:
        self.change.label = plain("The name of this step back", intent.label) or "Move"
        notes = self.content.get("notes", {})
        for key, (x, y) in intent.moves.items():
            if key in self.content["nodes"]:
                self._set(("at", key), (round(x, 2), round(y, 2)))
            elif key in notes:
                self._set(("note", key), {**notes[key], "at": [round(x, 2), round(y, 2)]})
            else:
                raise Refused("A step that was to be moved is no longer there.")

    def _connect(self, intent: intents.Connect) -> None:
        self.change.label = "Connect"
        self._free_port(intent.source, intent.port)
        self._known(intent.target)
        if intent.source == intent.target:
            raise Refused("A step cannot lead to itself. To come back later, use a jump.")
        if not has_input(self.content, self.graph, intent.target):
            raise Refused("Nothing can lead into a trigger.")
        self._set(("edge", intent.source, intent.port), intent.target)

    def _disconnect(self, intent: intents.Disconnect) -> None:
        self.change.label = "Disconnect"
        for edge in intent.edges:
            self._set(("edge", *self._edge(edge)), None)

    def _configure(self, intent: intents.Configure) -> None:
        key = intent.node
        self._known(key)
        self.change.label = f"Edit {title_of(self.content, self.graph, key)}"
        step = self._now(("step", key))
        if intent.title is not None:
            title = plain("The title", intent.title, step.get("title"))
            step = {key: value for key, value in step.items() if key != "title"}
            if title:
                step["title"] = title
        if intent.settings is not None:
            type_ = node_types().get(step.get("kind", ""))
            if type_ is None:
                raise Refused("This step is of a kind that is not installed here; it cannot be changed.")
            fields = type_.Settings.model_fields
            known = {field.alias or name for name, field in fields.items()} | set(fields)
            for name in intent.settings:
                if name not in known:
                    raise Refused(f"“{type_.face.label}” has no setting called {name[:80]!r}.")
            step = {**step, "settings": intent.settings}
        self._set(("step", key), step)
        if intent.settings is not None:
            self._carry_edges(key, step)

    def _carry_edges(self, key: str, step: Mapping[str, Any]) -> None:
        """A way out that was renamed keeps its edge; one that is gone takes its edge along."""
        entry = {**self.content["nodes"][key], **step}
        after = JourneyGraph({"nodes": {key: {**entry, "next": {}}}})
        if key not in after.nodes:
            return  # settings half written: the ways out are not known yet
        before = [port.name for port in ports_of(self.content, self.graph, key)]
        now = [port.name for port in after.nodes[key].ports()]
        new = [name for name in now if name not in before]
        for port, target in self.graph.exits(key).items():
            if port in now:
                continue
            place = before.index(port)
            self._set(("edge", key, port), None)
            if len(now) == len(before) and now[place] in new:
                self._set(("edge", key, now[place]), target)

    def _delete(self, intent: intents.Delete) -> None:
        gone = {key for key in intent.nodes if key in self.content["nodes"]}
        notes = [key for key in intent.notes if key in self.content.get("notes", {})]
        cut = [parts.split_edge(edge) for edge in intent.edges]
        lines = parts.edges(self.content)
        cut = [edge for edge in cut if edge in lines]
        if not (gone or notes or cut):
            raise Refused("This is no longer there.")
        self.change.label = _deleting([title_of(self.content, self.graph, key) for key in gone], len(notes), len(cut))
        for edge in cut:
            self._set(("edge", *edge), None)
            lines.pop(edge)
        for (source, port), target in lines.items():
            if source in gone:
                self._set(("edge", source, port), None)
            elif target in gone:
                self._set(("edge", source, port), _behind(target, gone, self.content))
        for key in gone:
            self._drop_begun_letters(key, gone)
            self._set(("at", key), None)
            self._set(("step", key), None)
        for key in notes:
            self._set(("note", key), None)

    def _drop_begun_letters(self, key: str, gone: Iterable[str]) -> None:
        """A message nobody has written a word of goes with the only step that sends it."""
        node = self.graph.nodes.get(key)
        for name in node.contents() if node else ():
            others = (other for key, other in self.graph.nodes.items() if key not in gone)
            letter = self._letters().get(name)
            begun = letter is not None and contents.untouched(letter, medium_of(letter))
            if begun and all(name not in other.contents() for other in others):
                self._set(("letter", name), None)

    # ── copies ────────────────────────────────────────────────────────────────────────────────────────

    def _duplicate(self, intent: intents.Duplicate) -> None:
        ids = [key for key in intent.nodes if key in self.content["nodes"]]
        if not ids:
            raise Refused("This is no longer there.")
        clip = Clip.of(self.content, ids, self.places)
        left, top = clip.corner
        self.paste(clip, left + STEP_ASIDE, top + STEP_ASIDE)
        self.change.label = "Duplicate"

    def paste(self, clip: Clip, x: float, y: float) -> Change:
        """Put copied steps down with their upper left corner at (x, y), under ids and letter names of their own."""
        self._room_for(len(clip.steps))
        self.change.label = "Paste"
        left, top = clip.corner
        xs, ys = [at[0] for at in clip.places.values()], [at[1] for at in clip.places.values()]
        y = self._free_below(x, y, max(xs) - left + WIDE, max(ys) - top + TALL)
        ids = {old: self._fresh(str(step.get("kind", "step"))) for old, step in clip.steps.items()}
        letters = {}
        for old, letter in clip.letters.items():
            letters[old] = beginnings.free_name(old.rstrip("0123456789").rstrip("-") or "letter", self._letters())
            self._set(("letter", letters[old]), letter)
        for old, step in clip.steps.items():
            key = ids[old]
            settings = _renamed(contents.renamed(step.get("settings") or {}, letters), ids)
            self._set(("step", key), {**step, "settings": settings})
            place = clip.places[old]
            self._set(("at", key), (place[0] - left + x, place[1] - top + y))
        for (source, port), target in clip.edges.items():
            self._set(("edge", ids[source], port), ids[target])
        self.select = list(ids.values())
        return self.change

    # ── notes and the journey's own words ─────────────────────────────────────────────────────────────

    def _note(self, intent: intents.Note) -> None:
        notes = self.content.get("notes", {})
        if intent.id is None and len(notes) >= 500:
            raise Refused("A journey holds 500 notes at most.")
        if intent.id is not None and intent.id not in notes:
            raise Refused("This note is no longer there.")
        wanted = intent.as_ if intent.as_ not in notes else None
        key = intent.id or wanted or f"note-{secrets.token_hex(4)}"
        old = notes.get(key, {})
        at, size = old.get("at") or [0, 0], old.get("size") or list(NOTE_SIZE)
        text = str(old.get("text", ""))
        note = {
            "text": text if intent.text is None else plain("The note", intent.text, text, lines=True),
            "at": [at[0] if intent.x is None else intent.x, at[1] if intent.y is None else intent.y],
            "size": [size[0] if intent.w is None else intent.w, size[1] if intent.h is None else intent.h],
        }
        self.change.label = "Edit note" if intent.id else "Add note"
        self._set(("note", key), note)
        self.select = [key]

    def _about(self, intent: intents.AboutJourney) -> None:
        self.change.label = "Edit letters" if intent.letters else "Edit journey"
        for name in parts.WORDS:
            value = getattr(intent, name)
            if value is not None:
                plain(_NAMED[name], value, self.content.get(name), lines=name == "description")
                self._set(("field", name), value or (None if name in ("topic", "review_by") else value))
        if intent.priority is not None:
            said = intent.priority.model_dump(by_alias=True, exclude_none=True)
            self._set(("field", "priority"), None if said == {"weight": 50} else said)
        for name, letter in intent.letters.items():
            if letter is None and name not in self._letters():
                raise Refused(f"There is no letter called {name!r}.")
            self._set(("letter", name), None if letter is None else letter.model_dump(exclude_none=True))

    # ── fixes ─────────────────────────────────────────────────────────────────────────────────────────

    def mend(self, fix: Fix) -> Change:
        """Carry out the safe fix of a problem."""
        self.change.label = fix.words
        if fix.what == "end_here" and fix.node and fix.port:
            at = self.places.get(fix.node) or self._now(("at", fix.node)) or (0, 0)
            below = [port.name for port in ports_of(self.content, self.graph, fix.node)].index(fix.port)
            way = intents.Way(node=fix.node, port=fix.port)
            spot = {"x": at[0] + 372, "y": at[1] + 140 * below}
            self._add(intents.Add.model_validate({"op": "add", "kind": "exit", "from": way, **spot}))
            self.change.label = fix.words
        elif fix.what == "cut" and fix.node and fix.port:
            self._set(("edge", fix.node, fix.port), None)
        elif fix.what == "drop_letter" and fix.name:
            self._set(("letter", fix.name), None)
        elif fix.what == "topic" and fix.name:
            self._set(("field", "topic"), fix.name)
        return self.change


def _behind(key: str, gone: set[str], content: Content) -> str | None:
    """Where a path goes on when these steps are taken out of it: past steps with just one way on."""
    while key in gone:
        ways = list((content["nodes"].get(key, {}).get("next") or {}).values())
        if len(ways) != 1:
            return None
        key = ways[0]
    return key if key in content["nodes"] else None


def _deleting(titles: list[str], notes: int, edges: int) -> str:
    if titles:
        return f"Delete {titles[0]}" if len(titles) == 1 else f"Delete {len(titles)} steps"
    return "Delete note" if notes else ("Disconnect" if edges else "Delete")


def _renamed(value: Any, ids: Mapping[str, str], key: str = "") -> Any:
    """Settings whose mentions of copied steps mean the copies."""
    if isinstance(value, dict):
        return {name: _renamed(each, ids, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, ids, key) for each in value]
    return ids.get(value, value) if isinstance(value, str) and key in ("step", "node", "to") else value
