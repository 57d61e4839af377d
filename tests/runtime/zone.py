"""A small DNS server on this machine, whose records a test decides."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from sojourn.runtime.deliverability.keys import quoted

Zone = Mapping[tuple[str, str], Sequence[str]]
WORLD: Zone = {(".", "NS"): ["a.root-servers.test."]}
BROKEN = "servfail"


@contextmanager
def zone(records: Zone, world: Zone = WORLD) -> Iterator[int]:
    """Answers by UDP on the port it gives; texts may be as long as they like, ``BROKEN`` fails."""
    known = {(name.rstrip(".").lower(), kind): list(values) for (name, kind), values in {**world, **records}.items()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    asked, who = door.recvfrom(4096)
                    door.sendto(_answer(dns.message.from_wire(asked), known), who)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            over.set()
            thread.join()


def _answer(asked: dns.message.Message, known: Mapping[tuple[str, str], Sequence[str]]) -> bytes:
    (question,) = asked.question
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    values = known.get((name, kind), ())
    if BROKEN in values:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif values:
        texts = [quoted(one) if kind == "TXT" else one for one in values]
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
    elif not any(name == one for one, _ in known):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()
