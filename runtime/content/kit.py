"""The brand kit: how everything we send looks. Kept as one setting, and copied into each letter it was written with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .colours import mixed, on, readable

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
PICTURE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s\"'<>{}\\]*\Z")
PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s\"'<>{}\\]*)?\Z")
FONTS = {  # fonts that are on people's machines: opening a letter tells no font server of it
    "system": "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "helvetica": "Helvetica, Arial, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "trebuchet": "'Trebuchet MS', 'Segoe UI', Helvetica, sans-serif",
    "georgia": "Georgia, 'Times New Roman', serif",
    "palatino": "'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, serif",
    "courier": "'Courier New', Courier, monospace",
}
NETWORKS = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "whatsapp": "WhatsApp",
    "web": "Website",
}
LABELS = {
    "logo": "The logo",
    "logo_dark": "The logo for dark mode",
    "logo_width": "The width of the logo",
    "logo_link": "Where the logo leads",
    "primary": "The main colour",
    "heading": "The colour of headings",
    "text": "The colour of text",
    "muted": "The colour of small print",
    "background": "The background",
    "sheet": "The sheet",
    "dark_primary": "The main colour in dark mode",
    "dark_heading": "The colour of headings in dark mode",
    "dark_text": "The colour of text in dark mode",
    "dark_muted": "The colour of small print in dark mode",
    "dark_background": "The background in dark mode",
    "dark_sheet": "The sheet in dark mode",
    "font": "The font",
    "heading_font": "The font of headings",
    "radius": "The roundness of the sheet",
    "button_radius": "The roundness of buttons",
    "footer": "The footer",
    "social": "Your pages elsewhere",
}
LEAST_MOST = {"logo_width": (40, 400), "radius": (0, 40), "button_radius": (0, 40)}


class KitProblem(Exception):
    """The brand kit cannot be kept like this; the sentences say what to correct."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


@dataclass(frozen=True, slots=True)
class Kit:
    """Colours are #rrggbb, lengths pixels, fonts names out of `FONTS`, ``social`` pairs of a network and an address."""

    logo: str = ""
    logo_dark: str = ""
    logo_width: int = 140
    logo_link: str = ""
    primary: str = "#4f46e5"
    heading: str = "#14171f"
    text: str = "#3a3f4b"
    muted: str = "#636a78"
    background: str = "#f4f5f8"
    sheet: str = "#ffffff"
    dark_primary: str = ""  # none: made from the light one
    dark_heading: str = "#f4f5f8"
    dark_text: str = "#d3d7e0"
    dark_muted: str = "#a3a9b8"
    dark_background: str = "#0f1116"
    dark_sheet: str = "#1b1e27"
    font: str = "system"
    heading_font: str = "system"
    radius: int = 18
    button_radius: int = 10
    footer: str = ""
    social: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Kit:
        """From what was written down or typed; what is not named keeps its default. Raises `KitProblem`."""
        known = {field.name: field.default for field in fields(cls)}
        wrong = (
            ["The brand kit holds something that nobody knows here: take it out."] if set(given) - set(known) else []
        )
        read: dict[str, Any] = {}
        for name, value in given.items():
            if name in known:
                default = known[name]
                read[name] = _social(value, wrong) if name == "social" else _one(name, value, default, wrong)
        if wrong:
            raise KitProblem(wrong)
        return cls(**read)

    @classmethod
    def of(cls, settings: Any) -> Kit:
        """The kit in force: what is set, over the brand's colour and logo of the settings."""
        own = {"primary": settings.brand_color, "logo": settings.brand_logo or ""}
        try:
            return cls.read({**own, **(settings.brand_kit or {})})
        except KitProblem:  # of an older release: letters look plain rather than not at all
            return cls()

    def as_dict(self) -> dict[str, Any]:
        """As plain data, as it is kept and as a letter carries it."""
        return {**asdict(self), "social": [list(pair) for pair in self.social]}

    @property
    def on_primary(self) -> str:
        """What is written on the main colour, so that it can be read."""
        return on(self.primary)

    @property
    def link(self) -> str:
        """The main colour as it can be read on the sheet."""
        return readable(self.primary, self.sheet)

    @property
    def dark_link(self) -> str:
        """The main colour as it can be read on the dark sheet."""
        return readable(self.dark_primary or self.primary, self.dark_sheet)

    @property
    def tint(self) -> str:
        """A breath of the main colour on the sheet: the ground of what stands out."""
        return mixed(self.sheet, self.primary, 0.07)

    @property
    def line(self) -> str:
        """What parts one thing from the next."""
        return mixed(self.sheet, self.heading, 0.12)

    @property
    def dark_tint(self) -> str:
        """The tint in dark mode."""
        return mixed(self.dark_sheet, self.dark_text, 0.08)

    @property
    def dark_line(self) -> str:
        """The line in dark mode."""
        return mixed(self.dark_sheet, self.dark_text, 0.2)

    @property
    def family(self) -> str:
        """The font as CSS has it."""
        return FONTS[self.font]

    @property
    def heading_family(self) -> str:
        """The font of headings as CSS has it."""
        return FONTS[self.heading_font]

    def words(self) -> dict[str, Any]:
        """What a letter written as source may say of it, as ``brand.primary``, ``brand.logo`` and so on."""
        return {**self.as_dict(), "font": self.family, "heading_font": self.heading_family, "link": self.link}


def _one(name: str, value: Any, default: Any, wrong: list[str]) -> Any:
    label = LABELS[name]
    if name in ("logo", "logo_dark", "logo_link"):
        good = PAGE if name == "logo_link" else PICTURE
        if not isinstance(value, str) or (value and not good.match(value)):
            wrong.append(f"{label} has to be an address, like https://www.example.com/logo.png.")
    elif name in LEAST_MOST:
        least, most = LEAST_MOST[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wrong.append(f"{label} has to be a whole number of pixels from {least} to {most}.")
    elif name in ("font", "heading_font"):
        if value not in FONTS:
            wrong.append(f"{label} has to be one of: {', '.join(FONTS)}.")
    elif name == "footer":
        if not isinstance(value, str) or len(value) > 2_000 or "{{" in value or "{%" in value:
            wrong.append(f"{label} has to be a plain text of at most 2,000 characters.")
    elif not isinstance(value, str) or not (COLOUR.match(value) or (name == "dark_primary" and not value)):
        wrong.append(f"{label} has to be a colour, like {default or '#8b83ff'}.")
    return value


def _social(value: Any, wrong: list[str]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for pair in value if isinstance(value, list | tuple) else [None]:
        network, address = pair if isinstance(pair, list | tuple) and len(pair) == 2 else ("", "")
        if network not in NETWORKS or not isinstance(address, str) or not PAGE.match(address):
            wrong.append("Your pages elsewhere have to be a network and an address each, like https://www.example.com.")
            break
        pairs.append((network, address))
    return tuple(pairs)
