"""One spelling for each address and number, and what to know of an address before writing to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime import addresses
from sojourn.runtime.addresses import DISPOSABLE, ROLE, NotAnAddress


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("Ann.O'Neil+shop@example.co.uk", "ann.o'neil+shop@example.co.uk"),
        ("ann@xn--hkyrky-ptac70bc.example", "ann@háčkyčárky.example"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),  # é as two letters and as one
        ("JOSÉ@EXAMPLE.COM", "josé@example.com"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert addresses.email(typed) == kept


@pytest.mark.parametrize("typed", ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@exa_mple.com", 7, None])
def test_what_is_no_address_is_refused_in_words(typed: object) -> None:
    with pytest.raises(NotAnAddress, match=r"\w+ \w+"):
        addresses.email(typed)


@given(st.emails())
def test_what_was_kept_is_kept_the_same_again(address: str) -> None:
    try:
        once = addresses.email(address)
    except NotAnAddress:
        return
    assert addresses.email(once) == once


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+420 601 123-456", "", "+420601123456"),
        ("00420 601 123 456", "", "+420601123456"),
        ("601 123 456", "CZ", "+420601123456"),
        ("0176 1234 5678", "DE", "+4917612345678"),
        ("(030) 12345-67", "DE", "+49301234567"),
        ("+49 30 1234567", "CZ", "+49301234567"),
        ("+４２０ 601 123 456", "", "+420601123456"),  # full-width digits
        ("601 123 456", "", "601123456"),  # nobody can say where that is
        (420601123456, "CZ", "+420601123456"),
        ("+12", "", None),
        ("12", "CZ", None),
        ("call me", "CZ", None),
        ("", "CZ", None),
        (True, "CZ", None),
    ],
)
def test_a_number_is_kept_as_the_whole_world_dials_it(typed: object, country: str, kept: str | None) -> None:
    assert addresses.phone(typed, country) == kept


@given(st.text(max_size=40), st.sampled_from(["", "CZ", "US", "XX"]))
def test_any_text_is_a_number_or_none_and_stays_what_it_is(typed: str, country: str) -> None:
    kept = addresses.phone(typed, country)
    if kept is not None:
        assert kept.removeprefix("+").isdigit() and kept.isascii()
        assert addresses.phone(kept) == kept


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ann@mailinator.com", DISPOSABLE),
        ("ann@post.mailinator.com", DISPOSABLE),
        ("info@example.com", ROLE),
        ("info+shop@example.com", ROLE),
        ("ann@example.com", None),
        (None, None),
    ],
)
def test_what_to_know_of_an_address(address: str | None, said: str | None) -> None:
    assert addresses.flag(address) == said
