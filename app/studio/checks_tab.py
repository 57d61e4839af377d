"""The tab of checks: what a careful colleague would say, with a count that is seen from every tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

if TYPE_CHECKING:
    from .studio import Studio


class ChecksTab:
    """Draws where it is made; ``tab`` carries the count."""

    def __init__(self, studio: Studio, tab: ui.tab) -> None:
        self._studio = studio
        self._panel: Any = None
        with tab:
            self._badge = ui.badge("").props("floating").classes("st-badge")
            self._badge.visible = False

    def refresh(self) -> None:
        """The letter changed, or somebody looks."""
