"""Steps whose message stands in their own settings, because it is written for this very place in the journey."""

from __future__ import annotations

from typing import ClassVar

from .sending import Sending

LONGEST = 20_000  # characters of a text
ACCOUNT = "The account it goes by, by its name; empty: the first one there is."


class OwnContent(Sending):
    """Derive from this. The settings have the fields of the medium's form, by the same names.

    ``says`` are the fields of which the first that is filled is shown on the card.
    """

    says: ClassVar[tuple[str, ...]] = ()

    def first(self) -> tuple[str, str]:
        return self.channel, f"@{self.id}"

    def summary(self) -> str:
        return self._and_else(next((str(said) for name in self.says if (said := getattr(self.settings, name))), ""))
