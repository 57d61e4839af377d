"""The page of figures: everyone sees what each says; the owner alone sees buttons to change the limits."""

from __future__ import annotations

from sojourn.runtime.feature_catalogue import FEATURES

from .visitor import Visitor


def test_every_figure_is_described_with_its_unit_and_window(owner: Visitor) -> None:
    shown = owner.http.get("/features").text
    assert all(feature.title in shown and feature.sentence.split(".")[0] in shown for feature in FEATURES)
    assert "People by stage" in shown and "Days of silence until somebody is at risk" in shown


def test_who_may_only_look_cannot_save(viewer: Visitor) -> None:
    shown = viewer.http.get("/features").text
    assert "People by stage" in shown and '"label":"Save"' not in shown and '"label":"Preview"' not in shown


def test_a_stranger_is_sent_to_sign_in(stranger: Visitor) -> None:
    assert stranger.http.get("/features").headers["location"].startswith("/sign-in")
