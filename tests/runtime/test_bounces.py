"""What comes back by mail is read recipient by recipient, and nothing else is taken for it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime.bounces.parsing import parse
from sojourn.runtime.bounces.words import is_hard, word_of

from .returned import complaint, dsn, message_id, prose

ANN = "ann@example.org"


@pytest.mark.parametrize(
    ("status", "said", "word", "hard"),
    [
        ("5.1.1", "550 5.1.1 <ann@example.org>: user unknown", "gone", True),
        ("5.0.0", "550 No such user here", "gone", True),
        ("5.7.1", "550 5.7.1 No such user", "gone", True),
        ("5.2.1", "550 5.2.1 The account is disabled", "gone", True),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "gone", True),
        ("5.1.2", "Host or domain name not found", "no_domain", True),
        ("5.4.4", "Name service error: Host not found", "no_domain", True),
        ("5.2.2", "552 5.2.2 The mailbox is over quota", "full", False),
        ("5.1.1", "550 5.1.1 mailbox full", "full", False),
        ("5.0.0", "554 Quota exceeded", "full", False),
        ("5.7.1", "554 5.7.1 Message rejected as spam", "spam", False),
        ("5.1.1", "550 5.1.1 rejected: looks like spam", "spam", False),
        ("5.7.1", "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", "blocked", False),
        ("5.7.26", "550 5.7.26 This mail is unauthenticated", "policy", False),
        ("5.0.0", "550 Sender address rejected: Domain does not exist", "policy", False),
        ("5.0.0", "550 rejected due to policy, user unknown to SPF", "policy", False),
        ("5.1.0", "550 5.1.0 Sender rejected", "policy", False),
        ("5.3.4", "552 5.3.4 message too big", "too_large", False),
        ("5.7.1", "550 5.7.1 relaying denied", "relaying", False),
        ("4.4.1", "connection timed out", "busy", False),
        ("4.1.1", "450 4.1.1 user unknown", "gone", False),
        ("5.4.6", "too many hops", "loop", False),
        ("5.0.0", "550 x", "unknown", False),
    ],
)
def test_a_refusal_is_one_of_our_words(status: str, said: str, word: str, hard: bool) -> None:
    (report,) = parse(dsn(ANN, status, said))
    assert (report.kind, report.recipient, report.word, report.hard) == ("bounce", ANN, word, hard)
    assert report.mta == "mx.example.org"
    assert report.action == ("stop" if hard else "count" if word == "full" else "note")


def test_the_letter_it_is_about_is_found() -> None:
    (report,) = parse(dsn(ANN, "5.1.1", "550 no", letter=message_id(12, ANN), number=12))
    assert (report.message, report.reference) == (12, message_id(12, ANN))
    (report,) = parse(dsn(ANN, "5.1.1", "550 no", letter="else@example.net"))
    assert (report.message, report.reference) == (0, "else@example.net")


def test_still_being_tried_is_no_bounce() -> None:
    assert parse(dsn(ANN, "4.4.1", "timed out", action="delayed"))[0].kind == "delay"
    warning = "Warning: could not send message to <ann@example.org> for past 4 hours.\nIt will be retried."
    assert parse(prose(warning, subject="Delivery delayed"))[0].kind == "delay"
    assert parse(dsn(ANN, "2.0.0", "250 ok", action="delivered"))[0].kind == "none"


def test_a_complaint_is_known_by_our_own_message_id() -> None:
    (report,) = parse(complaint(message_id(3, ANN)))
    assert (report.kind, report.recipient, report.message, report.action) == ("complaint", "", 3, "withdraw")
    assert parse(complaint(message_id(3, ANN), ANN))[0].recipient == ANN
    assert parse(complaint(message_id(3, ANN), ANN, "not-spam"))[0].kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "Hi. This is the qmail-send program.\n\n<ann@example.org>:\nSorry, no mailbox here by that name.",
        "The following address(es) failed:\n\n  ann@example.org\n    unknown user",
        "550 5.1.1 RCPT TO:<ann@example.org>... User unknown",
        "Your message could not be delivered. The recipient ann@example.org does not exist.",
        "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1",
        "It did not reach: SMTP=ann@example.org; unknown recipient",
        "Unknown user.\n\n--- The message follows ---\n\nReceived: x\nFrom: shop@example.com\nTo: ann@example.org\n",
    ],
)
def test_words_alone_are_enough(text: str) -> None:
    (report,) = parse(prose(text))
    assert (report.kind, report.recipient, report.word, report.hard) == ("bounce", ANN, "gone", True)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (prose("Away till Monday.", sender=ANN, subject="Out of office", more="Auto-Submitted: x\n"), "auto_reply"),
        (prose("Jsem mimo.", sender=ANN, subject="Automatická odpověď"), "auto_reply"),
        (prose("Ihre Nachricht", sender=ANN, subject="Abwesenheitsnotiz"), "auto_reply"),
        (prose("Got it", sender=ANN, subject="Re: News", more="X-Autoreply: yes\n"), "auto_reply"),
        (prose("Please click the link to confirm that you are a person; your mail was not delivered.", sender=ANN,
               subject="Undelivered: confirm your message"), "auto_reply"),
        (prose("Your last mail failed to make me buy. Is the blue one still rejected?", sender=ANN, subject="Re: News",
               more="In-Reply-To: <x@example.com>\n"), "none"),
        (prose("The delivery failed, my parcel was returned to the shop, unknown to the neighbours.", sender=ANN,
               subject="My parcel"), "none"),
        (prose("User unknown is a good band name", sender=ANN, subject="Hello"), "none"),
        (b"", "none"),
        (b"\xff\xfe\x00", "none"),
    ],
)  # fmt: skip
def test_what_is_no_bounce_is_not_called_one(raw: bytes, kind: str) -> None:
    assert [one.kind for one in parse(raw)] == [kind]


SEEDS = [dsn(ANN, "5.1.1", "550 no", letter="a@b.c"), complaint("a@b.c", ANN), prose("<ann@example.org>: user unknown")]


@given(st.binary(max_size=400), st.sampled_from(SEEDS), st.integers(0, 900), st.integers(0, 900))
def test_no_bytes_make_it_fail(noise: bytes, seed: bytes, at: int, to: int) -> None:
    for report in parse(seed[:at] + noise + seed[to:]):
        assert report.kind in ("bounce", "delay", "complaint", "auto_reply", "none")
        assert len(report.diagnostic) <= 500 and len(report.recipient) <= 400


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)),
        prose("a" * 2_000_000),
        prose("a@" * 500_000),
        prose("<" * 500_000, more="Content-Type: text/html\n"),
        prose("user " * 200_000),
        prose("mailbox " + "x " * 200_000),
        prose("Message\n" * 100_000),
        prose("\n".join(f"Final-Recipient: rfc822; {n}@example.org" for n in range(20_000))),
        dsn(ANN, "5.0.0", "exceed " + "a " * 100_000),
        dsn(ANN, "5.0.0", "address (" * 50_000),
        b"Subject: " + b"=?utf-8?q?x?= " * 50_000 + b"\n\nx",
    ],
    ids=range(12),
)
def test_what_is_made_to_take_long_does_not(raw: bytes) -> None:
    """Were they to work, these would take minutes or go too deep."""
    assert parse(raw)


def test_one_letter_more_or_less_never_makes_a_full_mailbox_hard() -> None:
    chance = random.Random(7)
    for said in ("mailbox is full", "quota exceeded", "over quota", "insufficient storage", "mailbox full"):
        for status in ("5.1.1", "5.2.2", "5.0.0", "", "4.2.2"):
            noise = chance.choice(["550 ", "552 user ann: ", "Sorry, ", "5.2.2 "])
            assert not is_hard(word_of(status, noise + said), status, 552)
