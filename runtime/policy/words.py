"""The policy in plain words: a section for each of its parts, and what changes between two policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from babel import Locale

from ..channels.channel import media
from ..feature_catalogue import BY_NAME
from ..numbers import counted
from .lengths import DAY_MS, clock_words, length_words, share_words
from .policy import CLASSES, Behaviour, Brake, Cap, Fallback, Group, Hours, Policy, QuietHours
from .policy_parts import WEEKDAYS, Class
from .standing import CLASS_WORDS

NOUNS = {  # what messages of a medium are called; others by their label
    "email": "e-mails", "sms": "text messages", "push": "push messages", "web_push": "web push messages",
    "in_app": "messages on the site", "direct_mail": "letters by post", "whatsapp": "WhatsApp messages",
}  # fmt: skip
DAY_WORDS = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
WHEN_WORDS = {
    "failed": "it fails", "blocked": "the address is blocked", "no_address": "there is no address",
    "no_consent": "there is no consent", "capped": "a cap is reached", "expired": "it waited too long",
    "unopened": "it is not opened",
}  # fmt: skip
HIT_WORDS = {
    "skip": "What is too much is left out, and the journey goes on.",
    "other_way": "What is too much goes on by the way for failed messages.",
    "leave": "Who has had enough leaves the journey.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the policy. Without ``sentences`` it says nothing; ``nothing`` says what that means."""

    key: str
    title: str
    icon: str
    sentences: tuple[str, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is said no longer in a part, and what is said anew."""

    title: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def sections(policy: Policy) -> tuple[Section, ...]:
    """The whole policy, part by part in the order of the page."""

    def part(key: str, title: str, icon: str, said: Iterator[str], nothing: str = "") -> Section:
        return Section(key, title, icon, tuple(said), nothing)

    return (
        part("caps", "Enough is enough", "speed", map(cap_words, policy.caps), "There is no cap on how many messages "
             "people get, but the number they chose themselves."),
        part("hours", "Hours", "bedtime", _hours(policy), "Messages go out at any time of day."),
        part("pace", "Pace", "timer", _pace(policy), "Messages may follow each other at once."),
        part("behaviour", "After what people did", "sentiment_dissatisfied", _behaviour(policy.behaviour)),
        part("expiry", "Out of date", "hourglass_bottom", _expiry(policy)),
        part("fallback", "When one channel does not reach them", "alt_route", _fallback(policy.fallback),
             "No other channel is tried, but where a journey does it itself."),
        part("brake", "Emergency brake", "report", _brake(policy.brake), "No journey stops by itself."),
        part("groups", "Journeys among each other", "group_work", _among(policy), "People may be in any journeys at "
             "the same time; which goes first follows from how people come into it."),
    )  # fmt: skip


def difference(before: Policy, after: Policy) -> list[Change]:
    """What another policy changes, part by part; empty where they say the same."""
    found = []
    for old, new in zip(sections(before), sections(after), strict=True):
        gone = tuple(each for each in old.sentences if each not in new.sentences)
        come = tuple(each for each in new.sentences if each not in old.sentences)
        if gone or come:
            found.append(Change(new.title, gone or ((old.nothing,) if not old.sentences else ()), come or
                                ((new.nothing,) if not new.sentences else ())))  # fmt: skip
    return found


def said(changes: Sequence[Change]) -> list[str]:
    """Changes as lines of text."""
    lines = []
    for change in changes:
        lines += [f"{change.title}: no longer: {each}" for each in change.gone]
        lines += [f"{change.title}: new: {each}" for each in change.new]
    return lines


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────────


def cap_words(cap: Cap) -> str:
    """One cap, whole."""
    span = f"in any {length_words(cap.per)}"
    if cap.window == "calendar":
        span = "a day, from midnight where they live" if cap.per == DAY_MS else "a week, from Monday where they live"
    what = nouns(cap.channels) + _about(cap.topics)
    number = _allowance(cap) if cap.by else "No" if cap.max == 0 else f"At most {cap.max}"
    if cap.max == 1 and len(cap.channels) <= 1:
        what = nouns(cap.channels).replace("messages", "message").removesuffix("s") + _about(cap.topics)
    waits = f"What is too much waits for room, {length_words(cap.defer_at_most)} at most; then it is left out."
    return f"{number} {what} {span}{_classes(cap.classes)}. {HIT_WORDS.get(cap.when_hit, waits)}"


def hours_words(hours: Hours) -> str:
    """One rule about hours, whole."""
    quiet = isinstance(hours, QuietHours)
    what = nouns(hours.channels, "or" if quiet else "and")
    when = "all day" if (hours.start, hours.end) == (0, 1440) else (
        f"from {clock_words(hours.start)} to {clock_words(hours.end)}")  # fmt: skip
    days = f" on {_days(hours.days)}" if hours.days else ""
    where = f" to people in {_and([country_name(each) for each in hours.countries])}" if hours.countries else ""
    holidays = ""
    if getattr(hours, "holidays", "") == "quiet":
        holidays = ", nor on public holidays" if quiet else ", and not on public holidays"
    head = (
        f"No {what}{where} {when}{days}" if quiet else f"{what[:1].upper()}{what[1:]}{where} go out {when}{days} only"
    )
    spread = f" What waited goes out over {counted(hours.spread_minutes, 'minute')}." if hours.spread_minutes else ""
    return f"{head}{holidays}{_classes(hours.classes)}.{spread}"


def _hours(policy: Policy) -> Iterator[str]:
    yield from map(hours_words, (*policy.quiet_hours, *policy.working_hours))


def _pace(policy: Policy) -> Iterator[str]:
    for channel, pause in policy.cool_down.items():
        yield f"At least {length_words(pause)} between two {noun(channel)}, but transactional ones."
    if policy.reserve:
        within = length_words(policy.reserve)
        yield f"Room under a cap is kept for a message of a higher class that is due within {within}."


def _behaviour(of: Behaviour) -> Iterator[str]:
    for pause, what in ((of.after_complaint, "a complaint"), (of.after_negative_reply, "an angry answer")):
        if pause:
            yield f"After {what} there is no marketing for {length_words(pause)}."
    if of.after_bounce:
        yield f"After a bounce nothing goes out on that channel for {length_words(of.after_bounce)}."
    if of.complaint_withdraws:
        yield "A complaint about an e-mail also takes back the consent to marketing by e-mail."
    for events, what in ((of.complaint_events, "a complaint"), (of.negative_reply_events, "an angry answer")):
        if events:
            named = _and([f"“{name}”" for name in events], "or")
            yield f"The event {named} counts as {what}."
    if of.negative_words:
        yield f"Words of yours that make an answer an angry one: {', '.join(of.negative_words)}."


def _expiry(policy: Policy) -> Iterator[str]:
    waits = [policy.expiry.of(rank) for rank in range(len(CLASSES))]
    if len(set(waits)) == 1:
        yield f"A message waits {length_words(waits[0])} at most; then it is out of date and left out."
        return
    said = [f"{length_words(wait)} for {CLASS_WORDS[name].lower()}" for name, wait in zip(CLASSES, waits, strict=True)]
    yield f"A message waits no longer than {_and(said)}; then it is out of date and left out."


def _fallback(of: Fallback) -> Iterator[str]:
    if not of.order:
        return
    for channel, others in of.order.items():
        tried = ", then ".join(noun(each) for each in others)
        yield f"Where {noun(channel)} do not reach somebody, {tried} are tried."
    when = [
        f"it is not opened within {length_words(of.unopened_after)}" if each == "unopened" else WHEN_WORDS[each]
        for each in of.when
    ]
    yield f"It does not reach them if {_and(when, 'or')}."
    yield "The whole chain counts as one message." if of.counts_once else "Each message of the chain counts."


def _brake(of: Brake) -> Iterator[str]:
    for share, what in ((of.unsubscribes, "unsubscribes"), (of.complaints, "complaints")):
        if share is not None:
            yield (
                f"A journey stops by itself at {share_words(share)} {what} in {length_words(of.over)}, "
                f"once it has sent {counted(of.at_least, 'message')} in that time."
            )


def _among(policy: Policy) -> Iterator[str]:
    yield from map(group_words, policy.groups)
    for name, place in policy.priorities.items():
        yield f"The journey “{name}” counts as {CLASS_WORDS[place.class_].lower()} with weight {place.weight} of 100."


def group_words(group: Group) -> str:
    """One group of journeys, whole."""
    names = _and([f"“{name}”" for name in group.journeys])
    if group.when_met == "refuse":
        return f"Of {names} people are in one at a time: who is in one does not come into another."
    return f"Of {names} people are in one at a time: the one of higher priority takes them over."


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────


def noun(channel: str) -> str:
    """What messages on a channel are called."""
    medium = media().get(channel)
    return NOUNS.get(channel) or (f"{medium.label.lower()} messages" if medium else f"{channel} messages")


def nouns(channels: Sequence[str], word: str = "and") -> str:
    """The same for several; none means all."""
    return _and([noun(each) for each in channels], word) if channels else "messages"


def country_name(code: str) -> str:
    """A country in English."""
    return Locale("en").territories.get(code, code)


def _allowance(cap: Cap) -> str:
    assert cap.by is not None
    first, *rest = cap.by.table
    steps = "".join(f", {most} from {figure:g}" for figure, most in rest)
    known = BY_NAME.get(cap.by.feature)
    return f"By {known.title.lower() if known else cap.by.feature} ({first[1]} to begin with{steps}) so many"


def _about(topics: Sequence[str]) -> str:
    return f" about {_and([f'“{name}”' for name in topics], 'or')}" if topics else ""


def _classes(classes: Sequence[Class]) -> str:
    return f" ({_and([CLASS_WORDS[each].lower() for each in classes])} only)" if classes else ""


def _days(days: Sequence[str]) -> str:
    places = sorted(WEEKDAYS.index(day) for day in days)  # type: ignore[arg-type]
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{DAY_WORDS[WEEKDAYS[places[0]]]} to {DAY_WORDS[WEEKDAYS[places[-1]]]}"
    return _and([DAY_WORDS[WEEKDAYS[place]] for place in places])


def _and(words: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
