"""A million letters through one process: its memory stays where it was, and every ten-thousandth letter is sound.

`make soak ONLY=letters`; ``--count`` for fewer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any

import dkim
import psutil

from sojourn.runtime.content.dkim import Signer, make_key
from sojourn.runtime.content.letter import compile_letter
from sojourn.runtime.content.skeleton import Skeleton
from sojourn.storage.handover import Filling
from sojourn.tests.bench import email
from sojourn.tests.bench.shop_letter import LETTER, filling

TURN = 10_000
PEOPLE = 100_000  # more than any cache keeps
MOST_MB = 24  # that the second half may take beyond the first


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    count = parser.parse_known_args()[0].count
    signer = Signer.of("example.com", "soak", make_key())
    hand = email.Hand(compile_letter(LETTER), _People(), email.BRAND)
    skeleton, record = Skeleton(email.BRAND, (signer,)), signer.record.encode()
    process, memory, began = psutil.Process(), [], time.monotonic()
    with email.sink() as port:
        for first in range(0, count, TURN):
            hand.turn(port, TURN, first)
            memory.append(process.memory_info().rss / 1e6)
            faults = _faults(hand, skeleton, first, record)
            if faults:
                print(f"Letter {first} is not sound: {faults}")
                return 1
    half = len(memory) // 2
    early, late = max(memory[len(memory) // 10 : half] or memory), max(memory[half:])
    said = {
        "letters": count,
        "seconds": round(time.monotonic() - began),
        "memory_mb": [round(memory[len(memory) * tenth // 10]) for tenth in range(10)],
        "first_half_mb": round(early),
        "second_half_mb": round(late),
        "flat": late - early <= MOST_MB,
    }
    print(json.dumps(said))
    return 0 if said["flat"] else 1


class _People(Sequence[Filling]):
    """Made when asked for, so that they are not what takes the memory."""

    def __len__(self) -> int:
        return PEOPLE

    def __getitem__(self, number: Any) -> Any:
        return filling(number)


def _faults(hand: email.Hand, skeleton: Skeleton, number: int, record: bytes) -> str:
    """What is wrong with one letter, signed and read as a receiver reads it; "" when nothing is."""
    whole = b"".join(hand.framed(number, skeleton))
    if not dkim.verify(whole, dnsfunc=lambda *_, **__: record):
        return "its signature does not verify"
    read = message_from_bytes(whole, policy=default)
    defects = [*read.defects, *(defect for part in read.walk() for defect in part.defects)]
    return "; ".join(map(repr, defects))


if __name__ == "__main__":
    sys.exit(main())
