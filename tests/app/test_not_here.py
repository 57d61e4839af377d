"""Addresses that lead nowhere: a page says so, whatever stands in them."""

from __future__ import annotations

import pytest

from .visitor import Visitor

HUGE = "9" * 23


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/contacts/" + HUGE, "There is no such contact"),
        ("/contacts/-" + HUGE, "There is no such contact"),
        ("/contacts/0", "There is no such contact"),
        ("/approvals/" + HUGE, "There is no such review"),
        ("/journeys/" + HUGE, "There is no such journey"),
    ],
)
def test_who_is_not_known_is_not_a_failure(owner: Visitor, path: str, words: str) -> None:
    assert words in owner.open(path).text


@pytest.mark.parametrize("path", ["/contacts/abc", "/approvals/abc", "/contacts/1.5", "/nowhere"])
def test_what_is_no_address_of_ours_says_so_on_a_page(owner: Visitor, path: str) -> None:
    answer = owner.http.get(path)
    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"] and "Nothing here" in answer.text
