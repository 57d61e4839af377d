"""One batch of people, walked in memory from where they stand to where they rest next."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import compress
from operator import not_
from typing import Any

from ..nodes.step import DAY_MS, HOUR_MS, Answer, Back, Batch, Do, Go, Hold, Leave, Send, SetProfile, Switch
from ..storage import walking
from ..storage.columns import dump
from ..storage.database import Tx
from ..storage.messages import QUEUED
from ..storage.walking import GONE, Written
from .facts import Knowledge, properties_of
from .policy.in_force import current
from .policy.priority import rank_of
from .program import Program

MIN_REST_MS = 1_000  # nobody is asked again sooner than this: a node that holds for no time must not spin


class NodeMisbehaved(Exception):
    """A node did not answer once for each contact it was asked about. Its type needs mending."""


class BatchWalk:
    """One batch of one version, walked in memory. Every list is a column: one entry for each claimed enrollment."""

    def __init__(self, tx: Tx, program: Program, rows: list[Any], now_ms: int) -> None:
        self.tx, self.program, self.now_ms = tx, program, now_ms
        columns = list(zip(*rows, strict=True))
        self.enrollment, self.contact = columns[0], columns[1]
        self.node: list[int] = list(columns[2])
        self.seq = columns[3]
        self.entered = columns[4]
        self.since: list[int] = list(columns[5])
        self.outcome: list[str | None] = list(columns[6])
        self._interrupt = columns[7]
        self._event = columns[8]
        self._in_outbox = columns[9]
        count = len(rows)
        self.due: list[int | None] = [None] * count
        self.wait_event: list[str | None] = [None] * count
        self.outbox = [0] * count
        self.ended: list[int | None] = [None] * count
        self.reason: list[str | None] = [None] * count
        self.path = [""] * count
        self.counts: dict[tuple[int, str], int] = {}
        self.messages: list[tuple[Any, ...]] = []
        self.caps: list[tuple[Any, ...]] = []
        self.conversions: list[tuple[Any, ...]] = []
        self.changed_profiles: set[int] = set()
        self.switches: list[tuple[Switch, list[tuple[int, int | None]]]] = []  # with (contact, event they came by)
        self.steps = 0
        self._standing: dict[int, list[int]] = {}
        self._steps: dict[tuple[int, str], _Lengthened] = {}
        # A first walk takes no time: what follows the trigger counts from the moment of entry.
        self._arrival = [now_ms if seq else entered for seq, entered in zip(self.seq, self.entered, strict=True)]
        self.knowledge = Knowledge(
            tx, program, now_ms, self.enrollment, self.contact, self.entered, self.since, self._event
        )  # fmt: skip

    def run(self) -> Written:
        """Walk everybody to rest and return what has to be written."""
        self._place()
        for index in self.program.order:
            rows = self._standing.pop(index, None)
            if rows:
                self._ask(index, rows)
        return self._written()

    def _place(self) -> None:
        """Put everybody where they stand: at their node, or at the goal an event pulled them to."""
        standing: dict[int, list[int]] = defaultdict(list)
        pulled: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row, node in enumerate(self.node):
            if self._interrupt[row] is not None:
                pulled[node, self._interrupt[row]].append(row)
            elif self._in_outbox[row] and self.outcome[row] is None:
                self.outbox[row] = 1  # the message is still on its way; nobody is asked before it has arrived
            else:
                standing[node].append(row)
        if 0 in self.seq:  # somebody takes a first walk
            for node, fresh in Counter(compress(self.node, map(not_, self.seq))).items():
                self._count(node, "in", fresh)
        self._standing = standing
        for (node, goal), rows in pulled.items():
            if goal == GONE:
                self._leave(node, rows, Leave("gone"))
            else:
                self._move(node, "left:goal", goal, rows)

    def _ask(self, index: int, rows: list[int]) -> None:
        node = self.program.nodes[index]
        self.steps += len(rows)
        batch = Batch(
            now_ms=self.now_ms,
            node=node.id,
            rows=rows,
            contact=self.contact,
            entered_ms=self.entered,
            since_ms=self.since,
            outcome=self.outcome,
            facts=self.knowledge.about(self.program.needs[index], rows),
        )
        try:
            answers = node.step(batch)
        except Exception as error:
            raise NodeMisbehaved(
                f"Step “{node.id}” ({node.kind}) of {self.program.name} failed with {type(error).__name__}: {error}"
            ) from error
        if sum(len(answered) for _, answered in answers) != len(rows):
            raise NodeMisbehaved(f"Step “{node.id}” ({node.kind}) of {self.program.name} did not answer for everybody.")
        for answer, answered in answers:
            if answered:
                self._carry_out(index, answer, answered)

    def _carry_out(self, index: int, answer: Answer, rows: list[int]) -> None:
        if isinstance(answer, Go):
            if answer.converted:
                self._convert(index, rows)
            self._go(index, answer.port, rows)
        elif isinstance(answer, Hold):
            self._hold(index, answer, rows)
        elif isinstance(answer, Send):
            self._send(index, answer, rows)
        elif isinstance(answer, Do):
            self._do(answer.effect, rows)
            self._go(index, answer.port, rows)
        elif isinstance(answer, Back):
            self._go_back(index, answer.to, rows)
        else:
            self._leave(index, rows, answer)

    def _go(self, index: int, port: str, rows: list[int]) -> None:
        target = self.program.exits[index].get(port)
        if target is None:
            self._count(index, port, len(rows))
            self._end(index, port, "end", rows)
        else:
            self._move(index, port, target, rows)

    def _move(self, index: int, port: str, target: int, rows: list[int]) -> None:
        self._count(index, port, len(rows))
        self._count(target, "in", len(rows))
        since, arrival, outcome = self.since, self._arrival, self.outcome
        path, longer = self.path, self._lengthened(index, port)
        for row in rows:
            since[row] = arrival[row]
            outcome[row] = None
            path[row] = longer[path[row]]
        standing = self._standing.get(target)
        if standing is None:
            self._standing[target] = list(rows)
        else:
            standing.extend(rows)

    def _go_back(self, index: int, to: str, rows: list[int]) -> None:
        """Stand at ``to`` now and be asked there in the next walk: this one may have passed it already."""
        target = self.program.at[to]
        self._count(index, "back", len(rows))
        self._count(target, "in", len(rows))
        self._trace(index, "back", rows)
        for row in rows:
            self.node[row] = target
            self.since[row] = self.now_ms
            self.outcome[row] = None
            self.due[row] = self.now_ms

    def _trace(self, index: int, port: str, rows: list[int]) -> None:
        path, longer = self.path, self._lengthened(index, port)
        for row in rows:
            path[row] = longer[path[row]]

    def _lengthened(self, index: int, port: str) -> _Lengthened:
        known = self._steps.get((index, port))
        if known is None:
            known = self._steps[index, port] = _Lengthened(f"{index}:{port}")
        return known

    def _hold(self, index: int, answer: Hold, rows: list[int]) -> None:
        until = answer.until_ms
        if until is None and answer.event is None:
            raise NodeMisbehaved(f"Step “{self.program.ids[index]}” of {self.program.name} would hold people for ever.")
        if until is not None:
            until = max(until, self.now_ms + MIN_REST_MS)
        for row in rows:
            self.node[row] = index
            self.due[row] = until
            self.wait_event[row] = answer.event

    def _send(self, index: int, answer: Send, rows: list[int]) -> None:
        now_ms, program, hour = self.now_ms, self.program, self.now_ms // HOUR_MS
        self._trace(index, "queued", rows)
        for row in rows:
            self.node[row] = index
            self.outbox[row] = 1
            self.outcome[row] = None  # what an earlier form of the message came to is over
        journey, version, channel, content = program.journey_id, program.version_id, answer.channel, answer.content
        turn, (rank, weight) = answer.turn, rank_of(program.content, current(self.tx))
        self.messages += [
            (self.enrollment[row], self.seq[row] + 1, index, journey, version, self.contact[row], channel, content,
             QUEUED, now_ms, now_ms, 0, turn, rank, weight)
            for row in rows
        ]  # fmt: skip
        self.caps += [(self.contact[row], hour, channel, journey) for row in rows]

    def _do(self, effect: SetProfile | Switch, rows: list[int]) -> None:
        if isinstance(effect, SetProfile):
            self._change_profiles(dict(effect.values), rows)
        else:
            self.switches.append((effect, [(self.contact[row], self._event[row]) for row in rows]))

    def _change_profiles(self, values: dict[str, Any], rows: list[int]) -> None:
        profiles = self.knowledge.profiles(rows)
        for row in rows:
            profile = profiles[row]
            for key, value in values.items():
                if value is None:
                    profile.pop(key, None)
                else:
                    profile[key] = value
            self.changed_profiles.add(row)

    def _leave(self, index: int, rows: list[int], answer: Leave) -> None:
        self._count(index, f"left:{answer.reason}", len(rows))
        if answer.converted:
            self._convert(index, rows)
        self._end(index, f"left:{answer.reason}", answer.reason, rows)

    def _convert(self, index: int, rows: list[int]) -> None:
        self.conversions += [(self.enrollment[row], index, self.now_ms) for row in rows]

    def _end(self, index: int, port: str, reason: str, rows: list[int]) -> None:
        self._trace(index, port, rows)
        for row in rows:
            self.node[row] = index
            self.ended[row] = self.now_ms
            self.reason[row] = reason

    def _count(self, index: int, port: str, n: int) -> None:
        key = (index, port)
        self.counts[key] = self.counts.get(key, 0) + n

    def _written(self) -> Written:
        now_ms, version, day = self.now_ms, self.program.version_id, self.now_ms // DAY_MS
        paths = self._path_ids(set(self.path) - {""})
        seq = [before + 1 if path else before for before, path in zip(self.seq, self.path, strict=True)]
        walks = [
            (enrollment, done, paths[path], now_ms)
            for enrollment, done, path in zip(self.enrollment, seq, self.path, strict=True)
            if path
        ]
        enrollments = list(
            zip(
                self.node, seq, self.due, self.wait_event, self.outbox, self.outcome, [None] * len(seq), self.since,
                self.ended, self.reason, self.enrollment, strict=True,
            )
        )  # fmt: skip
        changed = sorted(self.changed_profiles)
        known = self.knowledge.profiles(changed)
        profiles = [(dump(properties_of(known[row])), now_ms, self.contact[row]) for row in changed]
        deltas = [(version, node, port, day, n) for (node, port), n in sorted(self.counts.items())]
        return Written(enrollments, walks, self.messages, self.caps, deltas, self.conversions, profiles)

    def _path_ids(self, steps: set[str]) -> dict[str, int]:
        known = self.program.paths
        new = sorted(steps - known.keys())
        if new:
            fresh = walking.paths(self.tx, self.program.version_id, new)
            self.tx.afterwards(lambda: known.update(fresh))
            return {**{text: known[text] for text in steps if text in known}, **fresh}
        return known


class _Lengthened(dict[str, str]):
    """Paths made longer by one step. Equal paths are one string, built once however many take them."""

    def __init__(self, step: str) -> None:
        self._step = step

    def __missing__(self, path: str) -> str:
        longer = self[path] = f"{path} {self._step}" if path else self._step
        return longer
