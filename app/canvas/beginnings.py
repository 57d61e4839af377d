"""What a step and a letter are when somebody has just put them there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...nodes.node import Node
from ...runtime.content.block_types import new_block

SOURCE = {
    "subject": "A short note for you",
    "preheader": "",
    "mjml": """<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="24px" color="#16181d" />
      <mj-button font-size="16px" background-color="#5457cd" border-radius="8px" inner-padding="12px 24px" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f6f7f9">
    <mj-section background-color="#ffffff" padding="24px">
      <mj-column>
        <mj-text>Hello {{ contact.first_name|default("there") }},</mj-text>
        <mj-text>Write here what you have to say. One thought, one button.</mj-text>
        <mj-button href="https://www.example.com/">Have a look</mj-button>
      </mj-column>
    </mj-section>
    <mj-section padding="12px 24px">
      <mj-column>
        <mj-text font-size="13px" line-height="20px" color="#5b6270" align="center">
          You get this because you agreed to it. <a href="{{ unsubscribe_url }}" style="color:#5b6270">Unsubscribe</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
""",
}

WORDS = {  # of the blocks of a fresh letter, by kind
    "text": {
        "text": '<p>Hello {{ contact.first_name|default("there") }},</p><p>Write here what you have to say. '
        "One thought, one button.</p>"
    },
    "button": {"label": "Have a look"},
}


def letter() -> dict[str, Any]:
    """A letter of the few blocks a short note needs."""
    blocks: list[dict[str, Any]] = []
    for kind in ("header", "text", "button", "footer"):
        block = new_block(kind, [each["id"] for each in blocks], "en")
        blocks.append({**block, "settings": {**block["settings"], **WORDS.get(kind, {})}})
    return {"subject": SOURCE["subject"], "preheader": "", "blocks": blocks, "language": "en"}


def settings_of(type_: type[Node]) -> dict[str, Any]:
    """The settings of a fresh step, its letter aside."""
    return dict(type_.starter)


def free_name(stem: str, taken: Collection[str] | Mapping[str, Any]) -> str:
    """``stem``, or with the first number behind it that is free."""
    number = 1
    while (name := f"{stem}-{number}") in taken:
        number += 1
    return name
