"""What Jinja says of a template it cannot read, in words of people who write letters."""

from __future__ import annotations

import re
from collections.abc import Callable

BETWEEN = "between {{ and }} stands a name such as contact.first_name"
_SIGNS = {
    "end of print statement": "}}",
    "begin of print statement": "{{",
    "end of statement block": "%}",
    "begin of statement block": "{%",
}
_Words = Callable[[re.Match[str]], str]

_SENTENCES: tuple[tuple[re.Pattern[str], _Words], ...] = (
    (
        re.compile(r"Unexpected end of template\..*innermost block that needs to be closed is '(\w+)'", re.S),
        lambda found: f"“{found[1]}” is never closed: put {{% end{found[1]} %}} where it ends.",
    ),
    (
        re.compile(r"Encountered unknown tag '(\w+)'.*innermost block that needs to be closed is '(\w+)'", re.S),
        lambda found: (
            f"“{found[1]}” does not fit here: “{found[2]}” is still open and ends with {{% end{found[2]} %}}."
        ),
    ),
    (
        re.compile(r"Encountered unknown tag '(\w+)'"),
        lambda found: f"Letters know no “{found[1]}”; if, for and set they do.",
    ),
    (
        re.compile(r"[Uu]nexpected end of template"),
        lambda found: "The letter ends in the middle of {{ … }} or {% … %}.",
    ),
    (re.compile(r"expected name or number"), lambda found: "A name has to stand behind the dot."),
    (
        re.compile(r"unexpected '(.+)', expected '(.+)'"),
        lambda found: f"“{_sign(found[1])}” does not fit here; “{_wanted(found[2])}” would.",
    ),
    (
        re.compile(r"Expected an expression, got '(.+)'"),
        lambda found: f"Something is missing before “{_sign(found[1])}”: {BETWEEN}.",
    ),
    (
        re.compile(r"expected token '(.+)', got '(.+)'"),
        lambda found: f"“{_sign(found[2])}” does not fit here; “{_wanted(found[1])}” would.",
    ),
    (
        re.compile(r"unexpected (?:char )?(?:'(.+?)'|\"'\")(?: at \d+)?$"),
        lambda found: (
            f"“{_sign(found[1])}” does not belong here: {BETWEEN}."
            if found[1]
            else "A text begins here and never ends: put a quotation mark behind it."
        ),
    ),
    (
        re.compile(r"Missing end of (comment tag|raw directive)"),
        lambda found: "What begins with {# has to end with #}.",
    ),
)


def in_words(message: str | None) -> str:
    """One of Jinja's messages as a sentence; one nobody has met yet is quoted."""
    for pattern, words in _SENTENCES:
        if found := pattern.search(message or ""):
            return words(found)
    return f"The Jinja here cannot be read: {message}."


def _sign(token: str) -> str:
    return _SIGNS.get(token, token)


def _wanted(sign: str) -> str:
    return "a name" if sign == "name" else _sign(sign)
