"""Machines: where answers go (MX), where links lead, and who the sending server says it is (HELO, PTR)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from .finding import Finding, unknown
from .keys import Record
from .lookup import Lookup

MX, MX_TITLE = "mx", "Where answers go (MX)"
TRACKING, TRACKING_TITLE = "tracking", "Where links in letters lead"
HELO, HELO_TITLE = "helo", "The sending server's name (HELO)"
PTR, PTR_TITLE = "ptr", "The name of its address (PTR)"
HOSTER = "Whoever gave you the address (your hoster) sets this: ask for this record."
Proves = Callable[[str], bool | None]  # whether an instance answers as this one; None: nobody answered


def answers(ask: Lookup, domain: str, mail_host: str) -> Finding:
    """Whether bounces and answers reach somebody."""
    found = ask.ask(domain, "MX")
    if not found.known:
        return unknown(MX, MX_TITLE)
    suggested = Record(domain, "MX", f"10 {mail_host or f'mail.{domain}'}.")
    if not found:
        said = f"{domain} names no server that takes mail: bounces and answers get lost, and some receivers refuse it."
        return Finding(MX, MX_TITLE, "missing", said, "Publish the server where your mailboxes are.", (suggested,))
    if not any(found.values):
        said = f"{domain} says that it takes no mail at all, yet letters come from it."
        return Finding(MX, MX_TITLE, "wrong", said, "Replace the record “0 .” by your mail server.", (suggested,))
    for host in filter(None, found.values):
        there = ask.addresses(host)
        if there.known and not there:
            return Finding(MX, MX_TITLE, "wrong", f"{host} takes the mail of {domain}, but has no address.",
                           f"Give {host} an address (A record), or name another server.")  # fmt: skip
    return Finding(MX, MX_TITLE, "ok", f"Mail goes to {', '.join(filter(None, found.values))}.")


def tracking(ask: Lookup, base_host: str, domain: str, proves: Proves) -> Finding:
    """Whether the address that links in letters begin with leads to this very instance."""
    name = f"go.{domain}"
    if not base_host or "." not in base_host or _is_address(base_host):
        said = "Links in letters begin with an address that people outside cannot use, or that has no name."
        fix = f"Take a name of your own such as {name}, and set where links lead to https://{name} under Settings."
        return Finding(TRACKING, TRACKING_TITLE, "missing", said, fix, (Record(name, "CNAME", "your-server.example."),))
    found = ask.addresses(base_host)
    if not found.known:
        return unknown(TRACKING, TRACKING_TITLE)
    if not found:
        said = f"{base_host} leads nowhere: links in letters are dead."
        here = Record(base_host, "A", "the address of this server")
        return Finding(TRACKING, TRACKING_TITLE, "missing", said, "Publish the address of this server.", (here,))
    proven = proves(secrets.token_hex(16))
    if proven is None:
        said = f"{base_host} has the address {found.values[0]}, but nobody answered there."
        return unknown(TRACKING, TRACKING_TITLE, said, "See that the server runs and is reached from outside.")
    if not proven:
        said = f"{base_host} leads to {found.values[0]}, where something else than this instance answers."
        fix = "Correct the address in DNS, or the proxy in front of this server."
        return Finding(
            TRACKING, TRACKING_TITLE, "wrong", said, fix, (Record(base_host, "A", "the address of this server"),)
        )
    said = f"{base_host} leads to this instance."
    if base_host.split(".")[-2:] != domain.split(".")[-2:]:
        said += f" It is not a name under {domain}, which some filters like less."
    return Finding(TRACKING, TRACKING_TITLE, "ok", said)


def sending(ask: Lookup, host: str, why_unknown: str) -> list[Finding]:
    """The name the sending server gives, and whether its address has it. ``host`` is "" where it is not known."""
    if not host:
        told = "Ask its operator, or say the name: `sojourn deliverability --helo mail.example.com`."
        return [unknown(HELO, HELO_TITLE, why_unknown, told), unknown(PTR, PTR_TITLE, why_unknown, told)]
    found = ask.addresses(host)
    if not found.known:
        return [unknown(HELO, HELO_TITLE), unknown(PTR, PTR_TITLE)]
    if not found:
        said = f"The sending server calls itself {host}, a name without an address; receivers refuse that."
        here = Record(host, "A", "the address of the sending server")
        wrong = Finding(HELO, HELO_TITLE, "missing", said, "Publish its address.", (here,))
        return [wrong, unknown(PTR, PTR_TITLE, f"{host} has no address whose name could be looked up.", "See above.")]
    good = Finding(HELO, HELO_TITLE, "ok", f"{host} has the address {', '.join(found.values)}.")
    return [good, _reverse(ask, host, found.values)]


def _reverse(ask: Lookup, host: str, addresses: Sequence[str]) -> Finding:
    for address in addresses:
        names = ask.names_of(address)
        if not names.known:
            return unknown(PTR, PTR_TITLE)
        wanted = Record(ip_address(address).reverse_pointer, "PTR", f"{host}.")
        if not names:
            said = f"{address} has no name; Gmail and others refuse letters from such servers."
            return Finding(PTR, PTR_TITLE, "missing", said, HOSTER, (wanted,))
        if host in names.values:
            continue
        back = [ask.addresses(name) for name in names.values]
        if any(address in one.values for one in back):
            continue
        if not all(one.known for one in back):
            return unknown(PTR, PTR_TITLE)
        said = f"{address} is called {names.values[0]}, a name that does not lead back to it."
        return Finding(PTR, PTR_TITLE, "wrong", said, HOSTER, (wanted,))
    return Finding(
        PTR, PTR_TITLE, "ok", f"{', '.join(addresses)} and {host} name each other, or a name that leads back."
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
