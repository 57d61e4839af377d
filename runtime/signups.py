"""Double opt-in: an address is entered, a letter asks whether it was them, and only their answer is consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..storage import consents, journeys, signups, suppressions, tombstones, topics
from ..storage.consents import GRANTED, Said
from ..storage.database import Tx
from ..storage.signups import Form, SignUp
from . import playbooks
from .content.links import Links
from .governance import versions
from .identity import People
from .occurrences import occur
from .program import ProgramShelf

ASKED, CONFIRMED = "subscription_requested", "subscription_confirmed"  # what the confirmation journey listens to
PLAYBOOK = "double-opt-in"
LASTS_MS = 7 * 86_400_000  # how long the link in the letter confirms
AN_HOUR_MS, MOST_AN_HOUR = 3_600_000, 3  # sign-ups of one address: nobody's mailbox is filled through a form
FIELDS = {"first_name": "given-name", "last_name": "family-name", "company": "organization"}  # and autocomplete


class NotReady(Exception):
    """Nobody can sign up yet: publish a journey that starts with subscription_requested and asks for confirmation."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody typed into a form, checked by the door, and where from."""

    email: str
    language: str
    fields: Mapping[str, str]
    ip: str
    agent: str


def ready(shelf: ProgramShelf, tx: Tx) -> bool:
    """Whether a live journey asks people to confirm."""
    shelf.refresh(tx)
    return any(True for _ in shelf.triggered_by(ASKED))


def prepare(tx: Tx, actor: str, now_ms: int) -> int:
    """Put the confirmation journey live, from its playbook; returns its id. Raises what publishing raises."""
    journey = journeys.journey_named(tx, PLAYBOOK)
    if journey is None:
        journey = journeys.journey_named(tx, playbooks.add(tx, PLAYBOOK, actor, now_ms))
    assert journey is not None and journey.id is not None
    versions.publish(tx, journey.id, actor, now_ms)
    return journey.id


def ask(
    tx: Tx, shelf: ProgramShelf, form: Form, entered: Entered, confirm_url: Callable[[int], str], now_ms: int
) -> bool:
    """Write a sign-up down and have it confirmed by letter; False when this address was asked often enough.

    ``confirm_url`` makes the link for the letter from the sign-up's id. What the ledger says does not change here.
    """
    if signups.asked_lately(tx, entered.email, now_ms - AN_HOUR_MS) >= MOST_AN_HOUR:
        return False
    crowd = People(tx, now_ms, f"form {form.name}")
    claim = crowd.claim(None, None, {"email": entered.email}, None, ())
    crowd.find([claim])
    person = crowd.who(claim)
    crowd.set(person, {"email": entered.email})
    if not person.id:
        crowd.set(person, {"language": entered.language})
    crowd.save()
    contact = person.root().id
    wording = signups.word(tx, consent_words(tx, form, entered.language), entered.language, now_ms)
    number = signups.ask(
        tx,
        SignUp(
            form=form.name, contact_id=contact, email=entered.email, language=entered.language, topics=form.topics,
            fields=dict(entered.fields), wording=wording, ip=entered.ip, agent=entered.agent, asked_at=now_ms,
        ),
    )  # fmt: skip
    properties = {"confirm_url": confirm_url(number), "list": ", ".join(form.topics), "form": form.name}
    occur(tx, shelf, [(contact, ASKED, {**properties, "language": entered.language})], now_ms)
    return True


def confirm(tx: Tx, shelf: ProgramShelf, signup_id: int, ip: str, agent: str, now_ms: int) -> SignUp | None:
    """The answer to the letter: what they asked for is granted, with both halves as evidence. Twice is fine.

    None when the sign-up is gone, or its contact is.
    """
    one = signups.signup(tx, signup_id)
    person = consents.hold(tx, one.contact_id) if one else None
    if one is None or person is None:
        return None
    if not signups.confirm(tx, signup_id, now_ms):
        return one
    evidence = {
        "signup": signup_id, "form": one.form, "asked_at": one.asked_at, "asked_ip": one.ip, "asked_agent": one.agent,
    }  # fmt: skip
    said = [
        Said(
            person, "email", GRANTED, f"form {one.form}", name, wording=one.wording, language=one.language, ip=ip,
            agent=agent, evidence=evidence, confirmed_ms=now_ms,
        )
        for name in one.topics
    ]  # fmt: skip
    consents.append(tx, said, now_ms)
    tombstones.lift(tx, [("email", one.email)])
    suppressions.welcome_back(tx, one.email)
    crowd = People(tx, now_ms, f"form {one.form}")
    claim = crowd.claim(None, None, {"email": one.email}, None, ())
    crowd.find([claim])
    crowd.set(crowd.who(claim), {name: value for name, value in one.fields.items() if value})
    crowd.save()
    occur(tx, shelf, [(person, CONFIRMED, {"form": one.form, "list": ", ".join(one.topics)})], now_ms)
    return one


def consent_words(tx: Tx, form: Form, language: str) -> str:
    """The sentence people agree to: the form's own, else one made of its topics."""
    given = said(form, language, "consent")
    if given:
        return given
    titles = [topic.said(language) for name in form.topics if (topic := topics.named(tx, name))]
    return AGREE.get(language, AGREE["en"]).format(topics=", ".join(titles or form.topics))


def said(form: Form, language: str, field: str) -> str:
    """The form's own words in this language, else in English; "" where it has none."""
    return form.words.get(language, {}).get(field) or form.words.get("en", {}).get(field, "")


def confirm_links(links: Links, now_ms: int) -> Callable[[int], str]:
    """Makes the link that confirms a sign-up."""
    return lambda number: links.confirm(number, now_ms + LASTS_MS)


AGREE = {
    "en": "I agree to get letters about {topics}. I can take that back at any time.",
    "cs": "Souhlasím se zasíláním e-mailů na téma {topics}. Souhlas mohu kdykoli odvolat.",
    "sk": "Súhlasím so zasielaním e-mailov na tému {topics}. Súhlas môžem kedykoľvek odvolať.",
    "de": "Ich möchte E-Mails zu {topics} erhalten. Das kann ich jederzeit widerrufen.",
}
