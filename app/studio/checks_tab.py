"""The tab of checks: what a careful colleague would say, with a count that is seen from every tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from .checks_panel import ChecksPanel

if TYPE_CHECKING:
    from .studio import Studio


class ChecksTab:
    """Draws where it is made; ``tab`` carries the count."""

    def __init__(self, studio: Studio, tab: ui.tab) -> None:
        with tab:
            self._badge = ui.label("").classes("st-badge").props('data-mark="checks-count"')
            self._badge.visible = False
        self._panel = ChecksPanel(studio, studio.go, self._count)
        studio.bench.watch("letter", lambda by: self._panel.refresh())

    def refresh(self) -> None:
        """Somebody looks."""
        self._panel.refresh()

    def _count(self, errors: int, warnings: int) -> None:
        self._badge.text = str(errors + warnings)
        self._badge.classes("is-bad" if errors else "is-warn", remove="is-warn" if errors else "is-bad")
        self._badge.visible = bool(errors or warnings)
        self._badge.props["title"] = f"{errors} to correct, {warnings} worth a look"
