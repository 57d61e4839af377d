"""The studio over the canvas: a letter of the journey that is made of blocks, in a window of its own."""

from __future__ import annotations

from nicegui import ui

from ..canvas.desk import Desk
from .journey_letter import JourneyLetter
from .studio import Studio


class StudioWindow:
    """Open until it is closed; what is not kept by then is kept in closing."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._name = name
        self._letter = JourneyLetter(desk, name)
        with ui.dialog(value=True).props("maximized no-backdrop-dismiss transition-duration=0") as self._dialog:
            self._dialog.props["aria-label"] = name
            self._dialog.on("hide", self._close)
            with ui.element("div").classes("st-window").props('data-mark="letter-studio"'):
                self._studio = Studio(self._letter)
                with ui.element("div").classes("st-top"):
                    self._studio.head(self._title)
                    close = ui.button(icon="close", on_click=self._dialog.close, color=None)
                    close.props('flat round dense aria-label="Close the letter"').classes("sj-icon-button")
                self._studio.body()

    def refresh(self) -> None:
        """The journey changed: by this hand, or by somebody else's."""
        if self._dialog.is_deleted:
            return
        if not self._letter.source:
            self._dialog.close()
            ui.notify(f"The letter {self._name} was deleted.", type="warning")
            return
        self._letter.changed()

    def _title(self) -> None:
        ui.icon("mail").classes("sj-soft")
        ui.label(self._name).classes("sj-card-title sj-clip").props('role="heading" aria-level="2"')

    async def _close(self) -> None:
        if self._letter.source:
            await self._studio.close()
        self._dialog.delete()
