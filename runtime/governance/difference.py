"""What two contents of a journey have that is not the same: as data, in sentences, and as marks on the canvas."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ...nodes.graph import JourneyGraph
from ..policy.standing import CLASS_WORDS, class_of
from .letter_words import WRITTEN, told
from .wording import NOTHING, SHORT, entries, kind_of, name_of, port_of, settings_of, short, words, written

What = Literal["added", "removed", "changed"]
Content = Mapping[str, Any]

AROUND = 2  # unchanged lines around a changed one
MOST_LINES = 400  # of one text
ABOUT = {
    "title": "Title",
    "description": "Description",
    "message_type": "Kind of messages",
    "topic": "Topic",
    "priority": "Priority",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is not as it was, in words; ``lines`` are a line diff of a longer text, each with " ", - or +."""

    name: str
    before: str
    after: str
    lines: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Before and after in one sentence."""
        if self.lines:
            added = sum(line.startswith("+") for line in self.lines)
            gone = sum(line.startswith("-") for line in self.lines)
            return f"{self.name}: {added} {_lines(added)} added, {gone} removed."
        if self.before == NOTHING:
            return f"{self.name}: {short(self.after)}."
        return f"{self.name}: {short(self.before)} → {short(self.after)}."


@dataclass(frozen=True, slots=True)
class Change:
    """One step, way, letter or note, or something about the journey itself."""

    what: What
    kind: Literal["journey", "step", "way", "letter", "note"]
    id: str  # of the step, ``step:port`` of a way, the letter's name; of the journey the field
    title: str
    sentence: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Difference:
    """From ``before`` to ``after``. Where steps merely stand elsewhere, ``moved`` counts them and nothing else does."""

    before: Content
    after: Content
    changes: tuple[Change, ...]
    moved: int

    def __bool__(self) -> bool:
        return bool(self.changes or self.moved)

    @cached_property
    def sentences(self) -> list[str]:
        """Everything in words, a detail a sentence."""
        said = [line for change in self.changes for line in (change.sentence, *(d.sentence for d in change.details))]
        if self.moved:
            said.append(_moved(self.moved))
        return said

    @property
    def summary(self) -> str:
        """The whole in one line."""
        counts: dict[tuple[str, str], int] = {}
        for change in self.changes:
            kind = "step" if change.kind == "way" else change.kind
            counts[kind, change.what] = counts.get((kind, change.what), 0) + (change.kind != "way")
        parts = [
            f"{n} {kind}{'s' if n != 1 else ''} {what}"
            for (kind, what), n in counts.items()
            if n and kind in ("step", "letter", "note")
        ]
        ways = sum(change.kind == "way" for change in self.changes)
        parts += [f"{ways} {'way' if ways == 1 else 'ways'} redrawn"] if ways else []
        parts += [change.title.lower() + " changed" for change in self.changes if change.kind == "journey"]
        if not parts and self.moved:
            return _moved(self.moved)
        return (", ".join(parts)[:1].upper() + ", ".join(parts)[1:] + ".") if parts else "No difference."

    def overlay(self, ghosts: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Marks for a canvas that shows ``after``; ``ghosts`` are the removed steps as the canvas draws them."""
        nodes = {change.id: change.what for change in self.changes if change.kind == "step"}
        edges = {change.id: change.what for change in self.changes if change.kind == "way"}
        notes = {
            change.id: " ".join(detail.sentence for detail in change.details)
            for change in self.changes
            if change.kind == "step" and change.what == "changed"  # what a new one says stands on its card
        }
        return {"nodes": nodes, "edges": edges, "ghosts": list(ghosts), "notes": notes}

    @property
    def removed_steps(self) -> list[str]:
        """Ids of steps only ``before`` has."""
        return [change.id for change in self.changes if change.kind == "step" and change.what == "removed"]


def difference(before: Content, after: Content) -> Difference:
    """Compare two contents, whatever state they are in. Neither is changed."""
    old, new = JourneyGraph(before), JourneyGraph(after)
    changes = [*_about(before, after), *_steps(old, new), *_ways(old, new), *_letters(before, after)]
    changes += _notes(before, after)
    return Difference(before, after, tuple(changes), _standing_elsewhere(before, after))


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────────


def _about(before: Content, after: Content) -> Iterator[Change]:
    others = sorted((before.keys() | after.keys()) - ABOUT.keys() - {"name", "nodes", "letters", "notes"})
    for key in (*ABOUT, *others):
        was, now = (_standing(part) if key == "priority" else part.get(key) or "" for part in (before, after))
        if was != now:
            title = ABOUT.get(key) or name_of(key)
            detail = _text(title, words(was) if was else "", words(now) if now else "")
            yield Change("changed", "journey", key, title, f"{title} of the journey changed.", (detail,))


def _steps(old: JourneyGraph, new: JourneyGraph) -> Iterator[Change]:
    was, now = entries(old.content, "nodes"), entries(new.content, "nodes")
    for step in sorted(now.keys() - was.keys()):
        title = new.title_of(step)
        settings = settings_of(new, step)
        details = tuple(Detail(name, NOTHING, value) for name, value in settings.items() if value != NOTHING)
        yield Change("added", "step", step, title, f"“{title}” ({kind_of(now[step])}) was added.", details)
    for step in sorted(was.keys() - now.keys()):
        title = old.title_of(step)
        yield Change("removed", "step", step, title, f"“{title}” ({kind_of(was[step])}) was removed.")
    for step in sorted(was.keys() & now.keys()):
        details = tuple(_step(old, new, step))
        if details:
            title = new.title_of(step)
            yield Change("changed", "step", step, title, f"“{title}” was changed.", details)


def _step(old: JourneyGraph, new: JourneyGraph, step: str) -> Iterator[Detail]:
    was, now = entries(old.content, "nodes")[step], entries(new.content, "nodes")[step]
    if was.get("kind") != now.get("kind"):
        yield Detail("Kind of step", kind_of(was), kind_of(now))
    if (was.get("title") or "") != (now.get("title") or ""):
        yield Detail("Title", str(was.get("title") or NOTHING), str(now.get("title") or NOTHING))
    if (was.get("settings") or {}) != (now.get("settings") or {}):
        before, after = settings_of(old, step), settings_of(new, step)
        if before == after:  # the words are the same and the settings are not: say it as it is written
            before, after = ({"As written": written(entry.get("settings"))} for entry in (was, now))
        for name in [*after, *(before.keys() - after.keys())]:
            if before.get(name) != after.get(name):
                yield Detail(name, before.get(name, NOTHING), after.get(name, NOTHING))
    for key in sorted((was.keys() | now.keys()) - {"kind", "title", "settings", "next", "at"}):
        if was.get(key) != now.get(key):
            yield Detail(name_of(key), words(was.get(key)), words(now.get(key)))


def _ways(old: JourneyGraph, new: JourneyGraph) -> Iterator[Change]:
    was = {(step, port): to for step in old.ids for port, to in old.exits(step).items()}
    now = {(step, port): to for step in new.ids for port, to in new.exits(step).items()}
    for step, port in sorted(was.keys() | now.keys()):
        before, after = was.get((step, port)), now.get((step, port))
        if before == after or step not in new.ids:  # a step that is gone takes its ways along
            continue
        graph = new if after else old
        title = f"{graph.title_of(step)}{port_of(graph, step, port)}"
        leads = new.title_of(after) if after else NOTHING
        led = old.title_of(before) if before else NOTHING
        key = f"{step}:{port}"
        if before is None:
            yield Change("added", "way", key, title, f"“{title}” leads to “{leads}” now.")
        elif after is None:
            yield Change("removed", "way", key, title, f"“{title}” no longer leads to “{led}”.")
        else:
            yield Change("changed", "way", key, title, f"“{title}” leads to “{leads}” instead of “{led}”.")


def _letters(before: Content, after: Content) -> Iterator[Change]:
    was, now = entries(before, "letters"), entries(after, "letters")
    for name in sorted(was.keys() | now.keys()):
        old, new = was.get(name), now.get(name)
        if new is None:
            yield Change("removed", "letter", name, name, f"The letter “{name}” was removed.")
            continue
        details = tuple(_text(*each) for each in _letter(old or {}, new))
        if old is None:
            yield Change("added", "letter", name, name, f"The letter “{name}” was added.", details)
        elif details:
            yield Change("changed", "letter", name, name, f"The letter “{name}” was changed.", details)


def _letter(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, title in WRITTEN.items():
        before, after = (str(each.get(key) or "") for each in (old, new))
        if before != after:
            yield title, before, after
    yield from told(old, new)


def _notes(before: Content, after: Content) -> Iterator[Change]:
    was, now = entries(before, "notes"), entries(after, "notes")
    for step in sorted(was.keys() | now.keys()):
        old, new = (str(part[step].get("text") or "") if step in part else None for part in (was, now))
        if old == new:
            continue
        what: What = "added" if old is None else "removed" if new is None else "changed"
        yield Change(what, "note", step, "Note", f"A note was {what}.", (_text("Text", old or "", new or ""),))


def _standing_elsewhere(before: Content, after: Content) -> int:
    was, now = entries(before, "nodes"), entries(after, "nodes")
    return sum(was[step].get("at") != now[step].get("at") for step in was.keys() & now.keys())


def _standing(content: Content) -> str:
    """The priority that was chosen, in words; nothing where it follows from how people come in."""
    if not content.get("priority"):
        return ""
    chosen, weight, _ = class_of(content)
    return f"{CLASS_WORDS[chosen]}, weight {weight}"


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────


def _text(name: str, before: str, after: str) -> Detail:
    if max(len(before), len(after)) <= SHORT and "\n" not in before + after:
        return Detail(name, before or NOTHING, after or NOTHING)
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=AROUND)
    lines = [line for line in found if not line.startswith(("---", "+++"))]
    lines = [" …" if line.startswith("@@") else line for line in lines]
    more = len(lines) - MOST_LINES
    kept = (*lines[:MOST_LINES], f" … and {more} more lines") if more > 0 else tuple(lines)
    return Detail(name, before, after, kept[1:] if kept and kept[0] == " …" else kept)


def _lines(count: int) -> str:
    return "line" if count == 1 else "lines"


def _moved(count: int) -> str:
    return f"{count} {'step stands' if count == 1 else 'steps stand'} elsewhere on the canvas."
