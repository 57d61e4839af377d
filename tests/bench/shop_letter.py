"""A letter as shops send them: a hero, a grid of products from the event, a story, questions, a footer; about 54 kB."""

from __future__ import annotations

from typing import Any

from sojourn.storage.handover import Filling

CITIES = ("Brno", "Praha", "Bratislava", "Wien", "Leipzig", "York", "Košice", "Graz")
STORY = (
    "The first frost is when we like the woods best. The paths are empty, the ground is firm, and the kettle tastes "
    "better than anywhere. These are the things we take along, mended and tried, and none of them is new this year. "
)

_PRODUCT = """{% for item in event.items %}
<mj-section background-color="#ffffff" padding="12px 24px" border-radius="12px"><mj-column width="38%">
<mj-image src="{{ item.image }}" alt="{{ item.name }}" href="{{ item.url }}" width="180px" /></mj-column>
<mj-column width="62%"><mj-text font-size="18px" font-weight="600">{{ item.name }}</mj-text>
<mj-text>{{ item.words }}</mj-text><mj-text font-weight="600">{{ item.price|money("EUR") }}
{% if item.price > 60 %}<span style="color:#8a2a2a">delivered free</span>{% endif %}</mj-text>
<mj-button href="{{ item.url }}" align="left">See {{ item.name }}</mj-button></mj-column></mj-section>
{% endfor %}"""


def _story(number: int) -> str:
    return f"""<mj-section background-color="#ffffff" padding="16px 24px"><mj-column>
<mj-text font-size="20px" font-weight="600">
Chapter {number}: a day out near {{{{ contact.city|default("home") }}}}</mj-text>
<mj-text>{STORY}</mj-text>
<mj-text>{STORY}</mj-text></mj-column></mj-section>"""


MJML = f"""<mjml lang="en"><mj-head><mj-attributes>
<mj-all font-family="Helvetica, Arial, sans-serif" /><mj-text font-size="16px" line-height="26px" color="#3a3f4b" />
<mj-button background-color="{{{{ brand.color }}}}" color="#ffffff" border-radius="10px" font-size="16px" />
</mj-attributes></mj-head><mj-body background-color="#f4f5f8">
<mj-section><mj-column><mj-text align="center">{{{{ brand.name }}}}</mj-text></mj-column></mj-section>
<mj-section background-color="#ffffff"><mj-column>
<mj-text font-size="30px" line-height="36px">
{{{{ contact.first_name|default("Hello") }}}}, the first frost is here</mj-text>
<mj-text>You looked at {{{{ event.items|length }}}} things; they are still yours to have.</mj-text>
<mj-button href="https://shop.example.com/basket?c={{{{ contact.external_id }}}}">Back to your basket</mj-button>
</mj-column></mj-section>
{_PRODUCT}
{"".join(_story(number) for number in range(1, 8))}
<mj-section><mj-column><mj-text font-size="14px" align="center">{{{{ brand.name }}}} · {{{{ brand.address }}}}<br />
<a href="{{{{ unsubscribe_url }}}}">Unsubscribe</a> ·
<a href="{{{{ preferences_url }}}}">Choose what you get</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""

LETTER: dict[str, Any] = {
    "subject": "{{ contact.first_name }}, your basket is waiting",
    "preheader": "{{ event.items|length }} things, kept until Sunday in {{ contact.city|default('your town') }}",
    "mjml": MJML,
}


def filling(number: int) -> Filling:
    """Somebody of whom no two are alike."""
    items = [
        {
            "name": f"Kettle No. {number % 97}-{place}",
            "url": f"https://shop.example.com/p/{number}-{place}?colour=moss&size={place}",
            "image": f"https://pictures.example.com/{(number * 7 + place) % 400}.jpg",
            "words": f"Made of tin, holds {place + 1} cups, and lasts {number % 40 + 10} winters — čaj included.",
            "price": 19.5 + (number * 13 + place * 29) % 90,
        }
        for place in range(6)
    ]
    contact = {
        "email": f"reader{number}@example.com",
        "phone": None,
        "external_id": f"u{number}",
        "first_name": f"Žofie{number}",
        "city": CITIES[number % len(CITIES)],
    }
    return Filling(contact, {"name": "checkout_started", "items": items}, {"name": "frost", "title": "First frost"})
