"""Reviews from outside: forged clicks, the command line, links that were used, the last owner."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.app.invitations import DAY_MS, LinkIsOver, check, invitation, whose
from sojourn.app.pages.approval_letters import reviewed
from sojourn.app.secrets import Secrets
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.proof import Proof
from sojourn.storage import users
from sojourn.storage.columns import from_ms
from sojourn.storage.database import Database
from sojourn.storage.reviews import Review
from sojourn.storage.users import LastOwner, User

from ..runtime import post
from .stage import CART
from .terminal import sojourn
from .visitor import Visitor

T0 = 1_790_000_000_000


def test_the_command_line_keeps_to_four_eyes(tmp_path: Path) -> None:
    from sojourn.runtime import journey_file

    home, file = tmp_path / "home", tmp_path / "cart.yaml"
    file.write_text(journey_file.write(CART), "utf-8")
    made = sojourn(home, "init", "--owner-email", "o@example.com", "--owner-password-stdin", typed="correct horse bat")
    assert made.returncode == 0, made.stderr
    added = sojourn(
        home, "users", "add", "r@example.com", "--role", "reviewer", "--password-stdin", typed="correct horse"
    )
    assert added.returncode == 0, added.stderr
    assert '"role": "reviewer"' in sojourn(home, "users", "list", "--json").stdout
    assert sojourn(home, "journeys", "import", str(file), "--publish").returncode == 0
    assert sojourn(home, "settings", "set", "four_eyes", "true").returncode == 0
    file.write_text(journey_file.write({**CART, "title": "Other"}), "utf-8")
    refused = sojourn(home, "journeys", "import", str(file), "--publish")
    assert refused.returncode == 1
    assert "asks for four eyes" in refused.stderr and "Traceback" not in refused.stderr


def test_a_link_is_good_once_for_its_person_and_for_a_while(db: Database) -> None:
    keys = Secrets(b"k" * 32)
    user = db.write(lambda tx: users.add_user(tx, "nina@example.com", "", "stamp", T0, role="reviewer"))
    token = invitation(keys, user, T0).partition("token=")[2]
    assert whose(keys, token, T0) == user.id
    assert check(keys, token, user, T0 + DAY_MS).email == "nina@example.com"
    for wrong in (token[:-2] + "xx", "", "a.b.c"):
        with pytest.raises(LinkIsOver):
            whose(keys, wrong, T0)
    with pytest.raises(LinkIsOver):
        whose(Secrets(b"j" * 32), token, T0)
    with pytest.raises(LinkIsOver):
        whose(keys, token, T0 + 4 * DAY_MS)
    db.write(lambda tx: users.change_password(tx, user.id or 0, "hash", "another"))
    with pytest.raises(LinkIsOver):
        check(keys, token, db.look(lambda tx: tx.session.get(User, user.id)), T0)


def test_somebody_stays_owner(db: Database) -> None:
    only = db.write(lambda tx: users.add_user(tx, "o@example.com", "h", "s", T0)).id or 0
    for change in (lambda tx: users.change_role(tx, only, "viewer"), lambda tx: users.disable(tx, only, T0)):
        with pytest.raises(LastOwner):
            db.write(change)
    db.write(lambda tx: users.add_user(tx, "p@example.com", "h", "s", T0))
    db.write(lambda tx: users.disable(tx, only, T0))


def test_a_viewer_sees_approvals_and_no_people(viewer: Visitor, owner: Visitor) -> None:
    assert "Nothing waits for you" in viewer.open("/approvals").text
    assert "Invite" not in viewer.open("/people").text
    assert "Invite" in owner.open("/people").text


def test_a_stranger_reaches_none_of_it(stranger: Visitor) -> None:
    for path in ("/approvals", "/people", "/account"):
        assert stranger.http.get(path).status_code == 303, path
    assert stranger.http.get("/approvals/1/letters/reminder").status_code == 401
    forged = stranger.http.post(
        "/set-password", data={"token": "x", "password": "y" * 12}, headers={"Origin": "http://evil.test"}
    )
    assert forged.status_code == 403


def test_a_letter_under_review_is_filled_with_what_happened_last(db: Database) -> None:
    letter = {"subject": "Hi", "mjml": post.MJML.replace("your", "for {{ event.price + 1 }}, your")}
    draft = {"name": "cart", "nodes": {"start": {"kind": "trigger_event", "settings": {"event": "added"}}}}
    house: Any = SimpleNamespace(db=db, clock=ManualClock(post.NOW))
    review = Review(id=1, journey_id=1, content=draft, content_hash="", asked_by="a", asked_at=from_ms(T0))

    def seen() -> Proof:
        return asyncio.run(reviewed(house, review, letter))

    assert seen().issues, "what cannot be filled is said"
    post.journey(db, 1)
    price = 'UPDATE events SET properties = \'{"item": "red hat", "price": 8}\''
    db.write(lambda tx: tx.run(price))
    found = seen().rendered
    assert found is not None and "Hello Ada" in found.html and "for 9, your red hat" in found.html
