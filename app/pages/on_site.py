"""Messages on the site: the line that goes into its pages, and how a visitor proves who they are."""

from __future__ import annotations

from html import escape

from nicegui import ui

from ...runtime.settings import Settings
from ..api.inbox import inbox_key
from ..auth import may, permitted
from ..frame import button, card, here, opened, sentence, visitor

LEAD = "Messages that wait for the next visit, shown on your own pages by a small script."
KEPT_QUIET = "Your server alone may know this key: whoever has it can read anybody's messages on the site."
SERVER = """import hashlib, hmac

def proof(user_id: str) -> str:
    return hmac.new(KEY.encode(), f"user:{user_id}".encode(), hashlib.sha256).hexdigest()"""


@ui.page("/on-site", title="On the site · Sojourn")
@permitted("see")
async def page() -> None:
    """Three steps: the script, the proof, the bell."""
    who, known = await visitor()
    with opened("On the site", who, known, "On the site", LEAD), ui.element("div").classes("sj-stack sj-wide"):
        with card(
            "1. Put this line into your pages", "it loads a few kilobytes, sets no cookie and runs no code of others"
        ):
            _code(snippet(known, here().config.address))
            sentence("The write key is one of `Settings`, the kind that takes events in; it may be seen by anybody.")
        with (
            card("2. Let your server say who is there", "nobody reads the messages of somebody else"),
            ui.element("div").classes("sj-stack"),
        ):
            sentence("For somebody signed in, `data-proof` is made on your server from their id and this key:")
            _code(SERVER)
            if may(who, "settings"):
                with ui.element("div").classes("sj-row"):
                    button("Copy the key", lambda: ui.clipboard.write(inbox_key(here())), "content_copy")
                    ui.label(KEPT_QUIET).classes("sj-soft")
            sentence("Or it asks for a token with an admin key: `POST /v1/inbox/token`, and puts it into `data-token`.")
        with card("3. A bell, where you want one"), ui.element("div").classes("sj-stack"):
            _code("<button data-sojourn-inbox>Messages</button>")
            sentence("It opens the list; how many are unread stands in its `data-count`.")


def snippet(known: Settings, address: str) -> str:
    """The line for a site."""
    base = (known.base_url or address).rstrip("/")
    return (
        f'<script async src="{escape(base)}/on-site/inbox.js"\n'
        '        data-key="WRITE KEY" data-user="ID OF THE USER" data-proof="PROOF"></script>'
    )


def _code(text: str) -> None:
    with ui.element("div").classes("sj-row"):
        ui.label(text).classes("sj-mono sj-source")
        button("Copy", lambda: ui.clipboard.write(text), "content_copy")
