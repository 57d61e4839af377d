"""Requests to the owner's systems: valid whatever a name contains, proven, and every answer understood."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook as Official

from sojourn.runtime.channels.channel import (
    Delivered,
    Held,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from sojourn.runtime.channels.hook import Hook, HookSettings
from sojourn.runtime.channels.webhook import WEBHOOK, Webhook
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.content.issues import LetterProblem
from sojourn.runtime.exchange import signing

from .post import BRAND
from .systems import Allowing, System

HERE = frozenset({"127.0.0.1"})
NASTY = 'Ann "the\\n one"\n\t</script> {{ 7*7 }} \u2028 ž €, 50%/../?a=b&c#d'


@pytest.fixture
def system() -> Iterator[System]:
    with System() as system:
        yield system


def parcel(contact: dict[str, Any], **said: Any) -> Parcel:
    rendered = fill_form(compile_form(said, WEBHOOK), {"contact": contact})
    return Parcel(7, "", rendered, BRAND, contact_id=3, contact=contact)


def sent(url: str, contact: dict[str, Any] | None = None, *refused: int, account: Any = None, **said: Any) -> Outcome:
    async def run() -> Outcome:
        channel = Webhook.of(HookSettings.model_validate({"url": url, **(account or {})}), Tools({}, "crm", HERE))
        try:
            return (await channel.hand_over([parcel(contact or {}, **said)], Allowing(*refused)))[0]
        finally:
            await channel.close()

    return asyncio.run(run())


def test_a_body_stays_json_whatever_a_name_contains(system: System) -> None:
    body = '{"name": "{{ contact.name }}", "n": {{ contact.n }}, '
    body += '"all": {{ contact.tags|json }}, "no": {{ contact.x|json }}}'
    contact = {"name": NASTY, "n": 3.5, "tags": ["a", '"']}
    assert isinstance(sent(system.url + "/in", contact, body=body), Delivered)
    (heard,) = system.heard
    assert orjson.loads(heard.body) == {"name": NASTY.strip(), "n": 3.5, "all": ["a", '"'], "no": None}
    assert heard.headers["content-type"] == "application/json" and heard.headers["idempotency-key"] == "7"


@given(
    st.text(), st.one_of(st.integers(-(2**53), 2**53), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
)
def test_any_text_and_any_number_come_out_as_they_went_in(name: str, number: Any) -> None:
    compiled = compile_form({"body": '{"name": "a{{ contact.name }}z", "n": {{ contact.n }}}'}, WEBHOOK)
    filled = fill_form(compiled, {"contact": {"name": name, "n": number}}).fields["body"]
    assert orjson.loads(filled.encode()) == {"name": f"a{name}z".encode("utf-8", "replace").decode(), "n": number}


def test_without_a_body_the_whole_profile_goes(system: System) -> None:
    sent(system.url, {"name": "Ann", "spent": 4})
    assert orjson.loads(system.heard[0].body) == {"message": 7, "contact": {"name": "Ann", "spent": 4}}


def test_values_in_an_address_are_parts_of_it_and_never_climb_out(system: System) -> None:
    sent(system.url + "/api", {"id": "a/b?c#d é"}, method="GET", path="/customers/{{ contact.id }}?full=1")
    assert (system.heard[0].method, system.heard[0].path) == ("GET", "/api/customers/a%2Fb%3Fc%23d%20%C3%A9?full=1")
    for hostile in ("..", ".", "../admin", "%2e%2e"):
        outcome = sent(system.url + "/api", {"id": hostile}, path="/customers/{{ contact.id }}")
        assert isinstance(outcome, Refused) and "outside" in outcome.text
    assert len(system.heard) == 1


def test_headers_carry_values_on_one_line(system: System) -> None:
    sent(system.url, {"name": "Ann\r\nX-Evil: 1 ž"}, headers={"X-Name": "{{ contact.name }}"})
    assert system.heard[0].headers["x-name"].encode("latin-1").decode() == "Ann  X-Evil: 1 ž"
    assert "x-evil" not in system.heard[0].headers


def test_every_proof_is_what_the_other_side_expects(system: System) -> None:
    secret = signing.new_secret()
    sent(system.url, {"n": 1}, account={"username": "us", "password": "pä:ss"})
    sent(system.url, {"n": 1}, account={"token": "abc"})
    sent(system.url, {"n": 1}, account={"token": "abc", "token_header": "X-Api-Key", "signing_secret": secret})
    basic, bearer, own = system.heard
    assert basic.headers["authorization"] == "Basic " + b64encode("us:pä:ss".encode()).decode()
    assert bearer.headers["authorization"] == "Bearer abc"
    assert own.headers["x-api-key"] == "abc" and "authorization" not in own.headers
    assert Official(secret).verify(own.body, own.headers) == {"message": 7, "contact": {"n": 1}}


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (200, {}, Delivered), (204, {}, Delivered), (302, {"Location": "http://10.0.0.1/"}, Refused),
        (400, {}, Refused),
        (404, {}, Refused), (401, {}, TryLater), (408, {}, TryLater), (429, {"Retry-After": "30"}, TryLater),
        (500, {}, TryLater), (503, {"Retry-After": "30"}, TryLater),
    ],
)  # fmt: skip
def test_every_status_means_one_thing(system: System, status: int, headers: dict[str, str], kind: type) -> None:
    system.answer = lambda heard: (status, headers, b"no such customer" if status == 404 else b"")
    outcome = sent(system.url)
    assert type(outcome) is kind
    if isinstance(outcome, TryLater):
        assert outcome.after_ms == (30_000 if "Retry-After" in headers else None)
    if status == 404:
        assert isinstance(outcome, Refused) and outcome.text == "no such customer"
    assert len(system.heard) == 1  # a redirect is not followed


def test_what_leaves_without_an_answer_is_in_doubt_unless_repeats_are_known(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.answer = lambda heard: None
    assert isinstance(sent(system.url), Unclear)
    assert isinstance(sent(system.url, account={"repeats_are_known": True}), TryLater)
    monkeypatch.setattr(Hook.__init__, "__kwdefaults__", {"answer_s": 0.2})
    system.answer = lambda heard: (time.sleep(0.6), (200, {}, b"{}"))[1]
    assert isinstance(sent(system.url), Unclear)


def test_nothing_leaves_where_nobody_listens_where_it_is_private_or_where_the_mark_says_no(system: System) -> None:
    assert isinstance(sent(system.url, {}, 7), Held)
    assert isinstance(sent("http://127.0.0.1:9"), Unreachable)
    private = sent(system.url.replace("127.0.0.1", "localhost"))
    assert isinstance(private, TryLater) and "private network" in private.text
    assert system.heard == []


def test_what_the_answer_says_is_learnt(system: System) -> None:
    answer = {"customer": {"score": 7, "tags": ["a", "b"], "deep": {"x": 1}}, "items": [{"sku": "H1"}]}
    system.answer = lambda heard: (200, {}, orjson.dumps(answer))
    learn = {
        "score": "customer.score",
        "sku": "items.0.sku",
        "tags": "customer.tags",
        "deep": "customer.deep",
        "no": "a.b",
    }
    outcome = sent(system.url, learn=learn)
    assert isinstance(outcome, Delivered)
    assert dict(outcome.learnt) == {"score": 7, "sku": "H1", "tags": ["a", "b"]}
    assert "deep, no" in outcome.text
    for strange in (b"", b"<html>", b"[" * 10_000, b'{"customer": NaN}'):
        system.answer = lambda heard, strange=strange: (200, {}, strange)
        outcome = sent(system.url, learn=learn)
        assert isinstance(outcome, Delivered) and outcome.learnt == ()


def test_a_body_that_is_no_json_for_somebody_is_refused_before_anything_leaves(system: System) -> None:
    outcome = sent(system.url, {"name": "Ann"}, body='{"name": {{ contact.name }}}')
    assert isinstance(outcome, Refused) and "|json" in outcome.text
    assert system.heard == []


def test_text_stays_as_it_was_written(system: System) -> None:
    sent(system.url, {"name": 'a "b"\nc'}, kind="text", body="Hello {{ contact.name }}")
    assert system.heard[0].body == b'Hello a "b"\nc'


def test_a_step_names_the_account_it_asks(system: System) -> None:
    channel = Webhook.of(HookSettings.model_validate({"url": system.url}), Tools({}, "crm", HERE))
    assert channel.serves(parcel({})) and channel.serves(parcel({}, account="crm"))
    assert not channel.serves(parcel({}, account="shop"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"headers": {"Host": "x"}}, "cannot be the name of a header"),
        ({"learn": {"a b": "x"}}, "cannot be the name of a property"),
        ({"learn": {"a": "x..y"}}, "no path into an answer"),
        ({"method": "GET", "body": "{}"}, "has no body"),
        ({"body": "{{ os.environ }}"}, "Nothing is called os"),
    ],
)
def test_what_cannot_work_is_told_in_sentences(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LetterProblem, match=sentence):
        compile_form(said, WEBHOOK)


@pytest.mark.parametrize(
    "said",
    [
        {"url": "ftp://example.com"}, {"url": "https://user:pw@example.com"}, {"url": "https://example.com/#x"},
        {"url": "https://example.com", "token_header": "Host"}, {"url": "https://example.com", "signing_secret": "x"},
        {"url": "https://example.com", "username": "a", "token": "b"}, {"url": "https://example.com", "extra": 1},
    ],
)  # fmt: skip
def test_an_account_that_cannot_work_is_not_taken(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HookSettings.model_validate(said)
