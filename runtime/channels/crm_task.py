"""Tasks for the people who sell: put on the list of the house, or handed to the system they work with."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import orjson
from pydantic import Field

from ...storage import crm_tasks, placing
from ...storage.database import Tx
from ..clock import SystemClock
from ..exchange import signing
from .callback import Call, Forged, Malformed, Reply
from .channel import (
    Capabilities,
    Channel,
    Delivered,
    Health,
    OneByOne,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unreachable,
)
from .hook import Hook, HookSettings, at
from .medium import Form, Medium, Template
from .placed import NoStore, Placed

HOUR_MS = 3_600_000
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
CONTACT = ("external_id", "email", "phone", "first_name", "last_name", "company")
LONGEST = 500  # characters of a title

log = logging.getLogger(__name__)


class TaskForm(Form):
    """What is to be done about a contact, by whom, until when, and what it is worth."""

    title: Template = Field(description="What is to be done, in one line.")
    description: Template = Field("", description="What one should know for it.")
    kind: Literal["task", "call", "email", "meeting"] = Field("task", description="What kind of task it is.")
    due_hours: int = Field(72, ge=1, le=8_760, description="To be done within so many hours.")
    owner: Template = Field("", description="Who does it, as your system knows them: {{ contact.account_manager }}.")
    value: Template = Field("", description="What the deal is worth, a number: {{ event.total }}.")
    currency: str = Field("", pattern=r"^([A-Za-z]{3})?$", description="Three letters, such as EUR.")
    account: str = Field("", description="The account of the system that gets it. Empty: the first, else the list.")


CRM_TASK = Medium(
    "crm_task", "Task for a colleague", "task_alt", "ours", TaskForm,
    "A task about the contact, on a list here or in your own system.", to_people=False,
)  # fmt: skip


def task_of(parcel: Parcel, now_ms: int) -> dict[str, Any] | Refused:
    """A task as it is written down and handed over."""
    fields = parcel.rendered.fields
    title, value = str(fields.get("title") or "").strip(), str(fields.get("value") or "").replace(",", ".").strip()
    if not title:
        return Refused(0, "Filled for this contact, the task has no title.")
    if value and not NUMBER.fullmatch(value):
        return Refused(0, f"Filled for this contact, the value is no number: {value[:60]}.")
    return {
        "kind": fields.get("kind") or "task",
        "title": title[:LONGEST],
        "description": str(fields.get("description") or ""),
        "owner": str(fields.get("owner") or "")[:LONGEST],
        "value": value,
        "currency": str(fields.get("currency") or "").upper(),
        "made_at": now_ms,
        "due_at": now_ms + int(fields.get("due_hours") or 72) * HOUR_MS,
    }


def _row(
    message_id: int, contact: int, account: str, task: Mapping[str, Any], status: str, reference: str
) -> list[Any]:
    said = [task[key] for key in ("kind", "title", "description", "owner", "value", "currency", "made_at", "due_at")]
    return [message_id, contact, account, *said, status, reference, None]


class TaskList(Placed):
    """Puts tasks on the list, from which people and programs take them."""

    name = "crm_task"
    label = "List of tasks"
    said = "It stands on the list of tasks."

    def written(self, parcel: Parcel, now_ms: int) -> dict[str, Any] | Refused:
        return task_of(parcel, now_ms)

    def put(self, tx: Tx, found: Mapping[int, tuple[int, dict[str, Any]]], now_ms: int) -> None:
        crm_tasks.put(tx, [_row(key, contact, "", task, "open", "") for key, (contact, task) in found.items()])


class TaskHook(OneByOne):
    """Hands tasks to a system of the owner's, and hears when they are done."""

    name = "crm_task"
    carrier = "http"
    label = "HTTP"
    help = "A CRM, or whatever stands before it, that takes a task as JSON."
    capabilities = Capabilities(receipts=True)
    width = 4
    Settings = HookSettings
    example: ClassVar[Mapping[str, Any]] = {"url": "https://crm.example.com/tasks", "token": "a token of that system"}

    def __init__(self, settings: HookSettings, tools: Tools) -> None:
        if tools.db is None:
            raise NoStore(NoStore.__doc__)
        self._tools, self._db, self._clock = tools, tools.db, tools.clock or SystemClock()
        self._secret = settings.signing_secret.get_secret_value()
        self._hook = Hook(settings, tools)

    @classmethod
    def of(cls, settings: HookSettings, tools: Tools) -> Channel:
        return cls(settings, tools)

    def serves(self, parcel: Parcel) -> bool:
        return parcel.rendered.fields.get("account", "") in ("", self._tools.account)

    def room(self) -> int:
        return self._hook.room()

    def health(self) -> Health:
        return self._hook.health()

    async def close(self) -> None:
        await self._hook.close()

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        task = task_of(parcel, self._clock.now_ms())
        if isinstance(task, Refused):
            return task
        body = orjson.dumps({"id": str(parcel.message_id), **_spoken(task), "contact": _known(parcel)}, default=str)
        headers = {"content-type": "application/json", "accept": "application/json"}
        outcome, answer = await self._hook.send(str(parcel.message_id), body, before_body, headers=headers)
        if isinstance(outcome, Unreachable):  # it waits for that system instead of going to the list
            return TryLater(0, outcome.text)
        if not isinstance(outcome, Delivered):
            return outcome
        reference = _reference(answer.text if answer else "")
        try:
            await self._db.awrite(lambda tx: self._note(tx, parcel.message_id, task, reference))
        except Exception:  # the other system has it, which is what counts
            log.exception("The task of message %d is not on the list.", parcel.message_id)
        return Delivered(outcome.code, outcome.text, reference=reference)

    def read(self, call: Call) -> Reply:
        """``{"id": …, "status": "done"}``, signed as Standard Webhooks says with the account's signing secret."""
        if not self._secret or not signing.is_genuine(self._secret, call.headers, call.body):
            raise Forged("The call is not signed with the account's signing secret.")
        try:
            said = orjson.loads(call.body)
        except ValueError:
            raise Malformed("The call is no JSON.") from None
        task = said.get("id") if isinstance(said, dict) else None
        if not isinstance(task, str | int) or said.get("status") != "done":
            raise Malformed('The call has to say {"id": "…", "status": "done"}.')

        async def note() -> None:
            now_ms = self._clock.now_ms()
            await self._db.awrite(lambda tx: crm_tasks.done_there(tx, self._tools.account, str(task)[:200], now_ms))

        return Reply(then=note)

    def _note(self, tx: Tx, message_id: int, task: Mapping[str, Any], reference: str) -> None:
        whose = placing.whose(tx, [message_id])
        account = self._tools.account
        crm_tasks.put(tx, [_row(key, contact, account, task, "taken", reference) for key, contact in whose.items()])


def _spoken(task: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kind", "title", "description", "owner", "currency")
    due = datetime.fromtimestamp(task["due_at"] / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    value = float(task["value"]) if task["value"] else None
    return {**{name: task[name] for name in names}, "value": value, "due": due}


def _known(parcel: Parcel) -> dict[str, Any]:
    found = {name: parcel.contact[name] for name in CONTACT if parcel.contact.get(name) is not None}
    link = f"{parcel.brand.base_url}/contacts/{parcel.contact_id}" if parcel.brand.base_url else None
    return {"number": parcel.contact_id, **found, **({"url": link} if link else {})}


def _reference(text: str) -> str:
    """What the other system calls it, where it says so."""
    try:
        answer = orjson.loads(text)
    except ValueError:
        return ""
    named = next((value for path in ("id", "task.id", "data.id") if (value := at(answer, path)) is not None), "")
    return str(named)[:200] if isinstance(named, str | int) else ""
