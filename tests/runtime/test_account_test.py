"""An account is tried by one message, whatever it carries, and what is wrong with it is said before."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from sojourn.runtime import account_test, accounts
from sojourn.runtime.accounts import AccountProblem, Given
from sojourn.storage.database import Database

from .post import NOW
from .systems import System
from .test_house_outbox import house


def tried(parts: Any, name: str) -> account_test.Said:
    return asyncio.run(account_test.send(parts, name, "", 'Hello "you"', "ann"))


def test_a_webhook_and_a_chat_are_tried_by_a_request(db: Database, tmp_path: Path) -> None:
    with System() as system:
        crm = {"name": "crm", "medium": "webhook", "carrier": "http", "settings": {"url": system.url + "/crm"}}
        ops = {"name": "ops", "medium": "alert", "carrier": "chat", "settings": {"address": system.url + "/ops"}}
        parts = house(db, tmp_path, crm, ops)
        assert tried(parts, "crm").ok and tried(parts, "ops").ok
        first, second = system.heard
    assert orjson.loads(first.body) == {"test": 'Hello "you"'}
    assert second.path == "/ops" and "Hello" in orjson.loads(second.body)["text"]


def test_what_goes_out_by_nothing_cannot_be_tried(db: Database, tmp_path: Path) -> None:
    said = {"sender": "Acme, 1 Main St", "home_country": "CZ"}
    paper = {"name": "printer", "medium": "direct_mail", "carrier": "batch", "settings": said}
    parts = house(db, tmp_path, paper)
    with pytest.raises(AccountProblem, match="nothing to test"):
        tried(parts, "printer")


def test_a_file_of_accounts_is_taken_whole_and_says_which_one_is_wrong(db: Database, tmp_path: Path) -> None:
    parts = house(db, tmp_path)
    texts = {"senders": ["+420601000000"], "account_sid": "AC123", "auth_token": "t"}
    given = [
        Given.model_validate(
            {"name": name, "medium": "sms", "carrier": "twilio", "settings": {**texts, "base_url": url}}
        )
        for name, url in (("good", "https://api.example.com"), ("bad", "https://me:hush@api.example.com"))
    ]
    with pytest.raises(AccountProblem, match="bad: `base_url`: leave the name and password out") as problem:
        db.write(lambda tx: accounts.keep_all(tx, parts, given, "ann", NOW))
    assert "hush" not in str(problem.value)
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM accounts")) == 0


def test_a_secret_where_everybody_reads_it_is_warned_of(db: Database, tmp_path: Path) -> None:
    said = {"url": "https://gw.example.com/?apikey=1", "headers": {"Authorization": "Bearer {secret}"}, "secret": "s",
            "body": {"to": "{to}", "text": "{text}", "password": "p"}, "senders": ["+420601000000"]}  # fmt: skip
    parts = house(db, tmp_path, {"name": "gw", "medium": "sms", "carrier": "gateway", "settings": said})
    row = db.look(lambda tx: accounts.accounts.named(tx, "gw"))
    assert row is not None
    bare = [one.split(" ")[0] for one in accounts.warnings(parts, row) if "can be read" in one]
    assert bare == ["apikey", "password"]
