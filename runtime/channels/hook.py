"""One request to a system of the owner's: signed, tried with care, its answer in our words."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from ..exchange import signing
from ..exchange.caller import Before, Caller, Lost
from ..exchange.outgoing import ANSWER_S, Answer, BadAddress, OutgoingProblem, PrivateAddress, check
from .breaker import Breaker
from .channel import AccountSettings, Delivered, Health, Held, Outcome, Refused, Tools, TryLater, Unclear, Unreachable

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
OURS = {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"}
LATER = {408, 425, 429}  # besides all from 500 on
SAID = 200  # characters of an answer that are kept


class HookSettings(AccountSettings):
    """Where it leads, and what proves that it is us. What is left empty is not sent."""

    url: str = Field(min_length=1, title="Address", description="The address, such as https://crm.example.com/api.")
    username: str = Field("", max_length=200, description="A user name, where it asks for one.")
    password: SecretStr = Field(SecretStr(""), description="The password of that user.")
    token: SecretStr = Field(SecretStr(""), description="A token or key.")
    token_header: str = Field(
        "Authorization", description="The header the token stands in; in Authorization it follows the word Bearer."
    )
    signing_secret: SecretStr = Field(
        SecretStr(""), description="Signs each request as Standard Webhooks says; begins with whsec_."
    )
    repeats_are_known: bool = Field(
        False,
        description="The other side knows the header Idempotency-Key, so that asking again when no answer came does "
        "nothing twice.",
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        try:
            if url:  # some kinds of account need none
                check(url)
        except BadAddress as problem:
            raise ValueError(str(problem).rstrip(".")) from None
        if "#" in url:
            raise ValueError("Leave out what follows the #: it is never sent")
        return url

    @field_validator("token_header")
    @classmethod
    def _is_header(cls, name: str) -> str:
        if not HEADER.fullmatch(name) or name.lower() in OURS:
            raise ValueError(f"{name} cannot be the name of this header")
        return name

    @field_validator("signing_secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        said = secret.get_secret_value()
        if said:
            try:
                signing.headers(said, "test", 0, b"")
            except ValueError:
                raise ValueError("A signing secret is base64, with whsec_ before it") from None
        return secret

    @model_validator(mode="after")
    def _one_authorization(self) -> HookSettings:
        if self.username and self.token.get_secret_value() and self.token_header.lower() == "authorization":
            raise ValueError("Both a user and a token want the header Authorization: give one of them")
        return self


class Hook:
    """Sends requests of one account. Stops asking for a while when the other side is away."""

    def __init__(self, settings: HookSettings, tools: Tools, *, answer_s: float = ANSWER_S) -> None:
        self._settings, self._tools = settings, tools
        self._caller = Caller(tools.private_hosts, answer_s=answer_s)
        self._breaker = Breaker()

    async def send(
        self,
        message_id: str,
        body: bytes,
        before: Before | None = None,
        *,
        method: str = "POST",
        url: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Outcome, Answer | None]:
        """Send one request; ``message_id`` is the same on every try. What became of it, and the answer if one came."""
        if not self._breaker.lets_through():
            return Unreachable(self._breaker.why), None
        sent = {**(headers or {}), **self._proofs(message_id, body), "idempotency-key": message_id}
        try:
            answer = await self._caller.ask(method, url or self._settings.url, body, sent, before=before)
        except Lost as problem:
            self._breaker.dropped(str(problem))
            return (TryLater(0, str(problem)) if self._settings.repeats_are_known else Unclear(str(problem))), None
        except BadAddress as problem:
            return Refused(0, str(problem)), None
        except PrivateAddress as problem:
            return TryLater(0, str(problem)), None
        except OutgoingProblem as problem:
            self._breaker.failed(str(problem))
            return Unreachable(str(problem)), None
        if answer is None:
            return Held(), None
        self._breaker.answered()
        return outcome_of(answer), answer

    def room(self) -> int:
        """How many messages may be leased for it now."""
        return self._breaker.room()

    def health(self) -> Health:
        """Whether the other side answers."""
        if self._breaker.since is None:
            return Health(True)
        return Health(False, f"The system behind {self._tools.account or 'a webhook'} is away: {self._breaker.why}")

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    def _proofs(self, message_id: str, body: bytes) -> dict[str, str]:
        known = self._settings
        found: dict[str, str] = {}
        token, secret = known.token.get_secret_value(), known.signing_secret.get_secret_value()
        if known.username:
            pair = f"{known.username}:{known.password.get_secret_value()}".encode()
            found["authorization"] = "Basic " + b64encode(pair).decode()
        if token:
            bare = known.token_header.lower() != "authorization"
            found[known.token_header.lower()] = token if bare else f"Bearer {token}"
        if secret:  # by the machine's clock: the other side compares it with its own
            found |= signing.headers(secret, message_id, time.time_ns() // 1_000_000, body)
        return found


def outcome_of(answer: Answer) -> Outcome:
    """What a status says of the message."""
    said = " ".join(answer.text[:SAID].split())
    status = answer.status
    if 200 <= status < 300:
        return Delivered(status, "taken")
    if status in LATER or status >= 500:
        return TryLater(status, said or "later", answer.retry_after_s * 1000 if answer.retry_after_s else None)
    if status == 401:
        return TryLater(status, "it does not accept what the account proves itself with")
    if 300 <= status < 400:
        return Refused(status, "It answers with another address, and redirects are not followed: set that address.")
    return Refused(status, said or "it does not take this")


def at(answer: Any, path: str) -> Any:
    """What stands at a dotted path of a JSON answer (``customer.score``, ``items.0.sku``), None where nothing does."""
    for part in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isdecimal() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return None
    return answer
