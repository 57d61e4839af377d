"""Any other channel: a message by a channel that is named."""

from sojourn.nodes.message import Message
from sojourn.nodes.step import Send


def test_it_goes_by_the_channel_that_is_named(batch):
    node = Message("s", {"by": "carrier_pigeon", "message": "short"})
    assert node.step(batch()) == [(Send("carrier_pigeon", "short"), [0, 1, 2])]
    assert node.channels() == ("carrier_pigeon",)
    assert node.summary() == "short by carrier pigeon"
