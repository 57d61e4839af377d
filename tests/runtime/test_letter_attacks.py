"""Attacks on templates from every side a person can write into: none gets out, none eats the machine.

All run in one child process with a gigabyte and seconds to live: one that works takes the child with it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from sojourn.runtime.content import wire
from sojourn.runtime.content.given import Codes
from sojourn.runtime.content.jinja import HTML, TEXT, BrokenLetter, LetterEnvironment, Run, check, compile_template, run
from sojourn.runtime.content.letter import LetterProblem, compile_letter, render
from sojourn.runtime.content.needs import needs_of
from sojourn.runtime.content.selections import SelectionProblem
from sojourn.runtime.content.showing import condition
from sojourn.tests.runtime.test_letter import BOMBS, ESCAPES, page

ATTACKS = [
    *ESCAPES,
    *BOMBS,
    "{{ products.__globals__ }}",
    "{{ coupon.__code__ }}",
    "{{ products(**{'limit': 10**9}) }}",
    "{{ products(ids=['a'] * 10**9) }}",
    "{{ products(category='a' * 10**9) }}",
    "{% set coupon = contact %}{{ coupon('x') }}",
    "{{ coupon(coupon) }}",
    "{{ _coupons.known }}{{ _products }}",
    "{{ contact is meets('name', 'equals', [0] * 10**9) }}",
    "{{ contact is meets('__class__', 'contains', 'dict') }}",
    "{{ contact is meets('name.__class__.__mro__', 'exists') }}",
    "{{ segments.__class__ }}{{ outside.__init__.__globals__ }}{{ catalogue['__class__'] }}",
    "{{ now.ms ** 99999 }}",
    "{{ features|attr('__class__') }}",
    "{{ outside.weather.sky.format(contact) }}",
]
LEAKS = ("<class", "&lt;class", "root:", "uid=", "__globals__'", "<function", "&lt;function", "<module", "object at 0x")
DATA: dict[str, Any] = {
    "contact": {"name": "Ann"},
    "event": {"big": "b" * 10_000, "x": "2026-01-01"},
    "segments": {"vip": True},
    "features": {"orders": 3},
    "outside": {"weather": {"sky": "{0.__class__} {{ 7*7 }}"}},
    "catalogue": {"p1": {"title": "{{ cycler.__init__.__globals__ }}"}},
    "now": {"ms": 10**17},
    "_coupons": Codes({"spring": "{{ 7*7 }}{% include '/etc/passwd' %}"}),
    "_products": {"{}": [{"title": "{{ ''.__class__ }}<script>alert(1)</script>", "url": "javascript:alert(1)"}]},
    "unsubscribe_url": "https://go.example.com/u",
    "brand": {"name": "Acme"},
}
REFUSED = (LetterProblem, BrokenLetter, ValidationError, SelectionProblem)


def filled(environment: LetterEnvironment, attack: str) -> str:
    if issues := check(attack):
        raise LetterProblem(issues)
    needs_of(environment, [attack])
    template = compile_template(environment, attack)
    if isinstance(environment, wire.WireEnvironment):
        return wire.fill(template, DATA, Run(link=lambda url, place: url)).decode("latin-1")
    return run(template, DATA, Run(link=lambda url, place: url))


def shown(attack: str) -> str:
    """As the value of every kind of rule: it stays a value."""
    rules: list[dict[str, Any]] = [
        {"property": "name", "op": "equals", "value": attack},
        {"segment": attack[:190] or "x"},
        {"feature": attack[:190] or "x", "op": "in", "value": [attack]},
        {"product": "title", "sku": attack[:190], "op": "contains", "value": attack},
        {"trigger": attack[:190], "op": "starts_with", "value": attack},
    ]
    source = "".join(f"{{% if {condition(rule)} %}}yes{{% endif %}}" for rule in rules)
    assert check(source) == [], source
    return filled(HTML, source)


def in_blocks(attack: str) -> str:
    blocks = [
        {"id": "t", "kind": "text", "settings": {"text": attack, "html": attack}},
        {"id": "b", "kind": "button", "settings": {"label": attack, "url": f"https://shop.example.com/?q={attack}"}},
    ]
    return whole({"subject": "Hi", "blocks": blocks})


def whole(source: dict[str, Any]) -> str:
    letter = compile_letter(source)
    return render(letter, DATA).html + str(render(letter, DATA, for_the_wire=True).parts)


PLACES: dict[str, Callable[[str], str]] = {
    "text": lambda attack: filled(TEXT, attack),
    "html": lambda attack: filled(HTML, attack),
    "wire text": lambda attack: filled(wire.TEXT, attack),
    "wire html": lambda attack: filled(wire.HTML, attack),
    "show_if": shown,
}
SLOW: dict[str, Callable[[str], str]] = {
    "block settings": in_blocks,
    "subject": lambda attack: whole({"subject": attack, "preheader": attack, "mjml": page("<mj-text>x</mj-text>")}),
}


def child() -> None:
    """What the child process does: every attack in every place, and the data that only looks like one."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    got_through: list[str] = []
    tried = 0
    places = [(name, place, ATTACKS) for name, place in PLACES.items()]
    for name, place, attacks in [*places, *((name, place, ATTACKS[::4]) for name, place in SLOW.items())]:
        for attack in attacks:
            begun, tried = time.process_time(), tried + 1
            try:
                made = place(attack)
            except REFUSED:
                made = ""
            took = time.process_time() - begun
            if any(leak in made for leak in LEAKS) or len(made) > 4_000_000 or took > 3:
                got_through.append(f"{name}: {attack[:80]} ({took:.1f} s)")
    harmless = page(
        '<mj-text>[{{ catalogue["p1"].title }}][{{ coupon("spring") }}][{{ outside.weather.sky }}]</mj-text>'
        '{% for one in products() %}<mj-button href="{{ one.url }}">{{ one.title }}</mj-button>{% endfor %}'
    )
    html = render(compile_letter({"subject": "x", "mjml": harmless}), DATA).html
    for words in ("[{{ cycler.__init__.__globals__ }}]", "[{{ 7*7 }}{% include", "[{0.__class__} {{ 7*7 }}]"):
        if words not in html:
            got_through.append(f"data was read as a template: {words}")
    if "<script>" in html or "javascript:" in html:
        got_through.append("a product brought markup along")
    print(json.dumps({"tried": tried, "got_through": got_through}))


def test_no_attack_gets_out_or_eats_the_machine_from_any_side() -> None:
    words = "from sojourn.tests.runtime.test_letter_attacks import child; child()"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-2_000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["got_through"] == []
    assert said["tried"] > 5 * 50
