"""Events told to other systems: signed, tried again with growing pauses, given up with a warning."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from ...storage import webhooks
from ...storage.columns import from_ms, load
from ...storage.database import Database, Row, Tx
from ...storage.webhooks import Webhook
from .. import notices
from ..clock import Clock
from . import outgoing, signing

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
PAUSES_MS = (5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 14 * HOUR_MS)
TRIES = len(PAUSES_MS) + 1  # over a day and a half, as the specification suggests
GIVE_UP_MS = 5 * DAY_MS  # an address that has failed for so long is turned off
REST_MS = 5 * MINUTE_MS  # an address that failed is left alone so long
AT_ONCE = 50  # messages to one address in one go
SAID = 500  # characters kept of an answer
TEST = "test"


class WebhookProblem(Exception):
    """A webhook cannot be kept as it is; the message says why."""


class Told(NamedTuple):
    """What came of one try."""

    delivery: int
    attempts: int  # before this one
    code: int | None
    said: str
    after_s: int | None = None

    @property
    def good(self) -> bool:
        """Any answer of the two hundreds counts as received."""
        return self.code is not None and 200 <= self.code < 300


def make(
    tx: Tx, seal: Any, title: str, url: str, events: Sequence[str], segments: Sequence[str], actor: str, now_ms: int
) -> tuple[int, str]:
    """A new webhook; returns its id and its secret, which is never shown again. Raises `WebhookProblem`."""
    outgoing_problem = _looked_at(title, url, events)
    if outgoing_problem:
        raise WebhookProblem(outgoing_problem)
    secret = signing.new_secret()
    made = Webhook(
        title=title.strip()[:200], url=url.strip(), sealed=seal(secret), events=sorted({*events}),
        segments=sorted({*segments}), created_at=from_ms(now_ms), created_by=actor,
    )  # fmt: skip
    return webhooks.keep(tx, made), secret


def test(tx: Tx, webhook_id: int, now_ms: int) -> None:
    """Queue a message that says it is a test."""
    webhooks.queue(tx, [(webhook_id, 0)], now_ms)


def deliver(db: Database, clock: Clock, secrets: Any, private_hosts: Sequence[str]) -> int:
    """Tell what is due, several addresses at a time; returns how many messages were tried."""
    ready = db.look(lambda tx: webhooks.ready(tx, clock.now_ms()))
    if not ready:
        return 0
    with ThreadPoolExecutor(min(8, len(ready)), thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda row: _to_one(db, clock, secrets, private_hosts, *row), ready))


def _to_one(
    db: Database, clock: Clock, secrets: Any, private_hosts: Sequence[str], webhook: int, url: str, sealed: str
) -> int:
    """One address: until its first failure, which makes all that waits for it wait."""
    now_ms = clock.now_ms()
    rows = db.look(lambda tx: webhooks.due(tx, webhook, now_ms, AT_ONCE))
    try:
        secret = secrets.open(sealed)
    except Exception as problem:
        told = [Told(row[0], row[1], None, str(problem)) for row in rows[:1]]
    else:
        told = []
        for row in rows:
            told.append(_tell(url, secret, row, clock.now_ms(), private_hosts))
            if not told[-1].good:
                break
    db.write(lambda tx: _write_down(tx, webhook, told, clock.now_ms()))
    return len(told)


def _tell(url: str, secret: str, row: Row, now_ms: int, private_hosts: Sequence[str]) -> Told:
    delivery, attempts, *about = row
    body = orjson.dumps(_message(about, now_ms))
    sent = {
        "content-type": "application/json",
        "user-agent": "Sojourn-Webhooks",
        **signing.headers(secret, f"msg_{delivery}", now_ms, body),
    }
    try:
        answer = outgoing.post(url, body, sent, private_hosts)
    except outgoing.OutgoingProblem as problem:
        return Told(delivery, attempts, None, str(problem)[:SAID])
    return Told(delivery, attempts, answer.status, _plain(answer.text), answer.retry_after_s)


def _message(about: Sequence[Any], now_ms: int) -> dict[str, Any]:
    event, name, at, properties, contact, external_id, email, phone, profile = about
    if not event or name is None:
        return {"type": TEST, "timestamp": _iso(now_ms), "data": {"words": "A test from Sojourn: it has arrived."}}
    person = {"id": contact, "external_id": external_id, "email": email, "phone": phone}
    return {
        "type": name,
        "timestamp": _iso(at),
        "data": {"event_id": event, "properties": load(properties), "contact": {**person, "properties": load(profile)}},
    }


def _write_down(tx: Tx, webhook: int, told: Sequence[Told], now_ms: int) -> None:
    rows: list[tuple[str, int | None, int | None, str, int, int]] = []
    for one in told:
        if one.good:
            rows.append(("delivered", None, one.code, "", now_ms, one.delivery))
        elif one.attempts + 1 >= TRIES or one.code == 410:  # gone: the specification's word for "stop"
            rows.append(("failed", None, one.code, one.said, now_ms, one.delivery))
        else:
            rows.append(("waiting", now_ms + _pause(one), one.code, one.said, now_ms, one.delivery))
    webhooks.tried(tx, rows)
    if not told:
        return
    if told[-1].good:
        webhooks.answered(tx, webhook)
        return
    rest_ms = min(_pause(told[-1]), REST_MS)  # one message that is not liked must not hold up the others for hours
    since_ms = webhooks.failing(tx, webhook, now_ms, now_ms + rest_ms)
    if told[-1].code == 410 or now_ms - since_ms > GIVE_UP_MS:
        webhooks.disable(tx, webhook)


def _pause(one: Told) -> int:
    own = PAUSES_MS[min(one.attempts, len(PAUSES_MS) - 1)]
    return max(own, (one.after_s or 0) * SECOND_MS)


def warn(tx: Tx, now_ms: int) -> None:
    """Say which addresses fail, and which were turned off."""
    sentences = []
    for webhook in webhooks.everyone(tx):
        if webhook.status == "disabled":
            sentences.append(
                f"The webhook “{webhook.title}” was turned off: it failed for too long. "
                "Turn it on again in Data, In and out."
            )
        elif webhook.failing_since is not None and now_ms - webhook.failing_since.timestamp() * 1000 > HOUR_MS:
            sentences.append(f"The webhook “{webhook.title}” has failed for more than an hour; it is tried again.")
    notices.put(tx, "webhooks", sentences)


def _looked_at(title: str, url: str, events: Sequence[str]) -> str:
    """What is wrong with a new webhook, or nothing."""
    try:
        outgoing.check(url.strip())
    except outgoing.OutgoingProblem as problem:
        return str(problem)
    if not title.strip():
        return "Give the webhook a name."
    return "" if events else "Choose at least one event it is told of."


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:SAID])


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
