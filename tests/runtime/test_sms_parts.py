"""Texts counted as carriers do: 160 or 70 in one part, 153 or 67 in each of a longer one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime.channels.sms_parts import BASIC, EXTENSION, GSM, UCS2, Costly, decoded, encoded, parts, plain

FAMILY = "👨"  # two units of UTF-16


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count", "left"),
    [
        ("", GSM, 0, 0, 160),
        ("a" * 160, GSM, 160, 1, 0),
        ("a" * 161, GSM, 161, 2, 145),
        ("a" * 306, GSM, 306, 2, 0),
        ("a" * 307, GSM, 307, 3, 152),
        ("€" * 80, GSM, 160, 1, 0),
        ("a" * 159 + "€", GSM, 161, 2, 145),
        ("a" * 152 + "€" + "a" * 152, GSM, 306, 3, 152),  # the pair does not fit at the end of the first part
        ("č" * 70, UCS2, 70, 1, 0),
        ("č" * 71, UCS2, 71, 2, 63),
        ("č" * 134, UCS2, 134, 2, 0),
        (FAMILY * 35, UCS2, 70, 1, 0),
        ("č" * 66 + FAMILY + "č" * 10, UCS2, 78, 2, 55),  # neither does a surrogate pair
        ("Ünïted", UCS2, 6, 1, 64),
        ("Ñandú Ålesund ¿à?", UCS2, 17, 1, 53),
        ("ÑandÜ Ålesund ¿à?", GSM, 17, 1, 143),
    ],
)
def test_counts(text: str, encoding: str, units: int, count: int, left: int) -> None:
    counted = parts(text)
    assert (counted.encoding, counted.units, counted.parts, counted.left) == (encoding, units, count, left)
    assert "".join(counted.texts) == text


def test_what_makes_a_text_dear_is_named_with_how_to_write_it() -> None:
    dear = parts("Přijďte včas… 👨")
    assert dear.costly == (
        Costly("č", 1, True, "c"),
        Costly("ď", 1, True, "d"),
        Costly("ř", 1, True, "r"),
        Costly("…", 1, True, "..."),
        Costly("👨", 1, True, None),
    )
    assert parts("[10 €]").costly == (
        Costly("[", 1, False, "("),
        Costly("]", 1, False, ")"),
        Costly("€", 1, False, "EUR"),
    )
    assert plain("Příliš žluťoučký kůň úpěl ďábelské ódy") == "Prilis zlutoucky kun upel dabelské ody"
    assert parts(plain("„Łódź“ — ﬁne\u00a0text")).encoding == GSM


def test_the_alphabet_is_the_one_of_the_standard() -> None:
    assert len(BASIC) == 128
    assert encoded("@£_Ñà") == bytes([0x00, 0x01, 0x11, 0x5D, 0x7F])
    assert encoded("€[") == bytes([0x1B, 0x65, 0x1B, 0x3C])


@given(st.text(st.sampled_from([*BASIC.replace("\0", ""), *EXTENSION, "č", FAMILY]), max_size=700))
def test_no_part_is_longer_than_a_phone_takes_and_nothing_is_lost(text: str) -> None:
    counted = parts(text)
    assert "".join(counted.texts) == text
    assert len(counted.texts) == counted.parts
    room = {(GSM, True): 160, (GSM, False): 153, (UCS2, True): 140, (UCS2, False): 134}
    for part in counted.texts:
        octets = encoded(part) if counted.encoding == GSM else part.encode("utf-16-be")
        assert len(octets) <= room[counted.encoding, counted.parts == 1]
        assert (decoded(octets) if counted.encoding == GSM else octets.decode("utf-16-be")) == part
