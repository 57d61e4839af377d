"""Alerts to colleagues, by mail or into their chat: one by one while they are few, in a digest when they are many."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, ClassVar, Literal

import orjson
from email_validator import EmailNotValidError, validate_email
from pydantic import Field, SecretStr, field_validator

from ...storage import alerts, placing
from ...storage.database import Tx
from ..clock import SystemClock
from ..content.brand import Brand
from ..content.rendered import Rendered
from ..exchange.outgoing import BadAddress, check
from .channel import (
    AccountSettings,
    Channel,
    Delivered,
    Health,
    Held,
    Mark,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from .hook import Hook, HookSettings
from .medium import Form, Medium, Template
from .placed import ERASED, NoStore
from .smtp import Smtp

HOUR_MS = 3_600_000
MOST_COLLEAGUES = 10
LATER = "It stands in the digest of the hour."


class AlertForm(Form):
    """What colleagues are told."""

    title: Template = Field(description="One line: the subject of the mail, the first line in the chat.")
    text: Template = Field("", description="What else they should know.")
    to: str = Field("", max_length=2_000, description="E-mail addresses of colleagues, with commas between.")
    account: str = Field("", description="Or the account of a chat, such as Slack or Teams.")
    most_per_hour: int = Field(
        20, ge=1, le=1_000, description="So many come one by one in an hour; all others in one digest."
    )

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        found = []
        colleagues = _colleagues(str(said.get("to") or ""))
        if colleagues and said.get("account"):
            found.append("Name colleagues or a chat, not both: use two steps for both.")
        if len(colleagues) > MOST_COLLEAGUES:
            found.append(f"An alert goes to {MOST_COLLEAGUES} colleagues at most: use an address of a group.")
        return found + [f"“{one[:80]}” is no e-mail address." for one in colleagues if not _is_address(one)]


ALERT = Medium(
    "alert", "Internal alert", "notifications_active", "ours", AlertForm, "Tells colleagues, not the contact.",
    to_people=False,
)  # fmt: skip


class Alerting(Channel):
    """What alerts by mail and into chats share: the count of an hour, and what waits for the digest."""

    def __init__(self, tools: Tools) -> None:
        if tools.db is None:
            raise NoStore(NoStore.__doc__)
        self._tools, self._db, self._clock = tools, tools.db, tools.clock or SystemClock()

    @abstractmethod
    async def tell(self, to: str, title: str, text: str, key: int, brand: Brand) -> Outcome:
        """Tell one thing; ``key`` is the same whenever it is tried."""

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        known = {parcel.message_id: parcel for parcel in parcels}
        allowed = await before_body(list(known))
        outcomes: dict[int, Outcome] = {key: Held() for key in known if key not in allowed}
        mine = [known[key] for key in known if key in allowed]
        if mine:
            now, erased = await self._db.awrite(lambda tx: self._put(tx, mine, self._clock.now_ms()), durable=True)
            outcomes |= {one.message_id: Refused(0, ERASED) for one in mine if one.message_id in erased}
            for parcel in mine:
                if parcel.message_id in now:
                    fields = parcel.rendered.fields
                    to, text = str(fields.get("to") or ""), _with_link(parcel)
                    outcome = await self.tell(to, str(fields["title"]), text, parcel.message_id, parcel.brand)
                    outcomes[parcel.message_id] = outcome
                    before_body.tell(parcel.message_id, outcome)
            undone = [key for key, outcome in outcomes.items() if key in now and not _may_be_there(outcome)]
            if undone:
                await self._db.awrite(lambda tx: alerts.take_back(tx, undone), durable=True)
        return [outcomes.get(parcel.message_id, Delivered(text=LATER)) for parcel in parcels]

    def line_of(self, parcel: Parcel) -> str:
        """What is counted together: by which account, and to whom."""
        to = ",".join(sorted(_colleagues(str(parcel.rendered.fields.get("to") or "").lower())))
        return f"{self._tools.account}|{to}"

    def _put(self, tx: Tx, parcels: Sequence[Parcel], now_ms: int) -> tuple[set[int], set[int]]:
        """Which are told at once, and whose people are gone."""
        whose = placing.whose(tx, [parcel.message_id for parcel in parcels])
        lines: dict[str, list[Parcel]] = {}
        for parcel in parcels:
            if parcel.message_id in whose:
                lines.setdefault(self.line_of(parcel), []).append(parcel)
        now: set[int] = set()
        for line, those in sorted(lines.items()):
            most = int(those[0].rendered.fields.get("most_per_hour", 20))
            rows = [(p.message_id, whose[p.message_id], str(p.rendered.fields["title"]), _with_link(p)) for p in those]
            now |= alerts.put(tx, line, most, rows, now_ms, now_ms - HOUR_MS)
        return now, {parcel.message_id for parcel in parcels} - whose.keys()


class AlertMail(Alerting):
    """Alerts by the instance's own mail server."""

    name = "alert"
    label = "E-mail to colleagues"

    def __init__(self, tools: Tools, post: Smtp) -> None:
        super().__init__(tools)
        self._post = post

    @classmethod
    def at_home(cls, tools: Tools) -> Channel | None:
        post = Smtp.at_home(tools)
        return cls(tools, post) if post and tools.db is not None else None

    def serves(self, parcel: Parcel) -> bool:
        return bool(parcel.rendered.fields.get("to"))

    def health(self) -> Health:
        return self._post.health()

    def room(self) -> int:
        return self._post.room()

    async def close(self) -> None:
        await self._post.close()

    async def tell(self, to: str, title: str, text: str, key: int, brand: Brand) -> Outcome:
        """To each of them; taken when any of their servers took it."""
        title = " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())[:200]
        html = "<p>" + escape(text or title).replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
        found: list[Outcome] = []
        for colleague in _colleagues(to):
            rendered = Rendered(subject=title, text=text or title, html=html)
            parcel = Parcel(key, colleague, rendered, brand, at_ms=self._clock.now_ms())
            found += await self._post.hand_over([parcel], _Always())
        best = (Delivered, Unclear, TryLater, Unreachable, Refused)
        return min(found, key=lambda one: best.index(type(one)) if type(one) in best else len(best))


class ChatSettings(AccountSettings):
    """Where a chat takes messages: what its page for incoming webhooks shows."""

    address: SecretStr = Field(description="The address the chat gave you for incoming messages. It is a secret.")
    form: Literal["slack", "teams"] = Field("slack", description="Slack (also Mattermost, Rocket.Chat), or Teams.")

    @field_validator("address")
    @classmethod
    def _is_address(cls, address: SecretStr) -> SecretStr:
        try:
            check(address.get_secret_value())
        except BadAddress as problem:
            raise ValueError(str(problem).rstrip(".")) from None
        if "#" in address.get_secret_value():
            raise ValueError("Leave out what follows the #: it is never sent")
        return address


class AlertChat(Alerting):
    """Alerts into a chat of the colleagues."""

    name = "alert"
    carrier = "chat"
    label = "Slack, Teams"
    help = "A chat that takes incoming webhooks."
    Settings = ChatSettings
    example: ClassVar[Mapping[str, Any]] = {"address": "https://hooks.slack.com/services/…", "form": "slack"}

    def __init__(self, settings: ChatSettings, tools: Tools) -> None:
        super().__init__(tools)
        self._form = settings.form
        address = HookSettings.model_validate({"url": settings.address.get_secret_value()})
        self._hook = Hook(address, tools)

    @classmethod
    def of(cls, settings: ChatSettings, tools: Tools) -> Channel:
        return cls(settings, tools)

    def serves(self, parcel: Parcel) -> bool:
        fields = parcel.rendered.fields
        return not fields.get("to") and fields.get("account", "") in ("", self._tools.account)

    def room(self) -> int:
        return self._hook.room()

    def health(self) -> Health:
        return self._hook.health()

    async def close(self) -> None:
        await self._hook.close()

    async def tell(self, to: str, title: str, text: str, key: int, brand: Brand) -> Outcome:
        said = _slack(title, text) if self._form == "slack" else _teams(title, text)
        headers = {"content-type": "application/json"}
        outcome, _ = await self._hook.send(str(key), orjson.dumps(said), headers=headers)
        return outcome


class _Always:
    """The mark was passed before the count was taken."""

    async def __call__(self, ids: Any, account: str = "") -> frozenset[int]:
        return frozenset(ids)

    def tell(self, message_id: int, outcome: Outcome) -> None: ...


def _slack(title: str, text: str) -> dict[str, Any]:
    """Its own three characters are escaped, so that a name links to nothing and calls nobody."""
    plain = [one.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for one in (title, text)]
    return {"text": f"*{plain[0].replace('*', '∗')}*" + (f"\n{plain[1]}" if text else "")}


def _teams(title: str, text: str) -> dict[str, Any]:
    """It reads Markdown: no words of a contact become a link that says one thing and leads to another."""
    title, text = title.replace("](", "] ("), text.replace("](", "] (")
    blocks = [{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": text, "wrap": True}] if text else []
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _with_link(parcel: Parcel) -> str:
    text = str(parcel.rendered.fields.get("text") or "")
    if not parcel.brand.base_url or not parcel.contact_id:
        return text
    return f"{text}\n\n{parcel.brand.base_url}/contacts/{parcel.contact_id}".strip()


def _may_be_there(outcome: Outcome) -> bool:
    return isinstance(outcome, Delivered | Unclear)


def _colleagues(to: str) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in to.replace(";", ",").split(",") if one.strip()))


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
