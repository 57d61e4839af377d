"""Letters on paper: collected into batches that go to a printer as PDF with a list of addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ...storage import mail_pieces
from ...storage.database import Tx
from .channel import Channel, Delivered, Parcel, Price, Refused, Tools
from .hook import HookSettings
from .medium import Form, Medium, Template
from .placed import Placed

LETTER = Annotated[str, Field(json_schema_extra={"template": True, "within": "html"})]
LINES = ("name", "street", "street2", "postcode", "city", "country")
NEEDED = {"name": "the name", "street": "the street", "postcode": "the postcode", "city": "the city"}
LONGEST = 80  # characters of a line in the window of an envelope
POSTCODES = {
    "CZ": r"\d{3} ?\d{2}", "SK": r"\d{3} ?\d{2}", "DE": r"\d{5}", "AT": r"\d{4}", "CH": r"\d{4}", "PL": r"\d{2}-\d{3}",
    "HU": r"\d{4}", "FR": r"\d{5}", "IT": r"\d{5}", "ES": r"\d{5}", "BE": r"\d{4}", "NL": r"\d{4} ?[A-Za-z]{2}",
    "DK": r"\d{4}", "SE": r"\d{3} ?\d{2}", "US": r"\d{5}(-\d{4})?", "GB": r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}",
}  # fmt: skip


class DirectMailForm(Form):
    """What the letter says, and where it goes."""

    heading: Template = Field("", description="One line above the letter.")
    letter: LETTER = Field(
        description="The letter. An empty line begins a paragraph; <b>, <i>, <h1> to <h3>, <ul>, <ol> and <br> work."
    )
    name: Template = Field("{{ contact.first_name }} {{ contact.last_name }}", description="Who it is for.")
    street: Template = Field("{{ contact.street }}", description="Street and number.")
    street2: Template = Field("{{ contact.street2 }}", description="A further line, such as a floor.")
    postcode: Template = Field("{{ contact.postcode }}", description="The postcode.")
    city: Template = Field("{{ contact.city }}", description="The city.")
    country: Template = Field("{{ contact.country }}", description="The country, best in two letters such as CZ.")
    account: str = Field("", description="The account of the printer. Empty: the first one.")


DIRECT_MAIL = Medium(
    "direct_mail", "Letter on paper", "local_post_office", "post", DirectMailForm,
    "A printed letter, handed to a printer in batches.",
)  # fmt: skip


class PaperSettings(HookSettings):
    """How letters are printed, and when a batch is closed. The address is only needed where a printer's system takes
    batches by itself."""

    url: str = Field("", description="Where closed batches are sent as a ZIP. Empty: they are downloaded.")
    sender: str = Field(min_length=1, max_length=300, description="Your own address, for letters that come back.")
    home_country: str = Field(
        pattern=r"^[A-Za-z]{2}$", description="Where letters are posted, in two letters; it is left out of addresses."
    )
    paper: Literal["a4", "letter"] = Field("a4", description="The size of the sheet.")
    window: Literal["left", "right"] = Field("left", description="On which side the envelope has its window.")
    files: Literal["each", "merged"] = Field("each", description="A PDF for each letter, or one with all of them.")
    at_most: int = Field(500, ge=1, le=5_000, description="A batch is closed at so many letters.")
    close_at: str = Field(
        "18:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="And every day at this time, in the owner's zone."
    )
    price: float = Field(0, ge=0, le=10_000, description="What a letter costs with postage.")
    currency: str = Field("", pattern=r"^([A-Za-z]{3})?$", description="Of the price, such as EUR.")


class DirectMail(Placed):
    """Puts letters down for the next batch of one printer."""

    name = "direct_mail"
    carrier = "batch"
    label = "Batches for a printer"
    help = "PDF and a list of addresses, to download or sent to the printer's system."
    Settings = PaperSettings
    example: ClassVar[Mapping[str, Any]] = {"sender": "Acme, 1 Main St, 110 00 Praha", "home_country": "CZ"}

    def __init__(self, settings: PaperSettings, tools: Tools) -> None:
        super().__init__(tools)
        self.settings = settings

    @classmethod
    def of(cls, settings: PaperSettings, tools: Tools) -> Channel:
        return cls(settings, tools)

    def price(self, fields: Mapping[str, Any], to: str = "") -> Price | None:
        known = self.settings
        return Price(1, known.price or None, known.currency.upper())

    def delivered(self, made: Any) -> Delivered:
        cost = round(self.settings.price * 1_000_000) or None
        return Delivered(text="It goes out with the next batch.", units=1, cost=cost)

    def written(self, parcel: Parcel, now_ms: int) -> tuple[dict[str, str], dict[str, str]] | Refused:
        fields = parcel.rendered.fields
        address = {name: _line(fields.get(name)) for name in LINES}
        wrong = problem(address, self.settings.home_country.upper())
        if wrong:
            return Refused(0, f"No postal address: {wrong}.", word="no_address")
        content = {"heading": _line(fields.get("heading")), "letter": str(fields.get("letter") or "")}
        if not content["letter"].strip():
            return Refused(0, "Filled for this contact, the letter is empty.")
        return address, content

    def put(self, tx: Tx, found: Mapping[int, tuple[int, Any]], now_ms: int) -> None:
        account = self._tools.account
        mail_pieces.place(
            tx, [(key, contact, account, address, said, now_ms) for key, (contact, (address, said)) in found.items()]
        )


def problem(address: Mapping[str, str], home: str) -> str:
    """What keeps an address from being one, as half a sentence; "" when a postman would find it."""
    missing = [words for name, words in NEEDED.items() if not address[name]]
    if missing:
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    country = address["country"].upper() if len(address["country"]) == 2 else "" if address["country"] else home
    wanted = POSTCODES.get(country)
    if wanted and not re.fullmatch(wanted, address["postcode"]):
        return f"{address['postcode']} is no postcode of {country}"
    if not re.search(r"[^\W\d_]", address["name"]):
        return "the name has no letters"
    return ""


def _line(value: Any) -> str:
    """One line of an address: no line breaks, no control characters, one space between words."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value or ""))
    return " ".join(text.split())[:LONGEST]
