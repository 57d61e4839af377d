"""Looks an instance over: what is set up, what is missing, and what to do about it, in sentences."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..runtime.numbers import counted
from . import config, lock

if TYPE_CHECKING:
    from .instance import Instance

ROOM = 500 * 2**20  # bytes that should be free
OLD_MS = 7 * 86_400_000  # a backup older than this is worth a word
PATIENCE = 5.0  # seconds for the mail server
SAID_OF_ONE = 3  # things said of one letter


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence. ``level`` is ok, warning (works, but look) or error (does not work)."""

    level: str
    text: str


def inspect(home: Path) -> list[Finding]:
    """Look over the instance in ``home``, whether it can be opened or not."""
    from .instance import Instance, InstanceProblem, must_exist

    try:
        found = config.load(home)
    except config.ConfigProblem as error:
        return [Finding("error", line) for line in str(error).splitlines()]
    try:
        must_exist(home)
    except InstanceProblem as problem:
        return [Finding("error", str(problem))]
    try:
        instance = Instance.open(home)
    except Exception as error:
        from .cli import sentence_of

        return [
            Finding("ok", f"Home is {home}."),
            Finding("error", sentence_of(error) or f"{config.masked(found.database_url)} cannot be opened: {error}"),
        ]
    try:
        return findings(instance)
    finally:
        instance.close()


def findings(instance: Instance) -> list[Finding]:
    """Everything worth knowing about an open instance, what is wrong among what is right."""
    return [
        *_home(instance),
        *_store(instance),
        *_web(instance),
        *_mail(instance),
        *_work(instance),
        *_letters(instance),
    ]


def _home(instance: Instance) -> Iterator[Finding]:
    home = instance.home
    yield Finding("ok", f"Home is {home}.")
    if home.stat().st_mode & 0o077:
        yield Finding("warning", f"Other users of this machine can look into {home}: chmod 700 {home}.")
    free = shutil.disk_usage(home).free
    if free < ROOM:
        yield Finding("error", f"Only {free // 2**20} MB are free for {home}: make room, or nothing can be written.")
    else:
        yield Finding("ok", f"{free // 2**30} GB are free.")
    for name in config.stray(os.environ):
        yield Finding("warning", f"{name} is set in the environment, and nothing reads it.")


def _store(instance: Instance) -> Iterator[Finding]:
    from ..storage import exports, settings
    from .instance import BACKED_UP

    with instance.db.read() as tx:
        size = exports.size(tx)
        backed_up = settings.fetch(tx, BACKED_UP)
    kind = "PostgreSQL" if instance.db.postgres else "SQLite"
    where = config.masked(instance.config.database_url)
    yield Finding("ok", f"The database is {kind} at {where}, up to date, {max(1, size // 2**20)} MB.")
    age_ms = None if backed_up is None else time.time_ns() // 1_000_000 - int(backed_up)
    if age_ms is None:
        yield Finding("warning", "There is no backup yet: `sojourn backup` makes one while everything runs.")
    elif age_ms > OLD_MS:
        yield Finding(
            "warning", f"The last backup is {counted(age_ms // 86_400_000, 'day')} old: `sojourn backup` makes one."
        )
    else:
        yield Finding("ok", f"The last backup is {age_ms // 3_600_000} hours old.")
    if instance.config.clock == "manual":
        yield Finding("warning", "The clock is moved by hand here: for trying out, not for real letters.")


def _web(instance: Instance) -> Iterator[Finding]:
    running = lock.running(instance.home)
    settings, address = instance.settings, instance.config.address
    if running:
        yield Finding("ok", f"`sojourn {running.what}` runs (process {running.pid}).")
    else:
        yield Finding("warning", f"Nothing runs here now: `sojourn serve --home {instance.home}` starts it.")
    if settings.base_url.startswith("https://"):
        yield Finding("ok", f"Links in letters lead to {settings.base_url}.")
    else:
        yield Finding(
            "warning",
            f"Links in letters lead to {settings.base_url or address}, which people elsewhere may not reach: "
            "set base_url to the https address of this instance.",
        )
    if not instance.config.local_only and not address.startswith("https://"):
        yield Finding(
            "warning",
            f"The pages can be reached from other machines at {address} without TLS: put a proxy with https before "
            "them and set base_url.",
        )


def _mail(instance: Instance) -> Iterator[Finding]:
    settings, url = instance.settings, instance.config.smtp_url
    if settings.sender_address:
        yield Finding("ok", f"Letters come from {settings.sender} <{settings.sender_address}>.")
    else:
        yield Finding("error", "No sender address: `sojourn settings set sender_address you@example.com`.")
    if not settings.postal_address:
        yield Finding("warning", "No postal address under the letters: `sojourn settings set postal_address …`.")
    if not url and (names := _mail_accounts(instance)):
        yield Finding("ok", f"Letters leave by {', '.join(names)}.")
    elif not url:
        yield Finding("error", "No mail server: set SOJOURN_SMTP_URL=smtp://user:password@host:587. Letters wait.")
    elif trouble := mail_trouble(url):
        yield Finding(
            "error", f"The mail server {config.masked(url)} does not answer ({trouble}). Letters wait for it."
        )
    else:
        yield Finding("ok", f"The mail server {config.masked(url)} answers.")


def _mail_accounts(instance: Instance) -> list[str]:
    from ..storage import accounts

    with instance.db.read() as tx:
        return [one.name for one in accounts.everyone(tx, ["email"]) if one.status == "on"]


def _work(instance: Instance) -> Iterator[Finding]:
    from ..storage import journeys, users, views

    with instance.db.read() as tx:
        states = [journey.status for journey in journeys.journeys(tx)]
        keys = [key for key in users.keys(tx) if key.revoked_at is None]
        owners = users.any_user(tx)
        waiting = views.message_states(tx)
    if not owners:
        yield Finding("error", "Nobody can sign in: `sojourn users add you@example.com` lets you in.")
    if not keys:
        yield Finding("warning", "No key for programs that send events: `sojourn keys new --kind write` makes one.")
    else:
        yield Finding("ok", counted(len(keys), "key for programs", "keys for programs") + ".")
    live, paused = states.count("live"), states.count("paused")
    are_live = counted(live, "journey is live", "journeys are live")
    yield Finding("ok" if live else "warning", f"{are_live}, {paused} paused, {len(states)} in all.")
    if instance.settings.restored_at is not None:
        yield Finding(
            "warning",
            "This instance was restored from a backup and stands still: look through it, then "
            "`sojourn journeys resume --all`.",
        )
    if doubtful := waiting.get("in_doubt"):
        yield Finding(
            "warning", f"{doubtful} messages are in doubt: a crash hid whether they left. None is sent again."
        )


def _letters(instance: Instance) -> Iterator[Finding]:
    """What died or ran out in letters of journeys that run, as the daily look over them found it."""
    from ..storage import letter_audits

    with instance.db.read() as tx:
        audits = letter_audits.audits(tx)
    for _, title, letter, found in audits:
        about = f"“{title}”, letter “{letter}”" if letter else f"“{title}”"
        for one in found[:SAID_OF_ONE]:
            level = "error" if one.get("severity") == "error" else "warning"
            yield Finding(level, f"Journey {about}: {one.get('sentence')} {one.get('fix') or ''}".rstrip())
        if len(found) > SAID_OF_ONE:
            yield Finding("warning", f"Journey {about}: {len(found) - SAID_OF_ONE} more to look at in its letter.")


def mail_trouble(url: str) -> str | None:
    """What keeps the mail server from answering; None when it greets us."""
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    host, port = parts.hostname or "", parts.port or (465 if secure else 587 if parts.username else 25)
    try:
        server = (
            smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
            if secure
            else smtplib.SMTP(host, port, timeout=PATIENCE)
        )
        with server:
            server.noop()
    except (OSError, smtplib.SMTPException, socket.gaierror) as error:
        return str(error) or type(error).__name__
    return None
