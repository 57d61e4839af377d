"""A letter in work sent to whoever writes it, as a real reader would get it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from ...runtime.templates.test_send import NotTested, test_send
from ..auth import current, permitted
from ..frame import button, headline
from .bench import Bench


class TestLetter:
    """The button in the studio's head, and the dialog that asks where to."""

    __test__ = False  # no test of pytest's

    def __init__(self, bench: Bench, contact: Callable[[], int | None]) -> None:
        self._bench, self._contact = bench, contact
        made = ui.button("Send to me", icon="send", on_click=self._ask, color=None).props("no-caps unelevated")
        made.classes("sj-button is-main st-send").props["data-mark"] = "send-test"
        made.props["aria-label"] = "Send to me"
        made.visible = bench.may_edit

    @permitted("edit")
    async def _ask(self) -> None:
        who = await current()
        with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
            dialog.on("hide", dialog.delete)
            headline(dialog, "Send this letter to yourself")
            ui.label(
                "As the contact you look as would get it, in the language you are writing. It is marked as a test, "
                "nothing in it is counted, and it goes only to people who sign in here."
            ).classes("sj-soft")
            field = ui.input("To", value=who.email).props('outlined dense autofocus type="email" maxlength="254"')
            field.classes("sj-form-input").props["data-input"] = "test-to"
            said = ui.label("").classes("sj-form-fault").props('role="alert"')

            @permitted("edit")
            async def send() -> None:
                go.props("loading")
                try:
                    answer = await self._send(str(field.value or "").strip())
                finally:
                    go.props(remove="loading")
                if answer[0]:
                    dialog.close()
                    ui.notify(answer[1], type="positive")
                else:
                    said.text = answer[1]

            field.on("keydown.enter", send)
            with ui.element("div").classes("sj-dialog-actions"):
                button("Cancel", dialog.close)
                go = button("Send", send, icon="send", kind="main")
                go.props["data-mark"] = "send-test-yes"

    async def _send(self, to: str) -> tuple[bool, str]:
        """Whether it left, and a sentence."""
        bench, who = self._bench, await current()
        await bench.flush()
        try:
            said = await test_send(
                bench.instance, bench.source, to, self._contact(), bench.document.marketing, bench.language, who.email
            )
        except NotTested as problem:
            return False, str(problem)
        return True, said
