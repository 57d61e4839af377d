"""Who looks at a letter, judged by one request alone: a person, a machine that fetches ahead, a scanner, or unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

import yaml

from ...storage.openings import HUMAN, MACHINE, SCANNER, UNKNOWN

DATA = Path(__file__).parent.parent.parent / "assets" / "tracking" / "readers.yaml"
AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")  # what browsers say of what they fetch before it is wanted
LOOKS_AHEAD = re.compile("prefetch|preview|prerender", re.IGNORECASE)
OPEN, CLICK = "open", "click"

WHY = {  # every reason there is, as half a sentence
    "browser": "a browser or mail program asked",
    "gmail": "Gmail fetched the picture when it was opened, and keeps it",
    "yahoo": "Yahoo fetched the picture when it was opened",
    "apple": "Apple fetches every picture ahead (Mail Privacy Protection)",
    "microsoft": "Microsoft looks at links before people do",
    "gateway": "a security service of the receiver looked",
    "preview": "a chat or search service made a preview",
    "robot": "a robot",
    "program": "a program that is no browser",
    "nameless": "whoever asked did not say what they are",
    "ahead": "it was fetched before anybody wanted it",
    "at_once": "sooner after sending than anybody reads",
    "burst": "several links within two seconds",
    "trap": "followed a link nobody can see",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A kind of `storage.openings`, and why (a key of `WHY`)."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class _Agent:
    pattern: re.Pattern[str]
    only: str  # open, click; "" is both
    judged: Judged


@dataclass(frozen=True, slots=True)
class _Network:
    among: IPv4Network | IPv6Network
    only: str
    judged: Judged


def judge(what: str, headers: Mapping[str, str], address: str) -> Judged:
    """Who asked for the picture (``open``) or followed a link (``click``). The address is looked at and not kept."""
    if any(LOOKS_AHEAD.search(headers.get(name, "")) for name in AHEAD):
        return Judged(MACHINE if what == OPEN else SCANNER, "ahead")
    agents, networks = _known()
    agent = headers.get("user-agent", "")[:500].strip()
    for one in agents:
        if one.only in ("", what) and one.pattern.search(agent):
            return one.judged
    try:
        where = ip_address(address)
    except ValueError:
        where = None
    if where is not None:
        where = getattr(where, "ipv4_mapped", None) or where
        for network in networks:
            if network.only in ("", what) and where in network.among:
                return network.judged
    return Judged(HUMAN, "browser") if agent else Judged(UNKNOWN, "nameless")


def wants_no_tracking(headers: Mapping[str, str]) -> bool:
    """Whether the browser says so: Do Not Track, or Global Privacy Control."""
    return headers.get("dnt") == "1" or headers.get("sec-gpc") == "1"


@cache
def _known() -> tuple[tuple[_Agent, ...], tuple[_Network, ...]]:
    said: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
    agents = tuple(
        _Agent(re.compile(one["pattern"], re.IGNORECASE), one.get("only", ""), Judged(one["kind"], one["why"]))
        for one in said["agents"]
    )
    networks = tuple(
        _Network(ip_network(each), one.get("only", ""), Judged(one["kind"], one["why"]))
        for one in said["networks"]
        for each in one["among"]
    )
    assert {one.judged.kind for one in (*agents, *networks)} <= {HUMAN, MACHINE, SCANNER, UNKNOWN}
    return agents, networks
