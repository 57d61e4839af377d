"""`sojourn bounces`: what came back by mail, and the mailbox it comes back to."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from .common import ACTOR, AsJson, Home, Refused, opened, put, say

app = typer.Typer(no_args_is_help=True, help="Letters that came back: bounces, complaints, automatic answers.")
PASSWORD = "SOJOURN_BOUNCES_PASSWORD"  # noqa: S105


@app.command()
def parse(
    file: Annotated[Path, typer.Argument(help="A mail as it came, .eml.")],
    as_json: AsJson = False,
) -> None:
    """Say what a mail that came back tells of whom, and what would be done about it. Nothing is written."""
    from ...runtime.bounces.parsing import parse as read
    from ...runtime.bounces.report import ACTIONS

    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    reports = read(file.read_bytes())
    if as_json:
        put({"reports": [_shown(one) for one in reports]})
        return
    for one in reports:
        about = " ".join(filter(None, (one.word, "hard" if one.hard else "", str(one.code or ""), one.enhanced)))
        say(
            f"{one.recipient or '(nobody is named)'}: {one.kind}{f' ({about})' if about else ''}. {ACTIONS[one.action]}"
        )


@app.command()
def mailbox(
    url: Annotated[
        str, typer.Argument(help="imaps://user@host/FOLDER; “none” for no mailbox; nothing to see it.")
    ] = "",
    home: Home = None,
) -> None:
    """Set the mailbox letters come back to. Its password is asked for, or taken from SOJOURN_BOUNCES_PASSWORD."""
    from ...runtime.bounces import mailbox as bounces
    from ...storage import users

    with opened(home) as instance:
        if not url:
            found = instance.db.look(bounces.kept)
            say(f"Letters come back to {found.shown}." if found else "There is no bounce mailbox.")
            return
        box = None
        if url != "none":
            try:
                box = bounces.Mailbox.parse(url)
            except bounces.MailboxProblem as problem:
                raise Refused(str(problem)) from None
            password = os.environ.get(PASSWORD) or typer.prompt("Password", hide_input=True)
            box = replace(box, sealed=instance.secrets.seal(password))
        detail = {"mailbox": box.shown if box else ""}
        now_ms = instance.clock.now_ms()

        def job(tx: Any) -> None:
            bounces.keep(tx, box)
            users.note(tx, ACTOR, "bounces.mailbox", "bounces", now_ms, detail)

        instance.db.write(job)
    say(f"Letters come back to {box.shown}." if box else "There is no bounce mailbox any more.")


@app.command()
def collect(home: Home = None, as_json: AsJson = False) -> None:
    """Look into the folder and the mailbox now, and take in what came back."""
    from ...runtime.bounces import folder
    from ...runtime.bounces import mailbox as bounces
    from ...runtime.bounces.intake import Taken, paths_of, take_in

    found: list[Taken] = []

    def take(raw: bytes) -> list[Taken]:
        taken = take_in(instance.db, instance.shelf, instance.clock, raw, paths_of(instance))
        found.extend(taken)
        return taken

    with opened(home) as instance:
        folder.look(instance.home, take)
        try:
            bounces.look(instance.db, instance.secrets, take)
        except bounces.MailboxProblem as problem:
            raise Refused(str(problem)) from None
    if as_json:
        put({"taken": [{**_shown(one.report), "done": one.done} for one in found]})
        return
    for one in found:
        say(f"{one.report.recipient or '(nobody is named)'}: {one.report.kind}. {one.done}")
    if not found:
        say("Nothing came back.")


def _shown(report: Any) -> dict[str, Any]:
    from ...runtime.bounces.report import ACTIONS
    from ...runtime.bounces.words import SAID

    fields = {key: value for key, value in asdict(report).items() if key != "came_to"}
    words = {"class": "hard" if report.hard else "soft"} if report.kind == "bounce" else {"class": ""}
    return {
        **fields,
        **words,
        "action": report.action,
        "does": ACTIONS[report.action],
        "says": SAID.get(report.word, ""),
    }
