"""The demo: fills an empty instance with a shop, its past and three live journeys, and opens it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ..runtime import journey_file, presets
from ..runtime import settings as catalogue
from ..runtime.clock import ManualClock
from ..runtime.contracts import door
from ..runtime.features.refresh import Refresh
from ..runtime.governance import versions
from ..runtime.products import bring
from ..storage import consents, events, journeys, people, users
from ..storage import settings as rows
from ..storage.columns import dump, from_ms, to_ms
from ..storage.consents import Said
from ..storage.database import Tx
from . import demo_letters, demo_reputation
from .demo_shop import ASSETS, Past, Person, past, shop
from .demo_shop import catalogue as sold
from .demo_shoppers import Shoppers
from .passwords import hash_password

if TYPE_CHECKING:
    from .instance import Instance

OWNER = "demo@example.com"
ACTOR = "demo"
DOOR = secrets.token_urlsafe(18)  # opens the demo from this machine while this process runs
FILE = "sign-in.json"
FILLED, OPENED = "demo.filled", "demo.opened"
HALF_HOUR_MS, HOUR_MS, DAY_MS = 1_800_000, 3_600_000, 86_400_000
CHORES_MS = 8 * HOUR_MS  # how often figures and the like are brought up to date in the first days
SEGMENTS = (
    "newcomers", "active", "at-risk", "best-customers", "vip", "looks-at-running", "left-cart", "likes-running",
)  # fmt: skip
FIRST_DAYS = 3  # lived through before anybody looks, so that people stand in the journeys

Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the demo; kept in its folder, for the owner of the folder alone."""

    email: str
    password: str
    write_key: str


def prepare(instance: Instance, progress: Progress | None = None, people: int = 3_000, days: int = FIRST_DAYS) -> Keys:
    """Fill the instance unless it is filled, and live through its first ``days``. Returns what opens it.

    The runtime beats afterwards. What was begun and broken off is taken up again.
    """
    told = progress or (lambda done, total: None)
    instance.announce(instance.config.address)
    keys = _keys(instance)
    if not is_demo(instance):
        before = past(instance.clock.now_ms(), people)
        instance.db.write(lambda tx: _fill(tx, before, instance.clock.now_ms()))
        bring(instance.db, sold(instance.config.address), instance.clock.now_ms())
        Refresh(instance.db, instance.shelf, instance.clock, budget_s=60).run()
    told(1, 10)
    instance.runtime.start()
    if days and instance.db.look(lambda tx: rows.fetch(tx, OPENED)) is None:
        asyncio.run(_live(instance, days, told))
        instance.db.write(lambda tx: _open(tx, instance.clock.now_ms()))
    told(10, 10)
    return keys


def is_demo(instance: Instance) -> bool:
    """Whether this instance is a demo's."""
    return instance.db.look(lambda tx: rows.fetch(tx, FILLED)) is not None


def written_journeys() -> list[dict[str, Any]]:
    """The contents of the demo's journeys, as their files say."""
    files = sorted((ASSETS / "journeys").glob("*/journey.yaml"))
    return [journey_file.read(file.read_text("utf-8"), file.parent) for file in files]


def kept_keys(home: Path) -> Keys | None:
    """What opens the demo in this folder; None when the note is gone."""
    try:
        return Keys(**json.loads((home / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _keys(instance: Instance) -> Keys:
    """The note in the folder, or a new password and key with a note of them."""
    kept = kept_keys(instance.home)
    if kept is not None and instance.db.look(users.any_user):
        return kept
    keys = Keys(OWNER, secrets.token_urlsafe(9), f"wk_{secrets.token_urlsafe(24)}")
    hashed, stamp, now_ms = hash_password(keys.password), secrets.token_hex(8), instance.clock.now_ms()

    def job(tx: Tx) -> None:
        owner = users.user_by_email(tx, OWNER)
        if owner is None or owner.id is None:
            users.add_user(tx, OWNER, hashed, stamp, now_ms, name="Demo")
        else:
            users.change_password(tx, owner.id, hashed, stamp)
        users.add_key(tx, keys.write_key, "write", "demo shop", now_ms)

    instance.db.write(job)
    note = instance.home / FILE
    note.touch(mode=0o600)
    note.write_text(json.dumps(asdict(keys)), "utf-8")
    return keys


def _fill(tx: Tx, before: Past, now_ms: int) -> None:
    """Brand, people, what they did, and the live journeys: all of it or nothing."""
    for key, value in shop()["brand"].items():
        catalogue.save(tx, key, value)
    fresh = people.fresh_ids(tx, "contacts", len(before.people))
    ids = {one.number: key for one, key in zip(before.people, fresh, strict=True)}
    people.add(
        tx,
        [
            (ids[one.number], one.user, one.email, one.phone, dump(one.traits()), one.joined_ms, one.joined_ms)
            for one in before.people
        ],
    )
    names = [(kind, name, ids[one.number]) for one in before.people for kind, name in _names(one)]
    people.take(tx, names, now_ms)
    happened = zip(people.fresh_ids(tx, "events", len(before.events)), before.events, strict=True)
    events.add_events(
        tx,
        [
            (key, ids[did.person.number], did.name, did.at_ms, did.at_ms, None, dump(did.properties))
            for key, did in happened
        ],
    )
    door.note_past(tx, before.events)
    consents.append(tx, [_signed_up(ids[one.number], one) for one in before.people], now_ms)
    gone = [one for one in before.people if one.unsubscribed_ms is not None]
    consents.append(
        tx,
        [Said(ids[one.number], "email", "withdrawn", "unsubscribe", at_ms=one.unsubscribed_ms) for one in gone],
        now_ms,
    )
    for content in written_journeys():
        if journeys.journey_named(tx, content["name"]) is None:
            versions.publish(tx, versions.save_draft(tx, content, ACTOR, now_ms), ACTOR, now_ms)
    rows.store(tx, FILLED, now_ms)


def _open(tx: Tx, now_ms: int) -> None:
    """Some segments, from now on: in the days before they would only take time; and how letters fared so far."""
    for name in SEGMENTS:
        presets.add(tx, name, ACTOR, now_ms)
    demo_reputation.fill(tx, now_ms, ACTOR)
    demo_letters.fill(tx, ACTOR, now_ms)
    rows.store(tx, OPENED, now_ms)


def _signed_up(contact: int, person: Person) -> Said:
    """Everybody in this shop signed up for its news in the footer, as the events say."""
    return Said(
        contact, "email", "granted", "demo shop", at_ms=person.joined_ms, wording="footer-1", language="en",
        evidence={"where": "the form in the footer of the made-up shop"},
    )  # fmt: skip


def _names(person: Person) -> list[tuple[str, str]]:
    names = [("user", person.user), ("email", person.email)]
    return [*names, ("phone", person.phone)] if person.phone else names


async def _live(instance: Instance, days: int, told: Progress) -> None:
    """The first days, half an hour at a time, up to nine in the morning."""
    clock = instance.clock
    assert isinstance(clock, ManualClock)
    shoppers = Shoppers(instance)
    zone = instance.settings.zone
    start_ms = clock.now_ms()
    end_ms = _next_nine(start_ms + days * DAY_MS, zone)
    while (now_ms := clock.now_ms()) < end_ms:
        step_ms = min(HALF_HOUR_MS, end_ms - now_ms)
        whole = (now_ms - start_ms) % CHORES_MS < HALF_HOUR_MS or now_ms + step_ms == end_ms
        await instance.runtime.advance(step_ms, with_chores=whole)
        await shoppers.live(with_time=True)
        told(1 + 9 * (now_ms - start_ms) / (end_ms - start_ms), 10)


def _next_nine(after_ms: int, zone: ZoneInfo) -> int:
    """The next nine o'clock in the morning, when the shop wakes up."""
    day = from_ms(after_ms).astimezone(zone).date()
    nine = to_ms(datetime.combine(day, time(9), zone))
    return nine if nine > after_ms else to_ms(datetime.combine(day + timedelta(days=1), time(9), zone))
