"""What every account for texts has in common: senders, prices, the way out, and what people write back."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from ..exchange.outgoing import BadAddress, check
from .callback import Signal
from .channel import AccountSettings, OneByOne, Parcel, Price, Refused, Tools
from .sms_form import foreseen, words
from .sms_parts import parts
from .sms_senders import NO_NAMES, REGISTERED, can_hear, country_of, fits, kind_of
from .sms_words import wish

MILLION = 1_000_000
LONGEST = 10_000  # characters of what somebody wrote back
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class SmsSettings(AccountSettings):
    """What the owner sets, whoever carries the texts."""

    senders: list[str] = Field(
        min_length=1,
        description="Who texts come from: numbers like +420601123456, short numbers, or names of up to 11 letters. "
        "The first that fits is taken.",
    )
    sender_by_country: dict[Country, str] = Field({}, description="The sender for a country: {US: '+15551234567'}.")
    countries: list[Country] = Field([], description="The countries it carries texts to. Empty: all.")
    prices: dict[str, float] = Field(
        {}, description="What a part costs, by the beginning of the number: {'+420': 0.03, '': 0.08}."
    )
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="The currency of the prices.")
    per_second: float = Field(
        0, ge=0, le=10_000, description="How many texts a second (over SMPP: parts); 0: as many as the carrier takes."
    )
    most_parts: int = Field(10, ge=1, le=255, description="A longer text is not sent.")
    way_out_by_answer: str = Field(
        "Reply STOP to get no more", description="The line that says how to get no more texts."
    )
    way_out_by_link: str = Field(
        "No more texts: {link}",
        description="The same where nobody can answer, as to a name; {link} is the short address.",
    )
    stop_means: Literal["all", "this_sender"] = Field(
        "all", description="STOP holds for all your texts, or only for those from the sender they answered to."
    )
    stop_words: list[str] = Field([], description="Further words that mean STOP.")
    start_words: list[str] = Field([], description="Further words that mean START.")
    help_words: list[str] = Field([], description="Further words that mean HELP.")
    help_text: str = Field("", max_length=480, description="What HELP is answered with. Empty: nothing is answered.")

    @field_validator("senders", "sender_by_country")
    @classmethod
    def _can_be(cls, value: Any) -> Any:
        for sender in value.values() if isinstance(value, dict) else value:
            if kind_of(sender) is None:
                raise ValueError(
                    f"{sender!r} is no sender: write a number like +420601123456, a short number, or a name of up to "
                    "11 letters and digits with at least one letter"
                )
        return value

    @field_validator("prices")
    @classmethod
    def _priced(cls, value: dict[str, float]) -> dict[str, float]:
        if any(not re.fullmatch(r"(\+[0-9]{1,8})?", begin) or price < 0 for begin, price in value.items()):
            raise ValueError("the prices stand under beginnings of numbers like '+420', or '' for all others")
        return value

    @field_validator("way_out_by_answer", "way_out_by_link")
    @classmethod
    def _says_where(cls, value: str, info: Any) -> str:
        if info.field_name == "way_out_by_link" and "{link}" not in value:
            raise ValueError("{link} is missing in it")
        return value


class SmsChannel(OneByOne):
    """A carrier of texts. What differs between carriers is how one text is handed over, and how they call back."""

    width: ClassVar[int] = 10

    def __init__(self, settings: SmsSettings, tools: Tools) -> None:
        self.settings, self.tools = settings, tools
        self._turn_at = 0.0

    async def turn(self) -> None:
        """Wait until the next text may go."""
        now = time.monotonic()
        at = max(now, self._turn_at)
        self._turn_at = at + (1 / self.settings.per_second if self.settings.per_second else 0)
        if at > now:
            await asyncio.sleep(at - now)

    # ── who it comes from, and what it says ───────────────────────────────────────────────────────────

    def senders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.settings.senders, *self.settings.sender_by_country.values()]))

    def serves(self, parcel: Parcel) -> bool:
        return self.sender_for(parcel.to, parcel.barred) is not None

    def sender_for(self, to: str, barred: frozenset[str] = frozenset()) -> str | None:
        """The first sender that arrives in the country of a number and was not told to STOP."""
        country = country_of(to)
        if self.settings.countries and country not in self.settings.countries:
            return None
        own = self.settings.sender_by_country.get(country)
        known = [own] if own else [one for one in self.settings.senders if fits(one, country)]
        return next((one for one in known if one not in barred), None)

    def composed(self, parcel: Parcel) -> tuple[str, str] | Refused:
        """Who it comes from and the whole text, or why it cannot go."""
        sender = self.sender_for(parcel.to, parcel.barred)
        if not parcel.to.startswith("+"):
            return Refused(0, "The number has no country: it cannot be sent a text.", hard=False)
        if sender is None:
            return Refused(0, "No sender of this account may write there.")
        fields, line = parcel.rendered.fields, ""
        if not str(fields.get("text") or "").strip():
            return Refused(0, "The text is empty for this contact.")
        if fields.get("opt_out") and not parcel.transactional:
            line = self._way_out(sender, str(fields.get("way_out") or ""))
            if not line:
                return Refused(
                    0,
                    f"{sender} cannot be answered, and nothing in the text says how to get no more: set the address of "
                    "this instance, so that a link can.",
                )
        text = words(fields, line)
        count = parts(text).parts
        if count > self.settings.most_parts:
            return Refused(0, f"The text has {count} parts, and this account sends {self.settings.most_parts} at most.")
        return sender, text

    def _way_out(self, sender: str, link: str) -> str:
        if can_hear(sender):
            return self.settings.way_out_by_answer.replace("{sender}", sender if kind_of(sender) != "service" else "")
        return self.settings.way_out_by_link.replace("{link}", link) if link else ""

    def warnings(self) -> Sequence[str]:
        """What the owner should know of the senders."""
        said = []
        for name in [one for one in self.senders() if not can_hear(one)]:
            said.append(f"Nobody can answer to {name}: people say STOP by the link in the text, so keep it there.")
            wanted = frozenset(self.settings.countries) or NO_NAMES | REGISTERED
            by_country = frozenset(self.settings.sender_by_country)
            if self.settings.countries and (refused := sorted((wanted & NO_NAMES) - by_country)):
                said.append(f"No text from {name} arrives in {', '.join(refused)}: set a number for them.")
            if self.settings.countries and (first := sorted((wanted & REGISTERED) - by_country)):
                said.append(f"{name} has to be registered with the carrier first for {', '.join(first)}.")
        if not self.settings.help_text and any(map(can_hear, self.senders())):
            said.append("HELP is not answered: many countries want that it is; set help_text.")
        return said

    # ── what it costs ─────────────────────────────────────────────────────────────────────────────────

    def price(self, fields: Mapping[str, Any], to: str = "") -> Price | None:
        sender = self.sender_for(to) or self.senders()[0]
        line = self._way_out(sender, str(fields.get("way_out") or "https://example.com/s/12345678"))
        count = parts(words(foreseen(fields), line if fields.get("opt_out") else "")).parts
        unit = self.unit_price(to)
        return Price(count, None if unit is None else count * unit, self.settings.currency)

    def unit_price(self, to: str) -> float | None:
        """What a part costs to a number: the price of its longest known beginning."""
        known = [begin for begin in self.settings.prices if to.startswith(begin)]
        return self.settings.prices[max(known, key=len)] if known else None

    def cost(self, to: str, count: int) -> int | None:
        """What a text of so many parts costs, in millionths."""
        unit = self.unit_price(to)
        return None if unit is None else round(unit * count * MILLION)

    # ── what people write back ────────────────────────────────────────────────────────────────────────

    def heard(self, key: str, address: str, sender: str, text: str, at_ms: int | None = None) -> Signal:
        """A text that came in, as one of our words. ``answer`` in it is what HELP is to be answered with."""
        said, text = self.settings, clean(text)
        asked = wish(text, said.stop_words, said.start_words, said.help_words)
        about = sender if said.stop_means == "this_sender" else ""
        if asked in ("stop", "start"):
            kind = "stopped" if asked == "stop" else "started"
            return Signal(kind, key, address=address, text=text, at_ms=at_ms, sender=about)
        answer = said.help_text if asked == "help" else ""
        return Signal("replied", key, address=address, text=text, at_ms=at_ms, sender=sender, answer=answer)


def web_address(url: str) -> str:
    """An address of a setting; raises `ValueError` for one that could never be called, such as with a password in."""
    try:
        check(url)
    except BadAddress as problem:
        raise ValueError(str(problem).rstrip(".")) from None
    return url


def clean(text: str) -> str:
    """What came from outside, as every store takes it."""
    return text[:LONGEST].replace("\0", "").encode("utf-8", "replace").decode()
