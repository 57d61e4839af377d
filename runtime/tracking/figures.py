"""How the letters of a journey fare: what arrived, was opened and followed by people, was answered, and brought in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.step import DAY_MS
from ...storage import letter_figures
from ...storage.database import Tx
from ...storage.letter_figures import Window
from ...storage.messages import FAILED, IN_DOUBT, SENT
from ...storage.openings import MACHINE, SCANNER, UNKNOWN
from ...storage.setbacks import COMPLAINT, UNSUBSCRIBE
from .. import settings as catalogue
from ..features import measures as definitions
from ..features.history import total_of
from ..settings import Settings

DELIVERED_GOAL, COMPLAINT_GOAL = 0.98, 0.001  # above, below


@dataclass(slots=True)
class LinkFigures:
    """One link of a letter: messages whose readers followed it, how often, and messages where a scanner did."""

    place: int
    url: str
    people: int = 0
    clicks: int = 0
    scanners: int = 0


@dataclass(slots=True)
class LetterFigures:
    """The letters of one step. Counts are messages; opened and clicked are people's, the others stand beside them."""

    source: Mapping[str, Any] = field(default_factory=dict)  # the letter as the newest version has it
    delivered: int = 0
    failed: int = 0
    opened: int = 0
    opened_by_machines: int = 0  # and by no person
    opened_by_unknown: int = 0
    clicked: int = 0
    clicked_by_scanners: int = 0  # and by no person
    complaints: int = 0
    unsubscribes: int = 0
    converted: int = 0
    orders: int = 0
    revenue: float = 0.0
    links: list[LinkFigures] = field(default_factory=list)

    @property
    def handed_over(self) -> int:
        """All that left, or tried to."""
        return self.delivered + self.failed


def read(
    tx: Tx, journey_id: int, contents: Mapping[int, Mapping[str, Any]], forms: Iterable[Sequence[Any]], from_ms: int
) -> dict[str, LetterFigures]:
    """By step; ``contents`` are the versions, the newest last, ``forms`` rows as `storage.funnels.forms` gives them."""
    graphs = {version: JourneyGraph(content) for version, content in contents.items()}
    found: dict[str, LetterFigures] = {}
    for version, graph in graphs.items():
        for step, node in graph.nodes.items():
            if "email" in node.channels() and node.contents():
                source = (contents[version].get("letters") or {}).get(node.contents()[0])
                found.setdefault(step, LetterFigures()).source = source or {}
    if not found:
        return {}

    def of(version: int, node: int) -> LetterFigures:
        return found.setdefault(graphs[version].ids[node], LetterFigures())

    for version, node, _, channel, status, n, opened, clicked in forms:
        if channel == "email":
            one = of(version, node)
            one.delivered += n if status in (SENT, IN_DOUBT) else 0
            one.failed += n if status == FAILED else 0
            one.opened += opened
            one.clicked += clicked
    versions = list(contents)
    for version, node, kind, n in letter_figures.answers(tx, versions, journey_id, from_ms):
        one = of(version, node)
        one.complaints += n if kind == COMPLAINT else 0
        one.unsubscribes += n if kind == UNSUBSCRIBE else 0
    for version, node, pixel, kind, n in letter_figures.apart(tx, versions, from_ms):
        one = of(version, node)
        one.opened_by_machines += n if pixel and kind in (MACHINE, SCANNER) else 0
        one.opened_by_unknown += n if pixel and kind == UNKNOWN else 0
        one.clicked_by_scanners += n if not pixel and kind == SCANNER else 0
    for version, node, place, url, people, clicks, scanners in letter_figures.links(tx, versions, from_ms):
        _add(of(version, node).links, LinkFigures(place, url, int(people), int(clicks), int(scanners)))
    _conversions(tx, contents, from_ms, of)
    return found


def _add(links: list[LinkFigures], one: LinkFigures) -> None:
    """A link of several versions is one."""
    same = next((link for link in links if (link.place, link.url) == (one.place, one.url)), None)
    if same is None:
        links.append(one)
        return
    same.people += one.people
    same.clicks += one.clicks
    same.scanners += one.scanners


def _conversions(tx: Tx, contents: Mapping[int, Mapping[str, Any]], from_ms: int, of: Any) -> None:
    settings, measures = catalogue.load(tx), definitions.load(tx)
    events = [settings.conversion_event] if settings.conversion_event else list(measures.purchases)
    converted: set[int] = set()
    for window in _windows(contents, settings):
        for opened in (False, True)[: 1 + settings.opens_convert]:
            for version, node, message, said in letter_figures.orders(tx, window, events, from_ms, opened):
                one = of(version, node)
                one.orders += 1
                one.revenue = round(one.revenue + total_of(said, measures), 2)
                one.converted += message not in converted
                converted.add(message)


def _windows(contents: Mapping[int, Mapping[str, Any]], settings: Settings) -> list[Window]:
    """How long orders count, for which letters; one for all where they agree."""
    days = {
        version: {name: _days(source, settings) for name, source in (content.get("letters") or {}).items()}
        for version, content in contents.items()
    }
    every = {each for letters in days.values() for each in letters.values()}
    if len(every) <= 1:
        some = next(iter(every), settings.conversion_days)
        return [Window(list(contents), None, some * DAY_MS)] if some else []
    return [
        Window([version], [name for name, each in letters.items() if each == some], some * DAY_MS)
        for version, letters in days.items()
        for some in sorted(set(letters.values()))
        if some
    ]


def _days(source: Any, settings: Settings) -> int:
    said = source.get("conversion_days") if isinstance(source, dict) else None
    return settings.conversion_days if said is None else int(said)
