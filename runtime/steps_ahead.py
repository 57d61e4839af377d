"""How many messages still lie ahead of somebody who stands at a step, by the ways people have gone so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..nodes.node import Node
from ..nodes.span import Span
from ..nodes.step import HOUR_MS
from .channels.channel import media
from .program import Program

HOURS = 28 * 24  # how far ahead is looked


def sends_ahead(
    program: Program, counts: Mapping[int, Mapping[str, int]], channels: Collection[str] = ()
) -> list[list[float]]:
    """Expected messages to people within so many hours: ``found[node][hours]``, hours from 0 to `HOURS`.

    ``counts`` are those of the version, by node: which share of people took which way. ``channels``: only
    messages by these; none named: by all.
    """
    size = len(program.nodes)
    ways = [_ways(program, index, counts.get(index, {})) for index in range(size)]
    to_others = {name for name, medium in media().items() if not medium.to_people}
    own = [_sends(node, channels, to_others) for node in program.nodes]
    found = [[0.0] * (HOURS + 1) for _ in range(size)]
    backwards = program.order[::-1]
    for hour in range(HOURS + 1):  # a way back takes an hour at least, so what it leads to is known already
        for index in backwards:
            ahead = own[index]
            for chance, target, takes in ways[index]:
                if takes <= hour:
                    ahead += chance * found[target][hour - takes]
            found[index][hour] = ahead
    return found


def _ways(program: Program, index: int, counts: Mapping[str, int]) -> Sequence[tuple[float, int, int]]:
    """``(chance, next node, hours it takes)`` of each way out of a node."""
    node, exits = program.nodes[index], program.exits[index]
    back = node.back()
    if back is not None:
        return [(1.0, program.at[back], max(1, _hours(node, "")))]
    ports = [port.name for port in node.ports()]
    gone = {port: n for port, n in counts.items() if port in ports or port.startswith("left:")}
    if not gone:  # nobody yet: a message goes out, and of several ways each is as likely
        likely = ports[:1] if node.channels() else ports
        gone = dict.fromkeys(likely, 1)
    total = sum(gone.values())
    return [(gone[port] / total, target, _hours(node, port)) for port, target in exits.items() if gone.get(port)]


def _hours(node: Node, port: str) -> int:
    waits = isinstance(node.settings, Span) and node.face.group == "Timing" and port != "happened"
    return round(node.settings.ms / HOUR_MS) if waits or node.back() else 0


def _sends(node: Node, channels: Collection[str], to_others: Collection[str]) -> float:
    first = next(iter(node.channels()), None)
    if first is None or first in to_others:
        return 0.0
    return 1.0 if not channels or first in channels else 0.0
