"""What an element looks like, in the light or the dark, on a screen of some width: the cascade as letters need it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from .colours import BLACK, WHITE, Colour, over, read_colour
from .sheets import Rule, declarations, rules
from .tree import Element

INHERITED = frozenset(
    ("color", "font-size", "font-family", "font-weight", "line-height", "text-align", "visibility", "letter-spacing")
)
SIZES = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "x-small": 10.0}
HEADINGS = {"h1": 32.0, "h2": 24.0, "h3": 18.7, "h4": 16.0, "h5": 13.3, "h6": 10.7}
DESKTOP, PHONE = 800.0, 375.0  # widths of the window
NUMBER = re.compile(r"-?[\d.]+")


@dataclass(frozen=True, slots=True)
class Look:
    """Through whose eyes: in the dark or not, and how wide the window is."""

    dark: bool = False
    width: float = DESKTOP


LIGHT, DARK, ON_PHONE = Look(), Look(dark=True), Look(width=PHONE)


class Styles:
    """The styles of one page; what was worked out of an element is kept."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self._rules = rules(sheet)
        self._by: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in self._rules:
            tag, rest = rule.selector[-1]
            named = next(((kind, name) for kind, name, _ in rest if kind in ".#"), None)
            self._by[named or ("tag", tag)].append(rule)
        self._own: dict[tuple[Element, Look], dict[str, str]] = {}

    @cached_property
    def has_dark(self) -> bool:
        """Whether the letter says itself how it looks in the dark."""
        return any(rule.condition.dark for rule in self._rules)

    def own(self, element: Element, look: Look = LIGHT) -> dict[str, str]:
        """Properties of the element itself, whatever it stands in."""
        kept = self._own.get((element, look))
        if kept is None:
            kept = self._own[element, look] = self._work_out(element, look)
        return kept

    def get(self, element: Element, name: str, look: Look = LIGHT) -> str:
        """A property of the element, its own or inherited; "" when nobody says."""
        for one in element.above():
            value = self.own(one, look).get(name, "")
            if value and value != "inherit":
                return value
            if name not in INHERITED:
                return ""
        return ""

    def colour(self, element: Element, look: Look = LIGHT) -> Colour:
        """The colour of its text."""
        return read_colour(self.get(element, "color", look)) or BLACK

    def ground(self, element: Element, look: Look = LIGHT) -> Colour | None:
        """The colour it stands on; None when that is a picture."""
        layers: list[Colour] = []
        for one in element.above():
            own = self.own(one, look)
            said = f"{own.get('background-image', '')} {own.get('background', '')}"
            colour = read_colour(own.get("background-color", "") or own.get("background", ""))
            if "url(" in said or "gradient(" in said or one.attributes.get("background"):
                return None
            if colour is not None and colour[3] > 0:
                layers.append(colour)
                if colour[3] >= 1:
                    break
        base = (26.0, 26.0, 26.0, 1.0) if look.dark and self.has_dark else WHITE
        for colour in reversed(layers):
            base = over(colour, base)
        return base

    def size(self, element: Element, look: Look = LIGHT) -> float:
        """The size of its text in pixels."""
        factor = 1.0
        for one in element.above():
            said = self.own(one, look).get("font-size", "")
            number = NUMBER.match(said)
            if number is None:
                if said in SIZES or (one.tag in HEADINGS and not said):
                    return factor * (SIZES.get(said) or HEADINGS[one.tag])
                continue
            value = float(number[0])
            if said.endswith("px"):
                return factor * value
            if said.endswith("pt"):
                return factor * value * 4 / 3
            if said.endswith("rem"):
                return factor * value * 16
            factor *= value / 100 if said.endswith("%") else value
        return factor * 16

    def hidden(self, element: Element, look: Look = LIGHT) -> bool:
        """Whether nobody sees it."""
        for one in element.above():
            own = self.own(one, look)
            if own.get("display") == "none" or own.get("visibility") == "hidden" or own.get("opacity") == "0":
                return True
            if own.get("max-height") in ("0", "0px") and own.get("overflow") == "hidden":
                return True
        return False

    def _work_out(self, element: Element, look: Look) -> dict[str, str]:
        found: dict[str, tuple[tuple[int, ...], str]] = {}

        def say(name: str, value: str, important: bool, weight: tuple[int, ...]) -> None:
            rank = (1 if important else 0, *weight)
            if name not in found or found[name][0] <= rank:
                found[name] = (rank, value)

        if ground := element.attributes.get("bgcolor"):
            say("background-color", ground, False, (-1, 0, 0, 0))
        if element.tag == "font" and (colour := element.attributes.get("color")):
            say("color", colour, False, (-1, 0, 0, 0))
        if element.tag == "a":
            say("color", "#0000ee", False, (-1, 0, 0, 0))
        for rule in self._meant(element):
            if rule.condition.holds(look.dark, look.width) and rule.fits(element):
                for name, (value, important) in rule.said.items():
                    say(name, value, important, rule.weight)
        for name, (value, important) in declarations(element.attributes.get("style", "")).items():
            say(name, value, important, (1_000, 0, 0, 0))
        return _spelled_out({name: value for name, (_, value) in found.items()}, found)

    def _meant(self, element: Element) -> list[Rule]:
        keys = [("tag", element.tag), ("tag", ""), ("#", element.attributes.get("id", ""))]
        return [rule for key in (*keys, *((".", name) for name in element.classes)) for rule in self._by.get(key, ())]


def _spelled_out(said: dict[str, str], ranks: dict[str, tuple[tuple[int, ...], str]]) -> dict[str, str]:
    """A short ``background`` that comes later says the colour too."""
    if "background" in said and read_colour(said["background"]) is not None:
        rank = ranks.get("background-color", ((-9,), ""))[0]
        if rank <= ranks["background"][0]:
            said["background-color"] = said["background"]
    return said
