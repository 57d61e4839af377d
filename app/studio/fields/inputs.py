"""Which input a setting gets by its type."""

from __future__ import annotations

from typing import Any

from ....runtime.content.block_types import Field
from .choice import Choice
from .colour import Colour
from .entries import Entries
from .field import Input, Setting, Take
from .image import Image, Url
from .number import Number
from .rich import Rich
from .switch import Switch
from .text import Text

INPUTS: dict[str, type[Input]] = {
    "text": Text,
    "code": Text,
    "rich": Rich,
    "url": Url,
    "image": Image,
    "colour": Colour,
    "choice": Choice,
    "number": Number,
    "bool": Switch,
    "list": Entries,
}


def make(field: Field, value: Any, take: Take, at: Setting) -> Input:
    """The input for a setting, drawn where this is called."""
    return INPUTS[field.type](field, value, take, at)
