"""`sojourn contacts`: find, show, duplicates, merge, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import ACTOR, AsJson, Home, Refused, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...storage.database import Tx
    from ..person.seen import Seen

app = typer.Typer(no_args_is_help=True, help="Contacts: found, shown whole, made one of two, and two again.")
Person = Annotated[
    str, typer.Argument(help="Their own id, e-mail address, phone number, or the contact's number.", metavar="ID")
]


@app.command()
def find(
    words: Annotated[list[str], typer.Argument(help="Each begins a name, an address, a number or an id of theirs.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Contacts by how their names, addresses or ids begin; the last to come first, at most 50."""
    from ...storage import views
    from .. import words as written

    with opened(home) as instance:
        found = instance.db.look(lambda tx: views.contact_lines(tx, " ".join(words)))
    if as_json:
        put([{"id": one.id, "external_id": one.external_id, "email": one.email, "phone": one.phone} for one in found])
    else:
        table(("id", "name", "e-mail", "own id"), ((c.id, written.title_of(c), c.email, c.external_id) for c in found))


@app.command()
def show(person: Person, home: Home = None, as_json: AsJson = False) -> None:
    """Everything about one contact: names, consent, segments, figures, journeys, messages, the last that happened."""
    from ..person.seen import read

    with opened(home) as instance:
        seen = instance.db.look(lambda tx: read(tx, _whose(tx, person)))
    if seen is None:
        raise Refused(f"Nobody goes by {person!r}.")
    document = _document(seen)
    if as_json:
        put(document)
        return
    for key, value in document.items():
        if isinstance(value, list):
            say(f"{key}:" + ("" if value else " none"))
            for one in value:
                said = one if not isinstance(one, dict) else "  ".join(f"{k}={_short(v)}" for k, v in one.items())
                say(f"  {said}")
        elif isinstance(value, dict):
            say(f"{key}:")
            for inner, one in value.items():
                say(f"  {inner}: {_short(one)}")
        elif value is not None:
            say(f"{key}: {value}")


@app.command()
def duplicates(home: Home = None, as_json: AsJson = False) -> None:
    """Pairs of contacts that may be one person and wait for somebody's word, the surest first, at most 100."""
    from ...storage import matches

    with opened(home) as instance:
        found = instance.db.look(lambda tx: matches.waiting(tx, 100))
    if as_json:
        put([{"one": p.one, "other": p.other, "score": p.score, "reasons": p.reasons} for p in found])
    else:
        table(("one", "other", "sure %", "why"), ((p.one, p.other, p.score, " ".join(p.reasons)) for p in found))


@app.command()
def merge(one: Person, other: Person, home: Home = None) -> None:
    """Make one of two contacts; it can be undone for 30 days."""
    from ...runtime.merging import merge_two

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        pair = instance.db.write(
            lambda tx: merge_two(tx, _whose(tx, one), _whose(tx, other), "hand", ACTOR, now_ms), durable=True
        )
    say(f"Contact {pair.loser} is part of contact {pair.winner} now.")


@app.command()
def undo(
    merge: Annotated[int, typer.Argument(help="The merge's number in `sojourn contacts show`.", metavar="MERGE")],
    home: Home = None,
) -> None:
    """Make two contacts of one again: what they were, did and were sent before the merge goes back."""
    from ...runtime.merging import take_back

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        undone = instance.db.write(lambda tx: take_back(tx, merge, ACTOR, now_ms), durable=True)
    say(f"Contact {undone.loser} is a contact of its own again.")


def _whose(tx: Tx, person: str) -> int:
    from ...storage import people

    found = people.whose(tx, person)
    if found is None:
        raise Refused(f"Nobody goes by {person!r}.")
    return found


def _document(seen: Seen) -> dict[str, Any]:
    person = seen.contact
    return {
        "id": person.id,
        "external_id": person.external_id,
        "email": person.email,
        "phone": person.phone,
        "created_at": moment(person.created_at),
        "changed_at": moment(person.changed_at),
        "erased_at": moment(person.erased_at),
        "properties": person.properties,
        "identities": [
            {"kind": n.kind, "value": n.value, "since": moment(n.since), "source": n.source} for n in seen.names
        ],
        "consents": [
            {"channel": w.channel, "topic": w.topic, "state": w.action, "source": w.source, "at": moment(w.at)}
            for w in seen.words
        ],
        "suppressions": [
            {"address": address, "channel": channel or None, "reason": reason}
            for address, channel, reason in seen.suppressions
        ],
        "segments": [name for name, *_ in seen.segments],
        "features": seen.figures or {},
        "journeys": [
            {"journey": s.journey, "entered_at": moment(s.entered_at), "ended_at": moment(s.ended_at),
             "reason": s.reason} for s in seen.stays
        ],
        "messages": [
            {"id": m.id, "journey": m.journey, "letter": m.content, "status": m.status, "reason": m.reason,
             "sent_at": moment(m.sent_at)} for m in seen.messages
        ],
        "merges": [
            {"id": m.id, "loser": m.loser, "winner": m.winner, "reason": m.reason, "actor": m.actor,
             "at": moment(m.at), "undone_at": moment(m.undone_at)} for m in seen.merges
        ],
        "timeline": [
            {"at": moment(entry.at), "kind": entry.kind, "what": entry.what, **entry.detail} for entry in seen.entries
        ],
    }  # fmt: skip


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
