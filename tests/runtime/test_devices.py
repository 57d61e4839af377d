"""Whose phone or browser it is: told by SDKs, moved at a login, forgotten when it is gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sojourn.runtime import devices, ingest, settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.devices import Evidence
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.pushable import NotADevice, browser, phone
from sojourn.storage import consents, people
from sojourn.storage import devices as rows
from sojourn.storage.database import Database

DAY_MS = 86_400_000
NOW_MS = 1_790_000_000_000
FCM, APNS = "d1Xf:APA91bHun4M", "0f" * 32


def tell(db: Database, *messages: dict[str, Any], now_ms: int = NOW_MS, history: bool = False) -> None:
    clock = ManualClock(now_ms)
    receipt = asyncio.run(ingest.accept(db, ProgramShelf(), clock, messages, "app #1", history=history))
    assert not receipt.rejected


def opened(who: str, token: str = FCM, kind: str = "android", **more: Any) -> dict[str, Any]:
    context = {"device": {"type": kind, "token": token}, "app": {"namespace": "com.example.shop"}}
    return {"type": "track", "event": "App opened", "userId": who, "context": context, **more}


def of(db: Database, *users: str, medium: str = "push") -> dict[str, list[tuple[str, str]]]:
    """Carrier and token of the devices of these, in one query."""

    def look(tx: Any) -> dict[str, list[tuple[str, str]]]:
        known = dict(people.identities(tx, "user", list(users)))
        found = rows.of(tx, list(known.values()), medium)
        return {user: [one[:2] for one in found.get(contact, [])] for user, contact in known.items()}

    return db.look(look)


def test_a_mobile_sdk_tells_the_token_with_every_event(db: Database) -> None:
    tell(db, opened("ada"), opened("ada", APNS.upper(), "ios"), opened("ben", "x" * 40, "Android"))
    tell(db, opened("ada"), now_ms=NOW_MS + 1)
    assert of(db, "ada", "ben") == {"ada": [("fcm", FCM), ("apns", APNS)], "ben": [("fcm", "x" * 40)]}
    ada = db.look(lambda tx: rows.of(tx, [people.identities(tx, "user", ["ada"])[0][1]], "push"))
    ((*_, app, keys), _) = next(iter(ada.values()))
    assert app == "com.example.shop" and keys["seen_at"] == NOW_MS, "not written anew with every event"
    tell(db, opened("ada"), now_ms=NOW_MS + 2 * DAY_MS)
    ada = db.look(lambda tx: rows.of(tx, [people.identities(tx, "user", ["ada"])[0][1]], "push"))
    assert next(iter(ada.values()))[0][3]["seen_at"] == NOW_MS + 2 * DAY_MS


def test_a_phone_goes_with_who_signs_in_on_it(db: Database) -> None:
    tell(db, opened("ada"))
    tell(db, opened("ben"), now_ms=NOW_MS + 1)
    assert of(db, "ada", "ben") == {"ada": [], "ben": [("fcm", FCM)]}
    tell(db, opened("ada"), now_ms=NOW_MS + 2, history=True)
    assert of(db, "ada") == {"ada": []}, "what is told of the past moves nothing"


def test_a_phone_of_nobody_yet_is_theirs_once_they_say_who_they_are(db: Database) -> None:
    tell(db, {**opened("-"), "userId": None, "anonymousId": "phone-7"})
    tell(db, {"type": "identify", "userId": "ada", "anonymousId": "phone-7"}, now_ms=NOW_MS + 1)
    assert of(db, "ada") == {"ada": [("fcm", FCM)]}


@pytest.mark.parametrize(
    "context",
    [
        {"device": {"type": "android"}},
        {"device": {"token": "no type at all"}},
        {"device": {"token": 7, "type": "ios"}},
        {"device": []},
        {"device": {"type": "desktop", "token": "x" * 40}},
        {"device": {"type": "ios", "token": "x" * 5_000}},
    ],
)
def test_a_context_without_a_usable_token_says_nothing(db: Database, context: dict[str, Any]) -> None:
    tell(db, {"type": "track", "event": "App opened", "userId": "ada", "context": context})
    assert of(db, "ada") == {"ada": []}


def test_where_proof_is_wanted_a_write_key_makes_no_phone_a_users(db: Database) -> None:
    db.write(lambda tx: settings.save(tx, "devices_proven", True))
    visitor = {**opened("-"), "userId": None, "anonymousId": "phone-7"}
    clock = ManualClock(NOW_MS)
    for overrules, who in ((False, opened("ada")), (False, visitor), (True, opened("ben", "ben:phone"))):
        asyncio.run(ingest.accept(db, ProgramShelf(), clock, [who], "app #1", overrules=overrules))
    assert of(db, "ada", "ben") == {"ada": [], "ben": [("fcm", "ben:phone")]}
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM devices WHERE token = ?", (FCM,))) == 1


def test_nobody_gathers_more_devices_than_people_have(db: Database) -> None:
    for number in range(25):
        tell(db, opened("ada", f"token:{number:04}"), now_ms=NOW_MS + number)
    kept = of(db, "ada")["ada"]
    assert len(kept) == rows.MOST and kept[-1] == ("fcm", "token:0024") and ("fcm", "token:0004") not in kept


def test_a_permission_is_an_entry_of_the_ledger_and_undoes_no_earlier_no_without_proof(db: Database) -> None:
    tell(db, opened("ada"))
    ada = db.look(lambda tx: people.identities(tx, "user", ["ada"])[0][1])
    device = phone(FCM, "android")

    def said(allowed: bool, proven: bool, at_ms: int) -> str | None:
        evidence = Evidence(allowed, page="https://shop.example.com/", ip="192.0.2.7")
        db.write(lambda tx: devices.permitted(tx, ada, device, proven, evidence, at_ms))
        return db.look(lambda tx: consents.states(tx, ada)).get(("push", "marketing"))

    assert said(True, False, NOW_MS) == "granted"
    assert said(False, False, NOW_MS + 1) == "denied"
    assert said(True, False, NOW_MS + 2) == "denied"
    assert said(True, True, NOW_MS + 3) == "granted"


def test_turning_the_last_browser_off_is_a_no_and_signing_out_is_none(db: Database) -> None:
    keys = {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg"}  # fmt: skip
    tell(db, {"type": "identify", "userId": "ada"})
    ada = db.look(lambda tx: people.identities(tx, "user", ["ada"])[0][1])
    phones = [browser({"endpoint": f"https://push.example.com/{name}", "keys": keys}) for name in "ab"]
    for one in phones:
        db.write(lambda tx, one=one: devices.note(tx, [(ada, one)], NOW_MS))
        db.write(lambda tx, one=one: devices.permitted(tx, ada, one, False, Evidence(True), NOW_MS))

    def state() -> str | None:
        return db.look(lambda tx: consents.states(tx, ada)).get(("web_push", "marketing"))

    assert db.write(lambda tx: devices.left(tx, phones[0].token, "web_push", True, NOW_MS)) and state() == "granted"
    assert db.write(lambda tx: devices.left(tx, phones[1].token, "web_push", False, NOW_MS)) and state() == "granted"
    db.write(lambda tx: devices.note(tx, [(ada, phones[1])], NOW_MS))
    assert db.write(lambda tx: devices.left(tx, phones[1].token, "web_push", True, NOW_MS)) and state() == "withdrawn"
    assert not db.write(lambda tx: devices.left(tx, phones[1].token, "web_push", True, NOW_MS))


def test_only_what_can_be_pushed_to_is_a_device() -> None:
    for token, kind in (("short", "ios"), ("with space" * 3, "android"), ("é" * 20, "ios"), (None, "ios")):
        with pytest.raises(NotADevice):
            phone(token, kind)
    keys = {"p256dh": "AAAA", "auth": "AAAA"}
    for endpoint in ("http://push.example.com/a", "https://", "javascript:alert(1)", 7):
        with pytest.raises(NotADevice):
            browser({"endpoint": endpoint, "keys": keys})
