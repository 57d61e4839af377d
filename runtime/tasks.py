"""Tasks as other programs and spreadsheets take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ..storage import crm_tasks
from ..storage.crm_tasks import Task
from ..storage.database import Database

STATUSES = ("open", "taken", "done")
HEAD = (
    "task", "status", "kind", "title", "description", "due", "owner", "value", "currency", "contact", "external_id",
    "email", "phone", "made", "account", "reference", "done",
)  # fmt: skip
PAGE = 500


def as_document(task: Task) -> dict[str, Any]:
    """One task as the API tells it."""
    names = zip(HEAD, _values(task), strict=True)
    return {name: value for name, value in names if value not in ("", None)}


def as_rows(db: Database, status: str = "") -> Iterator[list[Any]]:
    """A head line, then one line a task, in the order they were made."""
    yield list(HEAD)
    after = 0
    while page := db.look(lambda tx, after=after: crm_tasks.everyone(tx, status, after, PAGE)):
        for task in page:
            yield list(_values(task))
        after = page[-1].message_id


def _values(task: Task) -> Sequence[Any]:
    value = float(task.value) if task.value else ""
    return (
        task.message_id, task.status, task.kind, task.title, task.description, _iso(task.due_at), task.owner, value,
        task.currency, task.contact_id, task.external_id, task.email, task.phone, _iso(task.made_at), task.account,
        task.reference, _iso(task.done_at),
    )  # fmt: skip


def _iso(ms: int | None) -> str:
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
