"""What programs and files say of consent, read into entries of the ledger: yes, no, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..nodes.slug import is_slug
from ..storage import consents
from ..storage.consents import DENIED, GRANTED, WITHDRAWN, Said
from ..storage.database import Tx

CHANNELS = ("email", "sms", "push", "web_push", "in_app", "whatsapp", "direct_mail")
WORDS = {
    **dict.fromkeys(("yes", "y", "1", "1.0", "true", "granted", "ano", "áno", "ja", "x", "✓"), GRANTED),
    **dict.fromkeys(("no", "n", "0", "0.0", "false", "denied", "ne", "nie", "nein"), DENIED),
    **dict.fromkeys(("withdrawn", "unsubscribed", "odhlášen", "odhlásený", "abgemeldet"), WITHDRAWN),
}
MOST = 50  # in one message
NOTHING_SAID = 'The message says nothing of consent: send consents like {"email": {"newsletter": true}}.'
NOT_FOLLOWED = "They said no before, and a key that anybody can read does not undo that: use an admin key or a form."


class Spoken(NamedTuple):
    """One yes or no: the channel, the topic and what was said."""

    channel: str
    topic: str
    action: str


class Told(NamedTuple):
    """What a message tells of consent, and what its sender knows of how it was said."""

    spoken: tuple[Spoken, ...]
    notes: tuple[str, ...] = ()
    wording: str = ""
    language: str = ""
    ip: str | None = None
    agent: str | None = None


class NoBasis(Exception):
    """The file says who agreed, but not on what that rests: say where and how they did, in a few words."""


def state_of(cell: Any) -> str | None:
    """What a cell or a value means: granted, denied, withdrawn; None is nothing, and nothing is never a yes."""
    if isinstance(cell, bool):
        return GRANTED if cell else DENIED
    return WORDS.get(str(cell).strip().casefold()) if isinstance(cell, str | int | float) else None


def target_of(target: str) -> tuple[str, str] | None:
    """``consent.email.newsletter`` → channel and topic; None for any other target of a column."""
    mark, channel, topic = [*target.split(".", 2), "", ""][:3]
    return (channel, topic) if mark == "consent" and channel in CHANNELS and is_slug(topic) else None


def imported(
    tx: Tx, rows: Iterable[tuple[int, str, str, str]], basis: str, actor: str, evidence: Mapping[str, Any], now_ms: int
) -> int:
    """Write ``(contact, channel, topic, state)`` of a file; returns how many were new.

    ``basis`` is what the importer says it rests on. A yes counts only where nothing was known, and is never
    confirmed; a no always counts. Raises `NoBasis` for a yes without one. The contacts are held by the caller.
    """
    basis = basis.strip()[:300]
    said = [
        Said(
            contact, channel, state, "import", topic, legal_basis=basis, actor=actor, evidence=evidence,
            overrules=False,
        )
        for contact, channel, topic, state in rows
    ]  # fmt: skip
    if not basis and any(one.action == GRANTED for one in said):
        raise NoBasis(NoBasis.__doc__)
    return len(consents.append(tx, said, now_ms))


def told(holder: Mapping[str, Any], message: Mapping[str, Any]) -> tuple[Told | None, dict[str, Any]]:
    """What a message tells in ``consents``, as ``{"email": {"newsletter": true}}``; and ``holder`` without it."""
    if "consents" not in holder:
        return None, dict(holder)
    rest = {key: value for key, value in holder.items() if key != "consents"}
    spoken, notes = _spoken(holder["consents"])
    context = message.get("context")
    context = context if isinstance(context, Mapping) else {}
    language = message.get("language") or context.get("locale")
    return Told(
        spoken[:MOST],
        notes,
        _text(message.get("wording")) or "",
        _text(language) or "",
        _text(context.get("ip")),
        _text(context.get("userAgent")),
    ), rest


def write(tx: Tx, people: Iterable[tuple[int, Told, int]], source: str, now_ms: int, overrules: bool) -> list[int]:
    """Write what messages told, ``(contact, told, at)`` each; the positions of those that were not followed.

    ``overrules`` False (a key that stands in the pages of a site, or history): a yes does not undo a no.
    """
    people = list(people)
    said = [
        (at, Said(
            contact, one.channel, one.action, source, one.topic, at_ms=at_ms, overrules=overrules,
            wording=of.wording, language=of.language, ip=of.ip, agent=of.agent,
        ))
        for at, (contact, of, at_ms) in enumerate(people)
        for one in of.spoken
    ]  # fmt: skip
    if not said:
        return []
    consents.append(tx, [one for _, one in said], now_ms)
    known = {contact: consents.states(tx, contact) for contact in {one.contact_id for _, one in said}}
    return sorted({at for at, one in said if known[one.contact_id].get((one.channel, one.topic)) != one.action})


def _spoken(value: Any) -> tuple[tuple[Spoken, ...], tuple[str, ...]]:
    """The yes and no in it, and sentences about what was left out."""
    if not isinstance(value, Mapping):
        return (), (NOTHING_SAID,)
    spoken: list[Spoken] = []
    notes: list[str] = []
    for channel, topics in value.items():
        if channel not in CHANNELS:
            notes.append(f"The consents of {str(channel)[:60]!r} were left out: it is none of {', '.join(CHANNELS)}.")
        elif not isinstance(topics, Mapping):
            notes.append(f"The consents by {channel} were left out: name the topics, each with true or false.")
        else:
            for topic, said in topics.items():
                action = state_of(said)
                if action is None or not is_slug(topic):
                    notes.append(
                        f"The consent {channel}.{topic[:60]} was left out: a topic is a short name in small letters, "
                        "and what is said of it true or false."
                    )
                else:
                    spoken.append(Spoken(channel, topic, action))
    if len(spoken) > MOST:
        notes.append(f"Only the first {MOST} consents of the message were kept.")
    return tuple(spoken[:MOST]), tuple(notes)


def _text(value: Any) -> str | None:
    return value[:300] if isinstance(value, str) and value else None
