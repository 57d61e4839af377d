"""A button that uploads a picture for letters and hands on the public address it has from then on."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import events, ui

from ..runtime import pictures
from ..runtime.pictures import PictureProblem
from ..storage.database import Tx
from .auth import permitted
from .frame import here, visitor

REFUSED = "A PNG, JPEG or GIF of at most 2 MB, please: mail programs show no others."


def picture_upload(name: str, label: str, put: Callable[[str], object]) -> None:
    """Drawn where it is called, for the field ``label``; ``put`` takes the address."""

    @permitted("edit")
    async def came(arguments: events.UploadEventArguments) -> None:
        who, _ = await visitor()
        raw, now_ms, base_url = await arguments.file.read(), here().clock.now_ms(), here().settings.base_url
        upload.reset()

        def keep(tx: Tx) -> str:
            kept = pictures.keep(tx, raw, arguments.file.name, who.email, now_ms)
            return pictures.address(base_url, kept)

        try:
            address = await here().db.awrite(keep)
        except PictureProblem as problem:
            ui.notify(str(problem), type="warning")
            return
        put(address)

    upload = ui.upload(on_upload=came, auto_upload=True, max_files=1, max_file_size=pictures.LARGEST)
    upload.props('accept=".png,.jpg,.jpeg,.gif"').classes("sj-upload").props["aria-hidden"] = "true"
    upload.on_rejected(lambda: ui.notify(REFUSED, type="warning"))
    opener = ui.button("Upload", icon="upload", on_click=lambda: upload.run_method("pickFiles"), color=None)
    opener.props("flat dense no-caps").classes("sj-form-tool").props["data-upload"] = name
    opener.props["aria-label"] = f"Upload: {label}"
