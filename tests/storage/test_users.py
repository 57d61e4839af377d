"""People, their browsers, their keys, on both stores."""

from __future__ import annotations

import pytest

from sojourn.storage import users
from sojourn.storage.database import Database

NOW = 1_700_000_000_000


def test_a_changed_stamp_ends_every_older_session(db: Database) -> None:
    user = db.write(lambda tx: users.add_user(tx, " Ann@Example.com ", "hash", "one", NOW))
    assert user.id and user.email == "ann@example.com"
    db.write(lambda tx: users.begin_sign_in(tx, "browser-key", user.id or 0, "one", NOW))
    assert db.look(lambda tx: users.signed_in(tx, "browser-key", 0)) == users.Who(user.id, user.email, "", "owner")
    assert db.look(lambda tx: users.signed_in(tx, "browser-key", NOW + 1)) is None, "too old"
    assert db.look(lambda tx: users.signed_in(tx, "another", 0)) is None
    db.write(lambda tx: tx.run("UPDATE users SET stamp = 'two'"))
    assert db.look(lambda tx: users.signed_in(tx, "browser-key", 0)) is None


def test_an_address_is_taken_once(db: Database) -> None:
    db.write(lambda tx: users.add_user(tx, "ann@example.com", "hash", "one", NOW))
    with pytest.raises(users.EmailTaken):
        db.write(lambda tx: users.add_user(tx, "ANN@example.com", "hash", "one", NOW))


def test_a_key_is_kept_as_a_digest_and_can_be_revoked(db: Database) -> None:
    key_id = db.write(lambda tx: users.add_key(tx, "wk_0123456789abcdef", "write", "shop", NOW))
    stored = db.look(users.keys)[0]
    assert "0123456789abcdef" not in stored.model_dump_json() and stored.hint == "wk_01234"
    found = db.look(lambda tx: users.key_of(tx, "wk_0123456789abcdef"))
    assert found and found.kind == "write"
    db.write(lambda tx: users.revoke_key(tx, key_id, NOW))
    assert db.look(lambda tx: users.key_of(tx, "wk_0123456789abcdef")) is None


def test_the_trail_keeps_what_was_done(db: Database) -> None:
    db.write(lambda tx: users.note(tx, "ann@example.com", "paused", "welcome", NOW, {"why": "typo?%"}))
    entry = db.look(users.trail)[0]
    assert (entry.actor, entry.action, entry.subject, entry.details) == (
        "ann@example.com",
        "paused",
        "welcome",
        {"why": "typo?%"},
    )
