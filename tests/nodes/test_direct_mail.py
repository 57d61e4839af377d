"""Letter on paper: one handed over, then on."""

from sojourn.nodes.direct_mail import DirectMail
from sojourn.nodes.step import Go, Send


def test_who_arrives_is_sent_it_and_goes_on_when_it_left(batch):
    node = DirectMail("s", {"message": "short"})
    assert node.step(batch()) == [(Send("direct_mail", "short"), [0, 1, 2])]
    assert node.step(batch(1, outcome=["sent"])) == [(Go("next"), [0])]
    assert (node.contents(), node.channels()) == (("short",), ("direct_mail",))
