"""One real contact sent through a draft by the real engine, in a transaction that is rolled back: nothing remains."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..nodes.node import OnEvent, OnSchedule
from ..nodes.rule import passes
from ..nodes.step import Hold
from ..storage import entering, handover, messages, trials, walking
from ..storage.columns import dump
from ..storage.database import Database, Tx
from ..storage.fillings import Filling, fillings
from ..storage.messages import Result
from ..storage.trials import SENDER, TRIAL, Rest
from .content.drafted import source_of
from .content.proof import PROOFS, is_marketing
from .entries import Happened, may_come_again, react
from .facts import profile_of
from .letter_facts.provider import completed
from .overheard import Seen, Watched, in_words
from .policy.gate import Terms, Verdict, decide
from .policy.hygiene import Silence
from .policy.in_force import current
from .policy.rules import Rules
from .program import NotApproved, NotRunnable, Program, ProgramShelf, compile_version
from .settings import load as load_settings
from .trial import CLICKED, FAILED, HAPPENED, OPENED, SENT, TIMED_OUT, CannotTry, Posted, Start, Step, Trial
from .walk import BatchWalk, NodeMisbehaved

WALKS, SECONDS = 300, 3.0  # a trial ends here, so that a journey that goes round does not hold the write door
WAITS = 9  # for a better hour or a free place, before a message is given up
SOON_MS = 60_000  # when something happens that somebody asked to happen
LARGEST = 32_000  # characters of an event's properties

__all__ = ["CannotTry", "starts", "try_out"]


class _RolledBack(Exception):
    """Carries the result out of a transaction that must not be kept."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial


def starts(content: Mapping[str, Any]) -> list[Start]:
    """The ways into a draft. Raises `CannotTry`."""
    program = _compiled(content, 0)
    return [
        Start(program.ids[index], program.nodes[index].title, entry.event if isinstance(entry, OnEvent) else None)
        for index, entry in program.entries
    ]


def try_out(
    db: Database,
    content: Mapping[str, Any],
    journey_id: int,
    contact_id: int,
    now_ms: int,
    *,
    start: str | None = None,
    properties: dict[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Trial:
    """Send a contact through a draft, from ``now_ms`` on and as fast as time can pass.

    ``start`` is the trigger they come in by (else the first), ``properties`` those of the starting event (else as
    it last came in), ``choices`` what happens at steps that leave it open. Raises `CannotTry`.
    """
    program = _compiled(content, journey_id)
    if properties is not None and len(dump(properties)) > LARGEST:
        raise CannotTry(f"The event's properties are longer than {LARGEST:,} characters; leave some out.")
    index = program.index(start) if start in program.ids else next((index for index, _ in program.entries), None)
    if index is None:
        raise CannotTry("The draft has no trigger: nobody could come in. Add one first.")

    for letter in (content.get("letters") or {}).values():
        PROOFS.needs(letter, is_marketing(content))  # compiled now, not while the write door is held

    def job(tx: Tx) -> None:
        raise _RolledBack(_Run(tx, program, contact_id, now_ms, dict(choices or {})).go(index, properties))

    try:
        db.write(job)
    except _RolledBack as done:
        return done.trial
    except NodeMisbehaved as error:
        raise CannotTry(str(error)) from error
    raise AssertionError("unreachable")


def _compiled(content: Mapping[str, Any], journey_id: int) -> Program:
    try:
        return compile_version(TRIAL, journey_id, dict(content))
    except NotRunnable as error:
        raise CannotTry(f"The draft has errors that have to be mended first: {error}") from error


class _Run:
    """One trial inside its transaction. Built anew when the store asks for the transaction to be repeated."""

    def __init__(self, tx: Tx, program: Program, contact_id: int, now_ms: int, choices: dict[str, str]) -> None:
        self.tx, self.contact_id, self.now_ms, self.choices = tx, contact_id, now_ms, choices
        self.seen: list[Seen] = []
        self.program = replace(program, nodes=[Watched(node, self.seen) for node in program.nodes], paths={})
        self.shelf = _OneProgram(self.program)
        self.trial = Trial()
        self.began_ms = now_ms
        self.then_ms: int | None = None  # when the contact really did it: their history goes on from there
        self.told: set[tuple[int, int]] = set()

    def go(self, index: int, properties: dict[str, Any] | None) -> Trial:
        """From the trigger to the end."""
        self._come_in(index, properties)
        deadline = time.monotonic() + SECONDS
        for _ in range(WALKS):
            self._walk()
            stay = trials.rest(self.tx)
            if stay.ended_at is not None:
                return self.trial
            if stay.outbox:
                self._post(stay)
            elif not self._pass_time(stay):
                self.trial.ended = "They wait here until it happens; there is no time after which they go on."
                return self.trial
            if time.monotonic() > deadline:
                break
        self.trial.ended = "The trial stops here: the way is longer than a trial goes."
        return self.trial

    # ── coming in ─────────────────────────────────────────────────────────────────────────────────────

    def _come_in(self, index: int, given: dict[str, Any] | None) -> None:
        tx, entry = self.tx, dict(self.program.entries)[index]
        rows = entering.profiles(tx, [self.contact_id])
        if not rows:
            raise CannotTry("There is no such contact any more; choose another one.")
        event: tuple[str, dict[str, Any]] | None = None
        if isinstance(entry, OnEvent):
            known = trials.sample(tx, self.contact_id, entry.event)
            event = entry.event, given if given is not None else (known.properties if known else {})
            self.then_ms = known.at if known and known.theirs else None
            if not passes(entry.where, event[1]):
                self._note("The event's properties do not pass the tests of the trigger.")
        rule = entry.rule if isinstance(entry, OnEvent | OnSchedule) else None
        if rule and not rule.meets_profile(profile_of(*rows[0][1:]), self.now_ms):
            self._note("Their profile does not meet the rule of the trigger.")
        journey = self.program.journey_id
        if trials.inside_since(tx, self.contact_id, journey) is not None:
            self._note("They are in this journey already.")
        else:
            last = entering.last_entries(tx, journey, [self.contact_id]).get(self.contact_id)
            if not may_come_again(entry.reentry, last, self.now_ms):
                self._note("They have been in this journey before and may not come in again yet.")
        trials.begin(tx, self.contact_id, journey, index, event, self.now_ms)

    def _note(self, why: str) -> None:
        self.trial.notes.append(f"{why} In earnest they would not come in.")

    # ── walking ───────────────────────────────────────────────────────────────────────────────────────

    def _walk(self) -> None:
        self.seen.clear()
        walk = BatchWalk(self.tx, self.program, trials.claim(self.tx), self.now_ms)
        walking.write(self.tx, walk.run())
        asked = {seen.node.id: seen for seen in self.seen}
        for part in walk.path[0].split():
            index, _, port = part.partition(":")
            node = self.program.ids[int(index)]
            self._step(node, port, in_words(asked.pop(node, None), port))
        for seen in asked.values():  # asked, and no further: they rest
            if isinstance(seen.answer, Hold):
                self._step(seen.node.id, "", in_words(seen, ""), until_ms=walk.due[0])

    def _step(self, node: str, port: str, words: str, **more: Any) -> None:
        self.trial.steps.append(Step(node, self.now_ms, port, words, **more))

    # ── messages ──────────────────────────────────────────────────────────────────────────────────────

    def _post(self, stay: Rest) -> None:
        """What the outbox would do, but for handing anything over."""
        tx = self.tx
        message, channel, letter, turn = trials.take_message(tx, stay)
        filling = self._completed(fillings(tx, [message])[message], letter, channel)
        verdict = self._ask(message)
        waits = ""
        for _ in range(WAITS):
            if verdict.answer != "defer" or verdict.until_ms is None:
                break
            waits, self.now_ms = f"{verdict.reason} Then ", verdict.until_ms
            verdict = self._ask(message)
        choice = SENT  # what somebody chose is about the first form; those that follow it go out
        if turn == 0:
            choice = self._choice(self.program.ids[stay.node], (SENT, OPENED, CLICKED, FAILED), SENT)
        result = ("failed" if choice == FAILED else "sent") if verdict.go else "skip"
        reason = verdict.reason if not verdict.go else ""
        messages.record(
            tx, SENDER, [Result(message, result, reason or "A trial.", outcome=verdict.outcome)], self.now_ms
        )
        if verdict.go and choice in (OPENED, CLICKED):
            messages.opened(tx, message, self.now_ms)
        if verdict.go and choice == CLICKED:
            messages.clicked(tx, message, self.now_ms)
        outcome = messages.OUTCOME[messages.STATUS[result]]
        words = waits + (reason or (outcome if choice in (SENT, FAILED) else f"sent and {choice}"))
        queued = self.trial.steps[-1]
        posted = Posted(letter, channel, outcome, filling)
        self.trial.steps[-1] = replace(queued, words=words, posted=posted)

    def _completed(self, filling: Filling, letter: str, channel: str) -> Filling:
        """With all the letter asks for; its coupons are samples."""
        source = source_of(self.program.content, letter, channel)
        if source is None:
            return filling
        needs = PROOFS.needs(source, is_marketing(self.program.content))
        return completed(self.tx, [filling], needs, self.now_ms)[0]

    def _ask(self, message: int) -> Verdict:
        """What the gate says now, as if the draft were approved and live."""
        known = load_settings(self.tx)
        rules = Rules(current(self.tx), Silence.of(known), known.timezone)
        facts = handover.facts(self.tx, [message], self.now_ms, rules.asks(self.now_ms))[0]
        facts = facts._replace(journey_status="live", content_hash="trial", approved_hash="trial")
        return decide([facts], [Terms.of(self.program.content, True)], self.now_ms, rules)[0]

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────

    def _pass_time(self, stay: Rest) -> bool:
        """Let time pass until they go on, or until something happens to them; False when neither ever will."""
        event = self._next_event(stay)
        if event is None:
            if stay.due_at is None:
                return False
            self.now_ms = max(self.now_ms, stay.due_at)
            return True
        self.now_ms, name, properties = event
        event_id = trials.happen(self.tx, self.contact_id, name, properties, self.now_ms)
        react(self.tx, self.shelf, [Happened(event_id, self.contact_id, name, self.now_ms, properties)], self.now_ms)
        for index, listen in self.program.listeners.get(name, ()):
            if not listen.leave and passes(listen.where, properties):
                self._step(self.program.ids[index], "", f"{name} happened and is counted")
        return True

    def _next_event(self, stay: Rest) -> tuple[int, str, dict[str, Any]] | None:
        """What happens while they rest: as somebody chose, else as their own history went on from the same start."""
        past = self._history(stay)
        waiting = stay.wait_event
        if waiting is None:
            return past[0] if past else None
        by_history = HAPPENED if any(name == waiting for _, name, _ in past) else TIMED_OUT
        choice = self._choice(self.program.ids[stay.node], (HAPPENED, TIMED_OUT), by_history)
        if choice == TIMED_OUT:
            past = [one for one in past if one[1] != waiting]
        elif by_history == TIMED_OUT and (stay.node, stay.seq) not in self.told:
            self.told.add((stay.node, stay.seq))
            known = trials.sample(self.tx, self.contact_id, waiting)
            at = self.now_ms + (SOON_MS if stay.due_at is None else min(SOON_MS, (stay.due_at - self.now_ms) // 2))
            past = sorted([*past, (at, waiting, known.properties if known else {})], key=lambda one: one[0])
        return past[0] if past else None

    def _history(self, stay: Rest) -> list[tuple[int, str, dict[str, Any]]]:
        """What they really did in the stretch of time this rest stands for, moved to the time of the trial."""
        if self.then_ms is None:
            return []
        moved = self.began_ms - self.then_ms
        names = {*self.program.listeners, *([stay.wait_event] if stay.wait_event else [])}
        found = trials.did(self.tx, self.contact_id, names, self.now_ms - moved) if names else []
        end = stay.due_at
        return [
            (at + moved, name, given)
            for at, name, given in found
            if at < self.began_ms and (end is None or at + moved < end)
        ]

    def _choice(self, node: str, options: tuple[str, ...], usual: str) -> str:
        chosen = self.choices.get(node, usual)
        self.trial.open[node] = options
        self.trial.chosen[node] = chosen if chosen in options else usual
        return self.trial.chosen[node]


class _OneProgram(ProgramShelf):
    """A shelf with the draft on it and nothing else: no other journey hears of a trial."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def refresh(self, tx: Tx) -> None:
        """A draft does not change while it is tried."""

    def program(self, tx: Tx, version_id: int) -> Program:
        if version_id != TRIAL:
            raise NotApproved(NotApproved.__doc__)
        return self._program
