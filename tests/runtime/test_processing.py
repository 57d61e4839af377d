"""The record of processing follows what the instance does."""

from sojourn.runtime.governance import retention
from sojourn.runtime.governance.processing import processing_record


def test_it_names_journeys_data_and_how_long_it_is_kept(stage, step):
    stage.people(3, shoe_size=41)
    stage.journey("vip", {"in": step("trigger_event", {"event": "became_vip"}, next="out"), "out": step("exit")})
    stage.happens(1, "became_vip")
    stage.db.write(lambda tx: retention.keep(tx, {"events": 730}, "owner@example.com", 1))

    said = {
        part.title: dict(part.lines)
        for part in stage.db.look(lambda tx: processing_record(tx, {"smtp_url": "smtp://post.example.com:587"}))
    }

    assert "vip" in str(said["What for, and on which legal basis"])
    assert "shoe_size" in said["Whose data, and which"]["What is known of them"]
    assert "became_vip" in said["Whose data, and which"]["What they did"]
    assert said["Who receives it, and where it comes from"]["Mail server"] == "post.example.com"
    assert said["How long it is kept"]["What people did"] == "730 days"
