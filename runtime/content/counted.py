"""What is counted of a message, by the owner's word, the letter's and the contact's, and what its links are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType
from typing import Any

from .links import Links
from .utm import Words, utm, words

NOTHING: Mapping[str, str] = MappingProxyType({})
LINK = "{% filter _link %}"
PLACED = re.compile(r"\{%\+? filter _link(?:_in_text)?\((\d+)\) %\}(.*?)\{% endfilter \+?%\}", re.S)
ANCHOR = re.compile(r"<a\b[^>]*?\{% filter _link\((\d+)\) %\}.*?\{% endfilter %\}[^>]*>(.*?)</a>", re.S | re.I)
ALT = re.compile(r"<img\b[^>]*?\balt=\"([^\"]+)\"", re.I)
TAGS = re.compile(r"<[^>]*>|\{[{%].*?[}%]\}", re.S)
LABEL = 80  # characters
TRAP = -1  # the place of the link nobody can see


@dataclass(frozen=True, slots=True)
class Owner:
    """What the owner wants counted. ``domains`` are the sites whose links get ``utm``; none where it is off."""

    opens: bool = True
    clicks: bool = True
    trap: bool = False
    tracking_url: str = ""
    utm: Words = ()
    domains: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Any) -> Owner:
        """From the instance's settings."""
        sender = settings.sender_address.rpartition("@")[2].lower()
        domains = tuple(one.strip().lower().lstrip("*.") for one in settings.own_domains.split(",") if one.strip())
        source = settings.utm_source or settings.brand_name
        said = (("source", source), ("medium", settings.utm_medium), ("campaign", settings.utm_campaign))
        return cls(
            settings.track_opens,
            settings.track_clicks,
            settings.scanner_trap,
            settings.tracking_url.rstrip("/"),
            said,
            (domains or ((sender,) if sender else ())) if settings.utm else (),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a letter itself says of it; None is as the owner wants it."""

    opens: bool | None = None
    clicks: bool | None = None
    utm: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Counted:
        """From a letter's source."""
        tracking = source.get("tracking") or {}
        return cls(tracking.get("opens"), tracking.get("clicks"), dict(source.get("utm") or {}))


AS_THE_OWNER = Counted()


def fitted(links: Links, owner: Owner, letter: Counted, at_hand: Mapping[str, str], untracked: bool) -> Links:
    """The links of one message. ``at_hand`` are the words for web statistics it has without anybody's doing."""
    links.tracking_url = owner.tracking_url
    links.opens = not untracked and (owner.opens if letter.opens is None else letter.opens)
    links.clicks = not untracked and (owner.clicks if letter.clicks is None else letter.clicks)
    links.trap = owner.trap and links.clicks
    links.tag = utm(words(letter.utm, dict(owner.utm), at_hand), owner.domains) if owner.domains else None
    return links


@dataclass(frozen=True, slots=True)
class Place:
    """One link of a letter: where it stands (from 1), what it says, where it leads without what is personal."""

    number: int
    label: str
    url: str


def numbered(page: str) -> str:
    """The page with each link knowing its place, from 1."""
    first, *rest = page.split(LINK)
    return first + "".join(f"{{% filter _link({place}) %}}{piece}" for place, piece in enumerate(rest, 1))


def last_place(text: str) -> int:
    """The highest number of a link in it; 0 where it has none."""
    return max((int(found[1]) for found in PLACED.finditer(text)), default=0)


def places(page: str, text: str = "") -> dict[int, Place]:
    """The links of a numbered page, and those that only the text part has."""
    labels = {int(found[1]): _label(found[2]) for found in ANCHOR.finditer(page)}
    return {
        int(found[1]): Place(int(found[1]), labels.get(int(found[1]), ""), TAGS.sub("…", unescape(found[2])))
        for found in PLACED.finditer(text + page)
    }


def _label(inside: str) -> str:
    said = " ".join(unescape(TAGS.sub(" ", inside)).split())
    if not said and (alt := ALT.search(inside)):
        said = unescape(alt[1])
    return said[:LABEL]
