"""The page about texts cannot rot: every setting of every carrier stands in it, and its accounts can be opened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sojourn.runtime.accounts import checked, kind_of, read_file
from sojourn.runtime.channels.channel import Tools
from sojourn.runtime.channels.sms_gateway import Gateway
from sojourn.runtime.channels.sms_gateway_parts import AnswerMap, InboundMap, Proof, ReceiptMap
from sojourn.runtime.channels.sms_smpp import Smpp
from sojourn.runtime.channels.sms_twilio import Twilio

PAGE = (Path(__file__).parents[2] / "docs" / "text-messages.md").read_text()


@pytest.mark.parametrize("channel", [Twilio, Gateway, Smpp])
def test_every_setting_is_documented_and_the_example_works(channel: type[Twilio | Gateway | Smpp]) -> None:
    models: list[type[BaseModel]] = [kind for kind in (channel.Settings,) if kind is not None]
    for model in (*models, *((AnswerMap, ReceiptMap, InboundMap, Proof) if channel is Gateway else ())):
        for name, field in model.model_fields.items():
            assert f"| `{name}` | {field.description or ''} |" in PAGE, name
    assert channel.of(checked(channel, channel.example), Tools(config={})).senders()


def test_the_accounts_on_the_page_can_be_opened() -> None:
    files = re.findall(r"```yaml\n(accounts:.*?)```", PAGE, re.S)
    assert len(files) == 3
    for [given] in map(read_file, files):
        kind = kind_of(given.medium, given.carrier)
        assert kind.of(checked(kind, given.settings), Tools(config={})).senders()
