"""What the owner sets of the checks of letters: the brand's words, and whether links are asked if they answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CheckSettings(BaseModel):
    """The part of `runtime.settings.Settings` that is about checking letters."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    words_wanted: str = Field(
        default="",
        max_length=2_000,
        description="Words every letter shall have, with commas between them; a star stands for any ending: shoe*.",
    )
    words_banned: str = Field(
        default="",
        max_length=4_000,
        description="Words no letter shall have, with commas between them; a star stands for any ending: cheap*.",
    )
    check_links: bool = Field(
        default=True,
        description="Whether the pages behind the links of live letters are asked once a day if they are still there. "
        "Links that differ from reader to reader are never asked.",
    )
