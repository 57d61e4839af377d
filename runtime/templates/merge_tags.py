"""Merge tags of other systems turned into ours: Mailchimp, Klaviyo, HubSpot, Handlebars and those that write alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PEOPLE = {"person", "contact", "subscriber", "customer", "user", "recipient", "profile", "lead", "member"}
_FIELDS = {  # what others call the usual properties, without signs and in small letters
    "fname": "first_name", "firstname": "first_name", "givenname": "first_name", "lname": "last_name",
    "lastname": "last_name", "surname": "last_name", "familyname": "last_name", "email": "email",
    "emailaddress": "email", "mail": "email", "phone": "phone", "phonenumber": "phone", "mobile": "phone",
    "fullname": "name", "company": "company", "city": "city", "country": "country", "birthday": "birthday",
    "language": "language", "locale": "language", "jobtitle": "job_title", "state": "state", "zip": "zip",
}  # fmt: skip
_SYSTEM = {  # what a letter has whoever gets it
    "unsub": "unsubscribe_url", "unsubscribe": "unsubscribe_url", "unsubscribelink": "unsubscribe_url",
    "unsubscribeurl": "unsubscribe_url", "unsubscribelinkall": "unsubscribe_url", "listunsub": "unsubscribe_url",
    "managepreferences": "preferences_url", "managepreferenceslink": "preferences_url",
    "managepreferencesurl": "preferences_url", "updateprofile": "preferences_url", "preferences": "preferences_url",
    "updateprofilelink": "preferences_url", "preferencecenter": "preferences_url",
    "unsubscribepreferencesurl": "preferences_url", "listcompany": "brand.name", "organizationname": "brand.name",
    "sitesettingscompanyname": "brand.name", "companyname": "brand.name", "organizationfulladdress": "brand.address",
    "listaddress": "brand.address", "listaddressline": "brand.address", "htmllistaddresshtml": "brand.address",
    "organizationurl": "brand.url", "listurl": "brand.url", "sitesettingscompanydomain": "brand.url",
}  # fmt: skip
_OURS = re.compile(
    r"(contact|event|journey|brand|segments|features|products|place|outside|coupon|now|catalogue)\b|"
    r"(unsubscribe_url|preferences_url)$"
)
_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\s*\.\s*[A-Za-z_][\w-]*)*")
_STARS = re.compile(r"\*\|([^|*]{1,120})\|\*")
_PERCENTS = re.compile(r"%%?([A-Z][A-Z_]{2,40})%%?(?![0-9A-Fa-f])")
_BRACES = re.compile(r"\{\{\{?\s*([^{}]{1,300}?)\s*\}?\}\}")
_STATEMENT = re.compile(r"\{%-?\s*(\w+)([^%]{0,300}?)-?%\}")
_OWN_NAMES = re.compile(r"\{%-?\s*(?:for|set)\s+(\w+)")
_FILTERS = re.compile(r"(?:\s*\|\s*\w+(?:\([^()]*\))?)*")
_LINKS = {"unsubscribe": ("unsubscribe_url", "Unsubscribe"), "manage_preferences": ("preferences_url", "Preferences")}
_DEFAULT = re.compile(r"\|\s*default\s*(?::|=|\()\s*(['\"])(.{0,120}?)\1\s*\)?")


@dataclass(slots=True)
class Tags:
    """A text with our tags in it. ``turned``: what was known, as (theirs, ours); ``unknown``: what was left."""

    text: str
    turned: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def ours(text: str) -> Tags:
    """Turn what is known; what is not stays as it is and is listed."""
    tags, names = Tags(text), frozenset(_OWN_NAMES.findall(text))
    for pattern, turn in (
        (_STARS, _stars),
        (_BRACES, lambda found: _braces(found, names)),
        (_STATEMENT, _statement),
        (_PERCENTS, _percents),
    ):
        tags.text = pattern.sub(_turner(tags, turn), tags.text)
    tags.unknown = list(dict.fromkeys(tags.unknown))
    return tags


def _turner(tags: Tags, turn: Callable[[re.Match[str]], str | None]) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        made = turn(found)
        if made is None:
            tags.unknown.append(found[0])
            return found[0]
        if made != found[0]:
            tags.turned[found[0]] = made
        return made

    return replaced


def _stars(found: re.Match[str]) -> str | None:
    """Mailchimp: *|FNAME|*, *|IF:FNAME|* … *|ELSE:|* … *|END:IF|*."""
    tag = found[1].strip()
    head, _, rest = tag.partition(":")
    if head == "IF" and (name := _contact(rest)):
        return "{% if " + name + " %}"
    if head in ("ELSEIF", "END", "ELSE"):
        return {"END": "{% endif %}", "ELSE": "{% else %}"}.get(head)
    if known := _SYSTEM.get(_bare(tag)):
        return "{{ " + known + " }}"
    name = None if rest else _contact(tag)
    return "{{ " + name + " }}" if name else None


def _braces(found: re.Match[str], names: frozenset[str]) -> str | None:
    """Klaviyo, HubSpot, Handlebars, Brevo, Customer.io: {{ person.first_name|default:'there' }}, {{firstname}}."""
    said = found[1].strip()
    if said.startswith("#if ") and (name := _path(said[4:])):
        return "{% if " + name + " %}"
    if said in ("/if", "else"):
        return "{% endif %}" if said == "/if" else "{% else %}"
    if said.startswith(("#", "/", "!", ">", "^", "&")):
        return None
    if re.match(r"\w+", said) and re.split(r"\W", said, maxsplit=1)[0] in names:
        return found[0]
    default = _DEFAULT.search(said)
    path, bar, filters = _DEFAULT.sub("", said).partition("|")
    name = _path(path.strip())
    if name is None or not _FILTERS.fullmatch(bar + filters):
        return found[0] if _OURS.match(said) and not re.search(r"\|\s*\w+\s*:", said) else None
    if name == path.strip() and not re.search(r"default\s*[:=]", said):
        return found[0]
    filled = f"|default('{_quoted(default[2])}')" if default else ""
    return "{{ " + name + filled + (bar + filters).rstrip() + " }}"


def _statement(found: re.Match[str]) -> str | None:
    """Klaviyo and Customer.io: {% unsubscribe_link %}, {% if person.first_name %}. What Jinja knows stays."""
    word, rest = found[1], found[2].strip()
    if word in _LINKS:
        address, words = _LINKS[word]
        return '<a href="{{ ' + address + ' }}">' + (rest.strip("'\"") or words) + "</a>"
    if known := _SYSTEM.get(_bare(word)):
        return "{{ " + known + " }}"
    if word in ("if", "elif", "elsif", "unless"):
        name = _path(rest)
        if name:
            condition = f"not {name}" if word == "unless" else name
            return "{% " + ("elif" if word in ("elif", "elsif") else "if") + " " + condition + " %}"
        return found[0] if word in ("if", "elif") and _OURS.match(rest.removeprefix("not ")) else None
    if word in ("endif", "else", "endfor", "endunless"):
        return "{% endif %}" if word == "endunless" else found[0]
    return found[0] if word in ("for", "set") else None


def _percents(found: re.Match[str]) -> str | None:
    """ActiveCampaign and Salesforce: %FIRSTNAME%, %UNSUBSCRIBELINK%. Other words between percents are just words."""
    word = _bare(found[1])
    known = _SYSTEM.get(word) or (f"contact.{_FIELDS[word]}" if word in _FIELDS else None)
    return "{{ " + known + " }}" if known else found[0]


def _path(said: str) -> str | None:
    """A dotted name as ours; None where it is none, or means nothing here."""
    if not _NAME.fullmatch(said):
        return None
    head, *rest = (part.strip() for part in said.split("."))
    if not rest:
        if _OURS.fullmatch(said):
            return said
        known = _SYSTEM.get(_bare(said)) or (f"contact.{_FIELDS[_bare(said)]}" if _bare(said) in _FIELDS else None)
        return known or None
    if known := _SYSTEM.get(_bare(said)):
        return known
    if head.lower() in _PEOPLE:
        return _contact(rest[-1])
    return said if _OURS.match(said) else None


def _contact(name: str) -> str | None:
    """A property of the contact: the usual ones under our names, others in small letters."""
    name = name.strip()
    if not re.fullmatch(r"[A-Za-z_][\w-]{0,60}", name):
        return None
    return f"contact.{_FIELDS.get(_bare(name)) or name.lower().replace('-', '_')}"


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
