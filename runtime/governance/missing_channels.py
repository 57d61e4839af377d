"""What the channels of a journey lack here: accounts, people who can be reached, texts the policy asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...nodes.sending import Sending, named
from ...storage import accounts, seen
from ...storage.database import Tx
from ..channels.channel import carriers, found, media
from ..channels.medium import Medium
from ..policy.in_force import current

NOBODY: Mapping[str, str] = {
    "phone": "Nobody has a phone number yet, so no {what} leaves.",
    "device": "Nobody has a device that takes a {what} yet.",
}


def missing_channels(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    """Warnings about every channel but e-mail that steps of the journey send on."""
    used = sorted({channel for node in graph.nodes.values() for channel in node.channels()} - {"email"})
    open_to = {account.medium for account in accounts.everyone(tx, used) if account.status == "on"} if used else set()
    at_home = {kind.name for kind in found() if kind.Settings is None}
    for channel in used:
        medium = media().get(channel)
        if medium is None:
            continue  # a problem of the step itself
        what = named(channel) if medium.to_people else medium.label.lower()
        if channel not in open_to | at_home and carriers(channel):
            text = f"There is no account for {medium.label.lower()} yet: they wait until one is set up under Sending."
            yield Problem(text, None, "warning")
        if medium.to_people and (said := _nobody(tx, medium, what)):
            yield Problem(said, None, "warning")
    yield from _asked_for(tx, graph)


def _nobody(tx: Tx, medium: Medium, what: str) -> str:
    reached = seen.reachable(tx, medium.address, medium.name)
    return "" if reached else NOBODY[medium.address].format(what=what)


def _asked_for(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    """Channels the policy would try, for which a step has no text."""
    order = current(tx).fallback.order
    for key, node in graph.nodes.items():
        if not isinstance(node, Sending) or node.settings.instead_when != "policy" or not node.contents():
            continue
        lacking = [channel for channel in order.get(node.sends[0].channel, ()) if channel not in node.channels()]
        if lacking:
            names = " and ".join(named(channel) for channel in lacking)
            text = f"{key}: the policy would go on by {names}, and this step has no message for it."
            yield Problem(text, key, "warning")
