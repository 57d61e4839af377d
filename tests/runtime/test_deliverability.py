"""What DNS says of the sender, asked of a real DNS server; where nobody can be asked, nothing is missing."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.app.secrets import Secrets
from sojourn.runtime import settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.deliverability import dmarc, dns, hosts, keys, logo, spf, transport
from sojourn.runtime.deliverability.finding import Finding
from sojourn.runtime.deliverability.lookup import Lookup
from sojourn.storage.database import Database, sqlite_url
from sojourn.storage.dkim_keys import DkimKey
from sojourn.storage.tables import metadata

from .post import NOW
from .zone import BROKEN, Zone, zone

SHOP, SPF = "example.com", ("example.com", "TXT")


def asked(records: Zone, look: Any) -> Any:
    with zone(records) as port:
        return look(Lookup("127.0.0.1", port))


def spf_of(*texts: str, **others: str) -> Finding:
    rest = {(f"{name}.test", "TXT"): [text] for name, text in others.items()}
    return asked({SPF: texts, **rest}, lambda ask: spf.look(ask, SHOP, "mx"))


@pytest.fixture
def house(tmp_path: Any) -> Iterator[Any]:
    db = Database(sqlite_url(tmp_path / "sojourn.db"))

    def made(tx: Any) -> None:
        metadata.create_all(tx.connection)
        settings.save(tx, "sender_address", f"news@{SHOP}")
        settings.save(tx, "base_url", f"http://go.{SHOP}")

    db.write(made)
    yield SimpleNamespace(db=db, clock=ManualClock(NOW), config={}, secrets=Secrets(b"s" * 32))
    db.close()


def test_where_dns_cannot_be_asked_nothing_is_missing(house: Any) -> None:
    with zone({}, world={}) as port:  # a resolver behind a wall: it says that nothing at all exists
        blind = dns.look(house, Lookup("127.0.0.1", port))
    silent = dns.look(house, Lookup("127.0.0.1", 1, 0.1))
    for found in (blind, silent):
        said = {one.check: one.state for one in found}
        assert {said[name] for name in ("spf", "dmarc", "mx", "tracking", "helo", "ptr", "bimi")} == {"unknown"}
        assert said["dkim"] == "missing"  # that there is no key is known without asking
    broken = asked({SPF: [BROKEN]}, lambda ask: spf.look(ask, SHOP, "mx"))
    assert broken.state == "unknown"


def test_a_sender_with_everything_in_order(house: Any) -> None:
    key = keys.make(house, SHOP, "rsa", "ann")
    house.db.write(lambda tx: keys.turn(tx, key.selector, "on", "ann", NOW))
    house.config["smtp_url"] = "smtp://mail.example.com:25"
    records: Zone = {
        SPF: ["v=spf1 a:mail.example.com -all", "some-verification=1"],
        (f"{key.selector}._domainkey.{SHOP}", "TXT"): [key.record],
        (f"_dmarc.{SHOP}", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"],
        (SHOP, "MX"): ["10 mail.example.com."],
        ("mail.example.com", "A"): ["203.0.113.7"],
        ("7.113.0.203.in-addr.arpa", "PTR"): ["mail.example.com."],
        (f"default._bimi.{SHOP}", "TXT"): ["v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem"],
    }
    found = asked(records, lambda ask: dns.look(house, ask))
    assert {one.check: one.state for one in found} == {
        "dkim": "ok", "spf": "ok", "dmarc": "ok", "alignment": "ok", "mx": "ok", "tracking": "missing", "helo": "ok",
        "ptr": "ok", "bimi": "ok", "mta_sts": "missing", "tls_rpt": "missing",
    }  # fmt: skip
    assert dns.counted(found) == {"ok": 8, "wrong": 0, "missing": 1, "unknown": 0}


@pytest.mark.parametrize(
    ("texts", "state", "words"),
    [
        ((), "missing", "does not say which servers"),
        (("v=spf1 mx -all", "v=spf1 a ~all"), "wrong", "2 SPF records"),
        (("v=spf1 mx",), "wrong", "all other servers"),
        (("v=spf1 +all",), "wrong", "lets anybody send"),
        (("v=spf1 ipv4:203.0.113.7 -all",), "wrong", "means nothing"),
        (("v=spf1 include:gone.test -all",), "wrong", "no SPF records"),
        (("v=spf1 include:loop.test -all",), "wrong", "circle"),
        (("v=spf1 " + "a:x.test " * 11 + "-all",), "wrong", "11 questions"),
        (("v=spf1 include:six.test include:six.test -all",), "wrong", "14 questions"),
        (("v=spf1 include:six.test ip4:203.0.113.0/24 ~all",), "ok", "7 questions"),
        (("v=spf1 redirect=six.test",), "ok", "ends in -all"),
        (("v=spf10 -all",), "missing", "does not say"),
    ],
)
def test_spf(texts: tuple[str, ...], state: str, words: str) -> None:
    found = spf_of(*texts, six="v=spf1 a mx a:1.test a:2.test a:3.test a:4.test -all", loop="v=spf1 include:loop.test")
    assert (found.state, words in found.sentence) == (state, True), found
    assert found.state == "ok" or found.fix


def test_two_spf_records_are_made_one() -> None:
    (record,) = spf_of("v=spf1 mx -all", "v=spf1 a:b.test mx ~all").records
    assert record.value.startswith("v=spf1 ") and record.value.endswith(" ~all")
    assert sorted(record.value.split()[1:-1]) == ["a:b.test", "mx"]


def test_a_key_in_dns(house: Any) -> None:
    key, other = keys.make(house, SHOP, "rsa", "ann"), keys.make(house, SHOP, "rsa", "ann")
    name = (keys.record_of(key).name, "TXT")

    def said(*texts: str, of: DkimKey = key) -> tuple[str, str]:
        found = asked({name: texts}, lambda ask: dns.dkim(ask, of))
        return found.state, found.sentence

    assert said(key.record)[0] == "ok"
    assert said(key.record.replace("v=DKIM1; k=rsa; ", ""))[0] == "ok"  # both may be left out
    assert said(key.record, other.record)[0] == "wrong"
    for text, words in (
        (other.record, "Another key"), (key.record[:300], "cut short"), ("v=DKIM1; p=", "taken back"),
        (key.record.replace("k=rsa", "k=ed25519"), "Another key"), (f"{key.record}; t=y", "only being tried"),
    ):  # fmt: skip
        assert said(text)[0] == "wrong" and words in said(text)[1]
    state, sentence = said()
    assert state == "missing" and "signs nothing yet" in sentence
    house.db.write(lambda tx: keys.turn(tx, key.selector, "on", "ann", NOW))
    (first,) = [one for one in dns.look(house, Lookup("127.0.0.1", 1, 0.1)) if one.title.endswith(key.selector)]
    assert first.state == "unknown"


@pytest.mark.parametrize(
    ("texts", "state", "words"),
    [
        ((), "missing", "no DMARC record"),
        (("v=DMARC1; p=none; rua=mailto:a@example.com",), "ok", "none"),
        (("v=DMARC1; p=none; rua=mailto:a@example.com", "v=DMARC1; p=reject"), "wrong", "2 DMARC records"),
        (("v=DMARC1; p=monitor",), "wrong", "has to be"),
        (("v=DMARC1; p=reject",), "wrong", "nobody is told"),
        (("v=DMARC1; p=reject; rua=dmarc@example.com",), "wrong", "is no address"),
        (("v=DMARC1; p=reject; rua=mailto:x@reports.test",), "wrong", "has not agreed"),
        (("v=DMARC1; p=reject; rua=mailto:x@agreed.test",), "ok", "reject"),
    ],
)
def test_dmarc(texts: tuple[str, ...], state: str, words: str) -> None:
    records: Zone = {
        (f"_dmarc.{SHOP}", "TXT"): texts,
        (f"{SHOP}._report._dmarc.agreed.test", "TXT"): ["v=DMARC1"],
    }
    found, _ = asked(records, lambda ask: dmarc.look(ask, SHOP))
    assert (found.state, words in found.sentence) == (state, True), found


def test_a_domain_below_another_takes_its_rules() -> None:
    records: Zone = {(f"_dmarc.{SHOP}", "TXT"): ["v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.com"]}
    found, policy = asked(records, lambda ask: dmarc.look(ask, f"news.{SHOP}"))
    assert (found.state, policy) == ("ok", "quarantine")
    assert dmarc.aligned(SHOP, [], "quarantine").state == "wrong"


def test_a_logo_rests_on_dmarc() -> None:
    name = (f"default._bimi.{SHOP}", "TXT")
    for text, policy, state in (
        ("", "reject", "missing"), ("v=BIMI1; l=http://example.com/a.svg", "reject", "wrong"),
        ("v=BIMI1; l=https://example.com/a.svg", "none", "wrong"),
        ("v=BIMI1; l=https://example.com/a.svg", "reject", "ok"),
    ):  # fmt: skip
        given: Zone = {name: [text]} if text else {}
        assert asked(given, lambda ask, policy=policy: dmarc.bimi(ask, SHOP, policy)).state == state


def test_where_answers_go() -> None:
    def said(*values: str) -> str:
        records: Zone = {(SHOP, "MX"): values, ("mail.example.com", "A"): ["203.0.113.7"]}
        return asked(records, lambda ask: hosts.answers(ask, SHOP, "")).state

    assert [said(), said("0 ."), said("10 gone.example.com."), said("10 mail.example.com.")] == [
        "missing", "wrong", "wrong", "ok",
    ]  # fmt: skip


def test_the_sending_server_and_its_name() -> None:
    def said(**names: list[str]) -> list[str]:
        records: dict[tuple[str, str], list[str]] = {
            ("mail.example.com", "A"): names.get("a", []),
            ("7.113.0.203.in-addr.arpa", "PTR"): names.get("ptr", []),
            ("host7.example.net", "A"): names.get("back", []),
        }
        return [one.state for one in asked(records, lambda ask: hosts.sending(ask, "mail.example.com", ""))]

    at = ["203.0.113.7"]
    assert said() == ["missing", "unknown"]
    assert said(a=at) == ["ok", "missing"]
    assert said(a=at, ptr=["mail.example.com."]) == ["ok", "ok"]
    assert said(a=at, ptr=["host7.example.net."]) == ["ok", "wrong"]
    assert said(a=at, ptr=["host7.example.net."], back=at) == ["ok", "ok"]


def test_where_links_lead() -> None:
    def said(host: str, proven: bool | None = True) -> str:
        records: Zone = {("go.example.com", "A"): ["203.0.113.7"]}
        return asked(records, lambda ask: hosts.tracking(ask, host, SHOP, lambda word: proven)).state

    assert [said("localhost"), said("203.0.113.7"), said("gone.example.com")] == ["missing"] * 3
    assert [said("go.example.com", proven) for proven in (True, False, None)] == ["ok", "wrong", "unknown"]


# ── the way back, encryption, the logo ────────────────────────────────────────────────────────────────


def test_a_return_path_has_to_take_mail_and_name_its_servers() -> None:
    def way(records: Zone) -> Finding:
        return asked(records, lambda ask: transport.returning(ask, "bounces.example.com", SHOP, "a:mail.example.com"))

    mail: Zone = {("bounces.example.com", "MX"): ["10 mail.example.com."]}
    assert way({}).state == "missing" and "takes no mail" in way({}).sentence
    bare = way(mail)
    assert bare.state == "missing" and bare.records[0].value == "v=spf1 a:mail.example.com ~all"
    good = way({**mail, ("bounces.example.com", "TXT"): ["v=spf1 a:mail.example.com -all"]})
    assert good.state == "ok" and "no name under" not in good.sentence
    assert way({("bounces.example.com", "MX"): [BROKEN]}).state == "unknown"
    away = asked({("b.test", "MX"): ["10 b.test."], ("b.test", "TXT"): ["v=spf1 mx -all"]},
                 lambda ask: transport.returning(ask, "bounces@b.test", SHOP, "mx"))  # fmt: skip
    assert away.state == "ok" and "no name under example.com" in away.sentence


def test_encryption_is_a_hint_and_never_a_must() -> None:
    def both(records: Zone) -> list[tuple[str, bool]]:
        return [(one.state, one.optional) for one in asked(records, lambda ask: transport.encrypted(ask, SHOP))]

    assert both({}) == [("missing", True), ("missing", True)]
    sts, rpt = (f"_mta-sts.{SHOP}", "TXT"), (f"_smtp._tls.{SHOP}", "TXT")
    host = {(f"mta-sts.{SHOP}", "A"): ["203.0.113.7"]}
    good = {sts: ["v=STSv1; id=1"], rpt: ["v=TLSRPTv1; rua=mailto:tls@example.com"]}
    assert both({**good, **host}) == [("ok", True), ("ok", True)]
    assert both({**good, rpt: ["v=TLSRPTv1"]}) == [("wrong", True), ("wrong", True)]  # and no host for the policy


DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">'
    "<title>Shop</title><rect width='64' height='64' fill='#123456'/></svg>"
)


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        (DRAWN, ""),
        ("<html>", "no SVG"),
        (DRAWN.replace("tiny-ps", "tiny"), "tiny-ps"),
        (DRAWN.replace("<title>Shop</title>", ""), "title"),
        (DRAWN.replace("64 64", "64 32", 1), "not square"),
        (DRAWN.replace("<rect", "<script>1</script><rect"), "plain shapes"),
        (DRAWN.replace("fill='#123456'", "fill='url(https://evil.test/x)'"), "outside"),
    ],
)
def test_a_logo_that_would_not_be_shown_says_why(svg: str, said: str) -> None:
    found = logo.problems(svg)
    assert (not found) if not said else said in " ".join(found)
    record: Zone = {(f"default._bimi.{SHOP}", "TXT"): ["v=BIMI1; l=https://example.com/logo.svg; a="]}
    shown = asked(record, lambda ask: dmarc.bimi(ask, SHOP, "reject", lambda url: svg))
    assert shown.state == ("wrong" if said else "ok") and shown.optional
