"""Short codes: eight characters that name a message and a place in it, and that nobody can make up."""

from __future__ import annotations

from hashlib import blake2b

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIZE = 8  # characters of a code
LIMIT = len(ALPHABET) ** SIZE
PLACES = 8  # addresses of one message; the last is the way out of the channel
LEAVE = PLACES - 1
SPARE = 1 << 11  # what is left over in a code stays zero: of 2,048 made-up ones 2,047 are known by that alone
ROUNDS = 6
HALF = (1 << 24) - 1


class ForgedLink(Exception):
    """This link was not made here, or it was cut off on the way: use the link in the letter itself."""


class Codes:
    """Makes and reads codes. A message and a place always give the same code, and no two give one.

    A code is a number scrambled by a keyed Feistel network over 48 bits, walked on until it lies below 62^8 (Black and
    Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
    """

    def __init__(self, secret: bytes) -> None:
        self._keys = [blake2b(bytes([number]), key=secret[:64], digest_size=32).digest() for number in range(ROUNDS)]

    def make(self, message_id: int, place: int) -> str:
        """The code of an address. Raises `OverflowError` for message ids past 13 thousand million."""
        number = (message_id * PLACES + place) * SPARE
        if not 0 <= number < LIMIT:
            raise OverflowError(f"Message {message_id} has no short code.")
        number = self._scrambled(number)
        while number >= LIMIT:
            number = self._scrambled(number)
        code = ""
        for _ in range(SIZE):
            number, digit = divmod(number, len(ALPHABET))
            code = ALPHABET[digit] + code
        return code

    def read(self, code: str) -> tuple[int, int]:
        """The message and the place. Raises `ForgedLink` for what was not made here."""
        number = 0
        for character in code if len(code) == SIZE else "-":
            digit = ALPHABET.find(character)
            if digit < 0:
                raise ForgedLink(ForgedLink.__doc__)
            number = number * len(ALPHABET) + digit
        number = self._restored(number)
        while number >= LIMIT:
            number = self._restored(number)
        named, spare = divmod(number, SPARE)
        if spare:
            raise ForgedLink(ForgedLink.__doc__)
        return divmod(named, PLACES)

    def _scrambled(self, number: int) -> int:
        left, right = number >> 24, number & HALF
        for key in self._keys:
            left, right = right, left ^ self._mixed(key, right)
        return left << 24 | right

    def _restored(self, number: int) -> int:
        left, right = number >> 24, number & HALF
        for key in reversed(self._keys):
            left, right = right ^ self._mixed(key, left), left
        return left << 24 | right

    @staticmethod
    def _mixed(key: bytes, half: int) -> int:
        return int.from_bytes(blake2b(half.to_bytes(3), key=key, digest_size=3).digest())
