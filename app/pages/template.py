"""One template or shared block in the studio."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from nicegui.context import context

from ...storage import templates
from ..auth import permitted
from ..frame import empty, frame, here, stylesheet, visitor
from ..studio.studio import Studio
from ..studio.template_document import TemplateDocument

LISTS = {"letter": ("/templates", "Templates"), "block": ("/shared-blocks", "Shared blocks")}


@ui.page("/templates/{name}", title="Studio · Sojourn")
@permitted("see")
async def template(name: str) -> None:
    """The studio on the whole window."""
    who, known = await visitor()
    found = await here().db.aread(lambda tx: templates.named(tx, name))
    if found is None:
        with frame("Templates", who, known):
            empty("dashboard_customize", "There is no such template", "It may have been deleted. See the list.")
        return
    for sheet in ("editor.css", "forms.css", "messages.css", "studio.css"):
        stylesheet(sheet)
    document = TemplateDocument(here(), found, who)
    studio = Studio(document)
    with frame("Content", who, known, lambda: studio.head(lambda: _title(document))):
        studio.body()
    context.client.on_disconnect(studio.close)

    async def left() -> None:
        document.leave()
        await studio.leave()

    context.client.on_delete(left)


def _title(document: TemplateDocument) -> None:
    """Where it stands, and what it is called."""
    target, words = LISTS[document.kind]
    ui.icon("chevron_right").classes("sj-bar-apart").props('aria-hidden="true"')
    ui.link(words, target).classes("st-up")
    ui.icon("chevron_right").classes("sj-bar-apart").props('aria-hidden="true"')
    field = ui.element("input").classes("sj-bar-title").props('maxlength="200" aria-label="Title"')
    field.props["data-mark"] = "studio-title"
    field.props["value"] = document.title
    if not document.may_edit:
        field.props("readonly")

    @permitted("edit")
    async def rename(event: Any) -> None:
        said = str(event.args or "").strip()
        if said and said != document.title and (refused := await document.rename(said)):
            ui.notify(refused, type="warning")

    field.on("change", rename, js_handler="(event) => emit(event.target.value)")
