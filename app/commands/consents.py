"""`sojourn consents`: the ledger of one person, a yes or no written down, and proof that nobody changed the ledger."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from ...runtime.numbers import counted
from .common import ACTOR, AsJson, Home, Refused, moment, opened, put, say, table
from .privacy import Person

app = typer.Typer(no_args_is_help=True, help="Who agreed to what, and the proof of it.")


@app.command("show")
def show(person: Person, home: Home = None, as_json: AsJson = False) -> None:
    """What counts now for somebody, and every entry of their ledger."""
    from ...storage import consents, people, wishes
    from ...storage.consent_views import ledger

    with opened(home) as instance, instance.db.read() as tx:
        contact = people.whose(tx, person)
        if contact is None:
            raise Refused(f"Nobody is known as {person}: an id, an e-mail address or a contact's number is wanted.")
        states, wish, entries = consents.states(tx, contact), wishes.of(tx, contact), ledger(tx, contact)
    for entry in entries:
        entry["at"], entry["confirmed_at"] = moment(entry["at"]), moment(entry["confirmed_at"])
    if as_json:
        state = [{"channel": c, "topic": t, "state": action} for (c, t), action in sorted(states.items())]
        limits = {"per_week": wish.per_week, "paused_until": moment(wish.paused_until), "tracking": not wish.untracked}
        put({"contact": contact, "state": state, **limits, "ledger": entries})
        return
    heads = ("at", "channel", "topic", "action", "source", "legal basis", "confirmed")
    keys = ("at", "channel", "topic", "action", "source", "legal_basis", "confirmed_at")
    table(heads, ([entry[key] for key in keys] for entry in entries))


@app.command("record")
def record(
    person: Person,
    topic: Annotated[str, typer.Argument(help="The topic's name.")],
    said: Annotated[Literal["yes", "no"], typer.Argument(help="What they said.")],
    why: Annotated[str, typer.Option("--why", help="Where and how they said it; kept as evidence.")],
    channel: Annotated[str, typer.Option("--channel", help="email or sms.")] = "email",
    home: Home = None,
) -> None:
    """Write down what somebody said by phone or in a shop. It is kept that you wrote it, and why."""
    from ...runtime.consent_words import CHANNELS
    from ...storage import consents, people

    if channel not in CHANNELS:
        raise Refused(f"There is no channel {channel}: it is one of {', '.join(CHANNELS)}.")
    with opened(home) as instance:
        contact = instance.db.look(lambda tx: people.whose(tx, person))
        if contact is None:
            raise Refused(f"Nobody is known as {person}: an id, an e-mail address or a contact's number is wanted.")
        now_ms = instance.clock.now_ms()

        def job(tx: consents.Tx) -> bool:
            before = consents.last(tx, contact, channel, topic)
            action = "granted" if said == "yes" else "withdrawn" if before == "granted" else "denied"
            return consents.say(
                tx, contact, channel, action, source="by hand", now_ms=now_ms, topic=topic, actor=ACTOR,
                evidence={"why": why[:1000]},
            )  # fmt: skip

        new = instance.db.write(job, durable=True)
    say("Written down." if new else "That is what counts already; nothing was added.")


@app.command("tracking")
def tracking(
    person: Person,
    said: Annotated[Literal["yes", "no"], typer.Argument(help="Whether what they open and follow may be counted.")],
    why: Annotated[str, typer.Option("--why", help="Where and how they said it; kept as evidence.")],
    home: Home = None,
) -> None:
    """Write down that somebody does not want it to be counted what they open and follow, or does again."""
    from ...runtime import preferences
    from ...storage import people

    with opened(home) as instance:
        contact = instance.db.look(lambda tx: people.whose(tx, person))
        if contact is None:
            raise Refused(f"Nobody is known as {person}: an id, an e-mail address or a contact's number is wanted.")
        proof = preferences.Proof(0, "", "", "", more={"source": "by hand", "actor": ACTOR, "why": why[:1000]})
        now_ms = instance.clock.now_ms()
        new = instance.db.write(
            lambda tx: preferences.measure(tx, instance.shelf, contact, said == "yes", proof, now_ms), durable=True
        )
    say("Written down." if new else "That is what counts already; nothing was changed.")


@app.command("verify")
def verify(home: Home = None, as_json: AsJson = False) -> None:
    """Go through the whole ledger: every entry's hash, every person's chain. Exit code 1 when something is wrong."""
    from ...storage.consent_chain import verify as look_through

    with opened(home) as instance:
        found = instance.db.look(look_through)
    if as_json:
        broken = [{"entry": one.entry, "contact": one.contact_id, "text": one.text} for one in found.breaks]
        put({"entries": found.entries, "contacts": found.contacts, "erased": found.erased, "breaks": broken})
    else:
        for one in found.breaks:
            say(f"Entry {one.entry} of contact {one.contact_id}: {one.text}")
        told = "nothing was changed" if not found.breaks else counted(len(found.breaks), "entry is", "entries are")
        say(
            f"{counted(found.entries, 'entry', 'entries')} of {counted(found.contacts, 'person', 'people')}: "
            f"{told}{' not as it was written' if found.breaks else ''}."
        )
    if found.breaks:
        raise typer.Exit(1)


@app.command("topics")
def topics(home: Home = None, as_json: AsJson = False) -> None:
    """The topics people can agree to, with how many said what."""
    from ...storage.consent_views import tallies
    from ...storage.topics import catalogue

    with opened(home) as instance, instance.db.read() as tx:
        wanted = [(channel, topic.name) for topic in catalogue(tx) for channel in topic.channels]
        found = tallies(tx, wanted)
    keys = ("topic", "channel", "granted", "denied", "withdrawn", "unknown")
    if as_json:
        put([{key: getattr(one, key) for key in keys} for one in found])
        return
    table(keys, ([getattr(one, key) for key in keys] for one in found))
