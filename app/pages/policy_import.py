"""The policy in and out of the browser: a file read into it after a look at what it changes, and written from it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import events, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...runtime.policy import policies, policy_file
from ...runtime.policy.policy_file import PolicyProblem
from ..auth import key_of, may, permitted
from ..frame import button, headline
from .policy_change import Standing, replace

if TYPE_CHECKING:
    from ..instance import Instance

LARGEST = 500_000  # bytes


def routes(instance: Instance) -> list[Route]:
    """``/policy/policy.yaml``: what applies, in its written form."""

    async def download(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 403)
        applies = await instance.db.aread(policies.current)
        headers = {"content-disposition": 'attachment; filename="policy.yaml"', "cache-control": "no-store"}
        return Response(policy_file.write(applies), headers=headers, media_type="application/yaml")

    return [Route("/policy/policy.yaml", download)]


@permitted("settings")
async def import_dialog(at: Standing) -> None:
    """Choose a file; what is wrong with it is said with its line."""
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Read a policy from a file")
        ui.label("YAML or JSON, as “Write to a file” and `sojourn policy show --yaml` make it.").classes("sj-soft")

        @permitted("settings")
        async def came(arguments: events.UploadEventArguments) -> None:
            upload.reset()
            wrong.clear()
            try:
                if arguments.file.size() > LARGEST:
                    raise PolicyProblem(["The file is larger than a policy can be."])
                text = (await arguments.file.read()).decode("utf-8-sig")
                read = await asyncio.to_thread(policy_file.read, text)
            except UnicodeDecodeError:
                _say(wrong, ["The file is not text in UTF-8: save it as UTF-8."])
            except PolicyProblem as problem:
                _say(wrong, problem.sentences)
            else:
                dialog.close()
                await replace(at, "The policy of the file", read)

        upload = ui.upload(on_upload=came, auto_upload=True, max_file_size=LARGEST, label="Choose a file")
        upload.props('accept=".yaml,.yml,.json" flat')
        upload.on_rejected(lambda: ui.notify("A YAML or JSON file, please.", type="warning"))
        wrong = ui.element("div").classes("sj-stack").props('role="alert"')
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)


def _say(place: ui.element, sentences: list[str]) -> None:
    with place:
        for sentence in sentences[:50]:
            ui.label(sentence).classes("sj-break sj-refusal")
