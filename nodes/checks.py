"""What can be wrong with a journey as a whole, each as a sentence with the step it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from .node import Fix, Problem
from .sending import medium_of
from .slug import SLUG_WORDS, is_slug
from .step import MessageNeed

if TYPE_CHECKING:
    from .graph import JourneyGraph

MOST_NODES = 2_000
MOST_LETTERS = 500
MESSAGE_TYPES = ("marketing", "reengagement", "transactional")
UNSUBSCRIBE = "unsubscribe_url"


def all_problems(graph: JourneyGraph) -> Iterator[Problem]:
    """Everything beyond what the settings of single nodes refuse."""
    yield from _sizes(graph)
    if len(graph.ids) > MOST_NODES:
        return  # the rest would only take long
    yield from _names(graph)
    yield from _edges(graph)
    yield from _loose_ends(graph)
    yield from _cycles(graph)
    yield from _endless(graph)
    yield from _entrances(graph)
    yield from _letters(graph)
    yield from _topic(graph)
    yield from _mentions(graph)
    for node_id, node in graph.nodes.items():
        for problem in node.problems(graph):
            yield Problem(f"{node_id}: {problem.text}.", node_id, problem.severity, problem.fix)


def _sizes(graph: JourneyGraph) -> Iterator[Problem]:
    if len(graph.ids) > MOST_NODES:
        yield Problem(f"The journey has {len(graph.ids)} steps; {MOST_NODES} are the most. Split it into several.")
    if len(graph.letters) > MOST_LETTERS:
        yield Problem(f"The journey has {len(graph.letters)} letters; {MOST_LETTERS} are the most.")


def _names(graph: JourneyGraph) -> Iterator[Problem]:
    name = graph.content.get("name")
    if not is_slug(name):
        yield Problem(f"The name of the journey cannot be “{name}”: use {SLUG_WORDS}.")
    kind = graph.content.get("message_type", "marketing")
    if kind not in MESSAGE_TYPES:
        yield Problem(f"Messages have to be marketing, reengagement or transactional, not “{kind}”.")
    for node_id in graph.ids:
        if not is_slug(node_id):
            yield Problem(f"{node_id}: cannot be the id of a step: use {SLUG_WORDS}.", node_id)
    for letter in graph.letters:
        if not is_slug(letter):
            yield Problem(f"“{letter}” cannot be the name of a letter: use {SLUG_WORDS}.", letter=letter)


def _edges(graph: JourneyGraph) -> Iterator[Problem]:
    for node_id in graph.ids:
        node = graph.nodes.get(node_id)
        ports = [port.name for port in node.ports()] if node else None
        for port, target in graph.exits(node_id).items():
            known = ports is None or port in ports
            if known and target in graph.ways and target not in graph.triggers:
                continue
            way = _way(graph, node_id, port) or "its way out"
            cut = Fix("cut", f"Take {way} away", node_id, port)
            if ports is not None and not known:
                others = f"it has {' and '.join(f'“{each}”' for each in ports)}" if ports else "the journey ends there"
                yield Problem(f"{node_id}: has no way out called “{port}”; {others}.", node_id, fix=cut)
            if target not in graph.ways:
                yield Problem(f"{node_id}: {way} leads to “{target}”, which does not exist.", node_id, fix=cut)
            elif target in graph.triggers:
                into = graph.title_of(target)
                text = f"{node_id}: {way} leads into the trigger “{into}”; people only come in by it."
                yield Problem(text, node_id, fix=cut)


def _loose_ends(graph: JourneyGraph) -> Iterator[Problem]:
    for node_id, node in graph.nodes.items():
        for port in node.ports():
            if not port.optional and port.name not in graph.exits(node_id):
                way = _way(graph, node_id, port.name)
                text = f"{node_id}: nothing is attached to {way}; people who take it leave the journey here."
                if not way:
                    text = f"{node_id}: nothing comes after it; people leave the journey here."
                yield Problem(text, node_id, "warning", Fix("end_here", "Connect an exit", node_id, port.name))


def _way(graph: JourneyGraph, node_id: str, port: str) -> str:
    said = graph.way_of(node_id, port)
    return f"“{said}”" if said else ""


def _cycles(graph: JourneyGraph) -> Iterator[Problem]:
    if not graph.goes_round:
        return
    for members in nx.strongly_connected_components(graph.graph):
        inside = graph.graph.subgraph(members)
        if inside.number_of_edges():
            first = min(members)
            ring = [edge[0] for edge in nx.find_cycle(inside, first)]
            round_ = " → ".join(f"“{graph.title_of(step)}”" for step in (*ring, ring[0]))
            text = f"{ring[0]}: people would go round in circles: {round_}. Take one edge away."
            yield Problem(text, ring[0])


def _endless(graph: JourneyGraph) -> Iterator[Problem]:
    """Jumps from which no path ever ends: everybody would go round until the end of time."""
    jumps = {node_id: to for node_id, node in graph.nodes.items() if (to := node.back()) in graph.ways}
    if not jumps:
        return
    from_: dict[str, list[str]] = {node_id: [] for node_id in graph.ids}
    for node_id, targets in graph.ways.items():
        for to in [*targets, *([jumps[node_id]] if node_id in jumps else [])]:
            from_[to].append(node_id)
    ending = {node_id for node_id in graph.ids if _may_end(graph, node_id)}
    ahead = [*ending]
    while ahead:
        new = {*from_[ahead.pop()]} - ending
        ending |= new
        ahead += new
    pulled = any(listen.leave for node in graph.nodes.values() if (listen := node.listens()))
    for node_id in jumps:
        if node_id not in ending:
            text = f"{node_id}: people go round without ever leaving; lead a way out of the circle."
            yield Problem(text, node_id, "warning" if pulled else "error")


def _may_end(graph: JourneyGraph, id: str) -> bool:
    """Whether somebody may leave the journey at this step; of one that cannot be read, we hope so."""
    node = graph.nodes.get(id)
    if node is None or node.back() is not None:
        return node is None
    ports = node.ports()
    needed = [port.name for at, port in enumerate(ports) if at == 0 or not port.optional]
    return not needed or any(port not in graph.exits(id) for port in needed)


def _entrances(graph: JourneyGraph) -> Iterator[Problem]:
    if not graph.triggers:
        if len(graph.nodes) == len(graph.ids):  # else the broken step may well be the trigger
            yield Problem("The journey has no trigger, so nobody can come in; add one.")
        return
    listening = [node_id for node_id, node in graph.nodes.items() if node.listens() is not None]
    reached = set(graph.triggers) | set(listening)
    ahead = [*reached]
    while ahead:
        node_id = ahead.pop()
        node = graph.nodes.get(node_id)
        for to in (*graph.ways[node_id], node.back() if node else None):
            if to in graph.ways and to not in reached:
                reached.add(to)
                ahead.append(to)
    for node_id in graph.ids:
        if node_id not in reached:
            yield Problem(f"{node_id}: no way leads here from a trigger; connect it or take it away.", node_id)


def _letters(graph: JourneyGraph) -> Iterator[Problem]:
    used: set[str] = set()
    for node_id, node in graph.nodes.items():
        for letter in node.contents():
            used.add(letter)
            if letter not in graph.letters:
                yield Problem(f"{node_id}: there is no letter called “{letter}”; write it, or choose another.", node_id)
    for name, letter in graph.letters.items():
        if name not in used:
            drop = Fix("drop_letter", f"Take the letter “{name}” away", name=name)
            yield Problem(f"The letter “{name}” is not sent by any step.", None, "warning", drop, name)
        if medium_of(letter) != "email":
            yield from _text(name, letter)
            continue
        if not letter.get("blocks") and not str(letter.get("mjml") or "").strip():
            yield Problem(f"The letter “{name}” is empty: write what it says.", letter=name)
        elif graph.content.get("message_type") != "transactional" and not _lets_out(letter):
            text = f"The letter “{name}” has no unsubscribe link of its own; a line with one is put at its end."
            yield Problem(text, None, "warning", letter=name)
        if not isinstance(letter.get("subject"), str) or not str(letter.get("subject")).strip():
            yield Problem(f"The letter “{name}” has no subject.", letter=name)


def _lets_out(letter: Mapping[str, Any]) -> bool:
    """Whether it says itself how to unsubscribe; the footer among the blocks always does."""
    blocks = letter.get("blocks") or []
    is_footer = any(isinstance(block, Mapping) and block.get("kind") == "footer" for block in blocks)
    return is_footer or UNSUBSCRIBE in str(blocks or letter.get("mjml"))


def _text(name: str, message: Mapping[str, Any]) -> Iterator[Problem]:
    """What a message that is no letter needs whatever it goes by; its form knows the rest."""
    if not any(isinstance(said, str) and said.strip() for key, said in message.items() if key != "medium"):
        yield Problem(f"The message “{name}” is empty: write what it says.", letter=name)


def _topic(graph: JourneyGraph) -> Iterator[Problem]:
    """Marketing is sent under a topic, so that people can say what of it they want."""
    if graph.content.get("message_type") == "transactional" or graph.content.get("topic"):
        return
    sending = next((node_id for node_id, node in graph.nodes.items() if node.contents()), None)
    if sending is not None:
        text = "The journey sends marketing without a consent topic; name the topic people agree to."
        yield Problem(text, None, "warning", Fix("topic", "Send under the topic “marketing”", name="marketing"))


def _mentions(graph: JourneyGraph) -> Iterator[Problem]:
    for node_id, node in graph.nodes.items():
        for need in node.needs():
            if not isinstance(need, MessageNeed) or need.node is None:
                continue
            if need.node not in graph.ways:
                yield Problem(f"{node_id}: the rule asks about the step “{need.node}”, which does not exist.", node_id)
            elif need.node in graph.nodes and not graph.nodes[need.node].contents():
                text = f"{node_id}: the rule asks about messages of “{graph.title_of(need.node)}”, which sends none."
                yield Problem(text, node_id, "warning")
