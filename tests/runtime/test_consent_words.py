"""Consent as programs and files tell it; and what the page on consent says of it is so."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime import consent_words, handing, ingest, signups
from sojourn.runtime.chores.signups import KEPT_MS
from sojourn.runtime.consent_words import NoBasis, state_of, target_of
from sojourn.runtime.envelope import Refused, check
from sojourn.runtime.policy.policy import NOTHING_SET
from sojourn.storage import consents, people
from sojourn.storage.columns import load

DAY, HOUR = 86_400_000, 3_600_000
PAGE = (Path(__file__).parent.parent.parent / "docs" / "consent.md").read_text()


def tell(stage: Any, *messages: dict[str, Any], **how: Any) -> ingest.Receipt:
    return asyncio.run(ingest.accept(stage.db, stage.shelf, stage.clock, messages, "shop #1", **how))


def states(stage: Any, email: str) -> dict[tuple[str, str], str]:
    def look(tx: Any) -> dict[tuple[str, str], str]:
        contact = people.whose(tx, email)
        return consents.states(tx, contact) if contact else {}

    return stage.db.look(look)


def test_identify_tells_consent_and_keeps_it_out_of_the_profile(stage: Any) -> None:
    traits = {"email": "ann@example.com", "consents": {"email": {"news": True, "tips": "no"}, "sms": {"news": 1}}}
    context = {"ip": "192.0.2.7", "userAgent": "Shop/1", "locale": "cs-CZ"}
    receipt = tell(stage, {"type": "identify", "userId": "u1", "traits": traits, "context": context})
    assert not receipt.rejected and not receipt.notes
    assert states(stage, "ann@example.com") == {
        ("email", "news"): "granted",
        ("email", "tips"): "denied",
        ("sms", "news"): "granted",
    }
    row = stage.rows("SELECT source, ip, agent, language, confirmed_at FROM consents ORDER BY id")[0]
    assert row == ("shop #1", "192.0.2.7", "Shop/1", "cs-CZ", None)
    assert load(stage.rows("SELECT properties FROM contacts")[0][0]) == {}


def test_what_is_no_consent_is_left_out_with_a_sentence(stage: Any) -> None:
    for wrong in ("yes", {"email": True}, {"pigeon": {"news": True}}, {"email": {"News letter": True, "x": "perhaps"}}):
        receipt = tell(stage, {"type": "identify", "userId": "u1", "traits": {"plan": "pro", "consents": wrong}})
        assert receipt.stored == 1 and receipt.notes
    assert stage.rows("SELECT count(*) FROM consents") == [(0,)]


def test_a_key_that_anybody_can_read_does_not_undo_a_no(stage: Any) -> None:
    said = {"type": "consent", "email": "ann@example.com"}
    tell(stage, {**said, "consents": {"email": {"news": False}}}, overrules=False)
    receipt = tell(stage, {**said, "consents": {"email": {"news": True}}}, overrules=False)
    assert receipt.notes[0].reason == consent_words.NOT_FOLLOWED
    assert states(stage, "ann@example.com") == {("email", "news"): "denied"}
    assert not tell(stage, {**said, "consents": {"email": {"news": True}}}).notes
    assert states(stage, "ann@example.com") == {("email", "news"): "granted"}


@pytest.mark.parametrize(
    "message",
    [
        {"consents": {"email": {"news": True}}},
        {"email": "ann@example.com"},
        {"email": "ann@example.com", "consents": {}},
        {"email": "no address", "consents": {"email": {"news": True}}},
        {"userId": "u1", "consents": {"email": {"news": "perhaps"}}},
    ],
)
def test_a_consent_that_says_nothing_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        check({"type": "consent", **message}, 0, 1_790_000_000_000, None, False)


def test_a_file_states_its_basis_overrules_nobody_and_confirms_nothing(stage: Any) -> None:
    stage.people(3, agreed=False)
    now = stage.clock.now_ms()
    stage.db.write(lambda tx: consents.say(tx, 1, "email", "withdrawn", source="unsubscribe", now_ms=now, topic="news"))
    rows = [(1, "email", "news", "granted"), (2, "email", "news", "granted"), (3, "email", "news", "denied")]
    with pytest.raises(NoBasis):
        stage.db.write(lambda tx: consent_words.imported(tx, rows, " ", "eve", {}, now))
    new = stage.db.write(lambda tx: consent_words.imported(tx, rows, "paper forms of 2025", "eve", {"line": 2}, now))
    assert new == 2
    kept = stage.rows(
        "SELECT contact_id, action, legal_basis, actor, confirmed_at FROM consents WHERE source = 'import'"
    )
    assert kept == [
        (2, "granted", "paper forms of 2025", "eve", None),
        (3, "denied", "paper forms of 2025", "eve", None),
    ]


def test_cells_and_columns() -> None:
    assert [state_of(cell) for cell in ("Yes", " 1", "ano", True, "x")] == ["granted"] * 5
    assert [state_of(cell) for cell in ("no", "0", "Nein", False, 0)] == ["denied"] * 5
    assert [state_of(cell) for cell in ("", "maybe", None, "2", [])] == [None] * 5
    assert target_of("consent.email.newsletter") == ("email", "newsletter")
    for other in ("consent.email", "consent.pigeon.news", "consent.email.News", "email", "consents.email.news"):
        assert target_of(other) is None


def test_the_page_on_consent_is_true() -> None:
    examples = [json.loads(found) for found in re.findall(r"^\{.*\}$", PAGE, re.M)]
    assert len(examples) == 2
    for example in examples:
        message = check({"type": "consent", **example}, 0, 1_790_000_000_000, None, False)
        assert message.said and message.said.spoken
    for words, figure in (
        ("good for 90 days", handing.CENTRE_MS / DAY == 90),
        ("up to 72 hours", NOTHING_SET.expiry.promo / HOUR == 72),
        ("good\nfor seven days", signups.LASTS_MS / DAY == 7),
        ("three times an hour", signups.MOST_AN_HOUR == 3),
        ("forgotten after 30 days", KEPT_MS / DAY == 30),
    ):
        assert words in PAGE and figure, words
