"""A picture or a page by its address; a picture may be uploaded, and one sees at once whether it is there."""

from __future__ import annotations

from typing import Any

from nicegui import events, ui

from ....runtime import pictures
from ....runtime.pictures import PictureProblem
from ....storage.database import Tx
from ...auth import permitted
from ...frame import here, visitor
from .text import Text

REFUSED = "A PNG, JPEG or GIF of at most 2 MB, please: mail programs show no others."
SHOWN = ("https://", "http://", "data:image/")


class Url(Text):
    """An address; what can be said of the reader may stand in it."""

    def draw(self, value: Any) -> None:
        super().draw(value)
        self.made.props("placeholder=https://" if not self.at.own else "").props('inputmode="url" spellcheck="false"')


class Image(Url):
    """With the picture beside its address."""

    def draw(self, value: Any) -> None:
        super().draw(value)
        if not self.at.readonly:
            self._offer()
        with ui.element("div").classes("st-thumb").props('aria-hidden="true"') as self._frame:
            self._picture = ui.element("img").props('alt="" loading="lazy" referrerpolicy="no-referrer"')
            self._picture.on("error", js_handler="(event) => event.target.parentElement.classList.add('is-broken')")
            self._picture.on("load", js_handler="(event) => event.target.parentElement.classList.remove('is-broken')")
        self._look(str(value or ""))

    def put(self, value: Any) -> None:
        super().put(value)
        self._look(str(value or ""))

    def take(self, value: Any) -> None:
        super().take(value)
        self._look(str(value or ""))

    def _offer(self) -> None:
        upload = ui.upload(on_upload=self._came, auto_upload=True, max_files=1, max_file_size=pictures.LARGEST)
        upload.props('accept=".png,.jpg,.jpeg,.gif"').classes("st-upload").props["aria-hidden"] = "true"
        upload.on_rejected(lambda: ui.notify(REFUSED, type="warning"))
        self._upload = upload
        opener = ui.button("Upload", icon="upload", on_click=lambda: upload.run_method("pickFiles"), color=None)
        opener.props("flat dense no-caps").classes("sj-form-tool").props["data-upload"] = self.field.name
        opener.props["aria-label"] = f"Upload: {self.field.label}"

    @permitted("edit")
    async def _came(self, arguments: events.UploadEventArguments) -> None:
        who, _ = await visitor()
        raw, now_ms, base_url = await arguments.file.read(), here().clock.now_ms(), here().settings.base_url
        self._upload.reset()

        def keep(tx: Tx) -> str:
            name = pictures.keep(tx, raw, arguments.file.name, who.email, now_ms)
            return pictures.address(base_url, name)

        try:
            address = await here().db.awrite(keep)
        except PictureProblem as problem:
            ui.notify(str(problem), type="warning")
            return
        self.made.value = address

    def _look(self, address: str) -> None:
        there = address.startswith(SHOWN) and "{" not in address
        self._frame.visible = there
        if there:
            self._picture.props["src"] = address
