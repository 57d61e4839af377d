"""What the owner sets of counting: where links lead, what counts, how long an order is a letter's doing."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

DOMAIN = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")


class TrackingSettings(BaseModel):
    """The part of `runtime.settings.Settings` that is about counting."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    tracking_url: str = Field(
        title="Address of counted links",
        default="",
        description="The address that counted links and pictures in letters lead to, like https://links.example.com; "
        "nothing else is shown there. Empty: the address links lead to.",
    )
    track_opens: bool = Field(
        title="Count openings",
        default=True,
        description="Whether openings are counted, unless a letter says otherwise for itself.",
    )
    track_clicks: bool = Field(
        title="Count clicks",
        default=True,
        description="Whether clicks are counted, unless a letter says otherwise for itself.",
    )
    machine_opens_count: bool = Field(
        title="Openings by machines count",
        default=False,
        description="Whether an opening by a machine, such as Apple's that fetches every picture ahead, counts as one. "
        "Else it is shown apart, and nothing follows from it.",
    )
    honour_do_not_track: bool = Field(
        title="Honour Do Not Track",
        default=True,
        description="Whether nothing is counted of browsers that say so (Do Not Track, Global Privacy Control).",
    )
    scanner_trap: bool = Field(
        title="Trap for scanners",
        default=False,
        description="Whether letters carry a link that nobody can see, so that whoever follows it is known as a "
        "scanner. Some spam filters dislike what is hidden.",
    )
    utm: bool = Field(
        title="Words for web statistics",
        default=True,
        description="Whether links to your own sites get words for web statistics (utm_source and so on).",
    )
    utm_source: str = Field(
        title="utm_source", default="", max_length=200, description="The utm_source of links. Empty: the brand name."
    )
    utm_medium: str = Field(
        title="utm_medium",
        default="",
        max_length=200,
        description="The utm_medium of links. Empty: the channel, such as email.",
    )
    utm_campaign: str = Field(
        title="utm_campaign",
        default="",
        max_length=200,
        description="The utm_campaign of links. Empty: the short name of the journey.",
    )
    own_domains: str = Field(
        title="Your own sites",
        default="",
        max_length=1_000,
        description="Your own sites, as a list like example.com, shop.example.org: only links to them and what is "
        "below them get words for web statistics. Empty: the domain of the sender's address.",
    )
    conversion_days: int = Field(
        title="Days an order counts",
        default=7,
        ge=0,
        le=365,
        description="An order counts as a letter's doing for so many days after the click, unless the letter says "
        "otherwise for itself. 0: none does.",
    )
    conversion_event: str = Field(
        title="Event that letters are for",
        default="",
        max_length=200,
        description="The event that letters are there to bring about, like purchased. Empty: the events that are "
        "orders.",
    )
    opens_convert: bool = Field(
        title="Openings can lead to orders",
        default=False,
        description="Whether an order that follows no click is the doing of the letter somebody opened last.",
    )

    @field_validator("own_domains")
    @classmethod
    def _domains(cls, value: str) -> str:
        named = [one.strip().lower() for one in value.split(",") if one.strip()]
        wrong = next((one for one in named if not DOMAIN.fullmatch(one)), "")
        if wrong:
            raise ValueError(f"has to be a list like example.com, shop.example.org; “{wrong[:60]}” is no domain")
        return ", ".join(named)
