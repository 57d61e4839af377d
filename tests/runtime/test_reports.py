"""Reports of services that send for us: what is genuine counts once, in our words; what is forged counts never."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from sojourn.runtime import signals
from sojourn.runtime.channels.callback import Call, Forged, Malformed, Reply
from sojourn.runtime.channels.channel import Tools
from sojourn.runtime.channels.smtp_account import SmtpAccount, SmtpSettings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.deliverability import reputation
from sojourn.runtime.exchange.outgoing import NoAnswer
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.reports.reading import Outside
from sojourn.runtime.reports.service import hear
from sojourn.runtime.reports.ses import _KEYS, SIGNED, of_amazon
from sojourn.storage.database import Database

from .post import NOW, journey, message

TOPIC = "arn:aws:sns:eu-west-1:123456789012:letters"
CERT = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"


def read(kind: Any, body: bytes, secret: str, headers: dict[str, str] | None = None, fetch: Any = None) -> Reply:
    outside = Outside(secret, NOW, fetch) if fetch else Outside(secret, NOW)
    return asyncio.run(hear(kind, Call("POST", "https://x.example.com/hooks/a", headers or {}, body, {}), outside))


# ── Amazon ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def amazon() -> tuple[rsa.RSAPrivateKey, bytes]:
    key = rsa.generate_private_key(65_537, 2_048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    day = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(day).not_valid_after(day + timedelta(days=1))
    return key, made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def sns(key: rsa.RSAPrivateKey, message: Any, kind: str = "Notification", **changes: str) -> bytes:
    said = {
        "Type": kind, "MessageId": "n-1", "TopicArn": TOPIC, "Timestamp": "2026-09-21T14:13:20.000Z",
        "Message": orjson.dumps(message).decode(), "SignatureVersion": "2", "SigningCertURL": CERT,
    }  # fmt: skip
    if kind == "SubscriptionConfirmation":
        said |= {"SubscribeURL": CONFIRM, "Token": "t"}
    said |= changes
    signed = "".join(f"{name}\n{said[name]}\n" for name in SIGNED[kind] if name in said)
    algorithm = hashes.SHA1() if said["SignatureVersion"] == "1" else hashes.SHA256()
    said["Signature"] = base64.b64encode(key.sign(signed.encode(), padding.PKCS1v15(), algorithm)).decode()
    return orjson.dumps(said)


def bounce(address: str = "u1@example.com", **changes: Any) -> dict[str, Any]:
    recipient = {
        "emailAddress": address,
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        **changes,
    }
    return {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [recipient]},
        "mail": {"messageId": "0100", "headers": [{"name": "Message-ID", "value": ours(1, address)}]},
    }


def ours(number: int, address: str) -> str:
    mark = hashlib.sha256(f"{number}\0{address}\0shop.example.com".encode()).hexdigest()[:20]
    return f"<m{number}.{mark}@shop.example.com>"


def fetcher(certificate: bytes, asked: list[str] | None = None) -> Any:
    def fetch(url: str) -> bytes:
        if asked is not None:
            asked.append(url)
        return certificate

    return fetch


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_bounce_told_by_amazon_is_read(amazon: Any, version: str) -> None:
    key, certificate = amazon
    (one,) = read("ses", sns(key, bounce(), SignatureVersion=version), TOPIC, fetch=fetcher(certificate)).signals
    assert (one.kind, one.hard, one.address) == ("bounced", True, "u1@example.com")
    assert one.reference == ours(1, "u1@example.com").strip("<>") and "no such mailbox" in one.text


def test_only_the_owners_topic_and_what_amazon_signed_counts(amazon: Any) -> None:
    key, certificate = amazon
    fetch = fetcher(certificate)
    other = rsa.generate_private_key(65_537, 2_048)
    for body in (
        sns(key, bounce(), TopicArn=TOPIC + "x"),
        sns(other, bounce()),
        sns(key, bounce()).replace(b"u1@example.com", b"u2@example.com"),
        sns(key, bounce(), SigningCertURL="https://sns.eu-west-1.amazonaws.com.evil.test/a.pem"),
        sns(key, bounce(), SignatureVersion="3"),
        sns(key, bounce(), Timestamp="2026-08-01T14:13:20.000Z"),  # signed, and played again long after
    ):
        with pytest.raises(Forged):
            read("ses", body, TOPIC, fetch=fetch)
    for body in (b"{", b"[]", b'{"Type":"Notification"}'):
        with pytest.raises((Malformed, Forged)):
            read("ses", body, TOPIC, fetch=fetch)
    with pytest.raises(Malformed, match="no secret"):
        read("ses", sns(key, bounce()), "", fetch=fetch)


def test_a_subscription_is_confirmed_at_amazon_and_nowhere_else(amazon: Any) -> None:
    key, certificate = amazon
    asked: list[str] = []
    said = sns(key, "", "SubscriptionConfirmation")
    assert read("ses", said, TOPIC, fetch=fetcher(certificate, asked)).body == "confirmed" and asked[-1] == CONFIRM
    asked.clear()
    with pytest.raises(Forged):
        read("ses", sns(key, "", "SubscriptionConfirmation", SubscribeURL="https://evil.test/"), TOPIC,
             fetch=fetcher(certificate, asked))  # fmt: skip
    assert "https://evil.test/" not in asked
    for url in (
        "http://sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com@evil.test/",
        "https://evil.test/sns.eu-west-1.amazonaws.com", "https://sns.eu-west-1.amazonaws.com:8443/",
        "https://sns.evil.test\\.amazonaws.com/", "https://s3.amazonaws.com/evil.pem", "//[", "",
    ):  # fmt: skip
        assert not of_amazon(url), url


def test_where_the_certificate_cannot_be_had_the_call_is_to_come_again(amazon: Any) -> None:
    def away(url: str) -> bytes:
        raise NoAnswer(f"{url} is away.")

    _KEYS.clear()
    with pytest.raises(NoAnswer):
        read("ses", sns(amazon[0], bounce()), TOPIC, fetch=away)


def test_a_full_mailbox_or_a_block_is_no_hard_bounce_whatever_the_service_calls_it(amazon: Any) -> None:
    key, certificate = amazon
    for said, status in (("552 5.2.2 mailbox full", "5.2.2"), ("550 5.7.1 blocked by spamhaus", "5.7.1")):
        body = sns(key, bounce(status=status, diagnosticCode=f"smtp; {said}"))
        (one,) = read("ses", body, TOPIC, fetch=fetcher(certificate)).signals
        assert not one.hard, said


# ── the others ────────────────────────────────────────────────────────────────────────────────────────


def test_postmark_is_known_by_the_password_in_its_address() -> None:
    body = orjson.dumps({"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "Email": "u1@example.com",
                         "Description": "The server was unable to deliver your message"})  # fmt: skip
    right = {"authorization": "Basic " + base64.b64encode(b"postmark:secret").decode()}
    (one,) = read("postmark", body, "secret", right).signals
    assert (one.kind, one.hard, one.key) == ("bounced", True, "Bounce 7")
    spam = orjson.dumps({"RecordType": "SpamComplaint", "ID": 8, "Email": "u1@example.com"})
    assert read("postmark", spam, "secret", right).signals[0].kind == "complained"
    passing = orjson.dumps({"RecordType": "Bounce", "Type": "Transient", "ID": 9, "Email": "u1@example.com"})
    assert read("postmark", passing, "secret", right).signals == ()
    for wrong in ({}, {"authorization": "Basic x"}, {"authorization": "Bearer secret"},
                  {"authorization": "Basic " + base64.b64encode(b"postmark:Secret").decode()}):  # fmt: skip
        with pytest.raises(Forged):
            read("postmark", body, "secret", wrong)


def mailgun(event: dict[str, Any], key: str = "key", at_ms: int = NOW) -> bytes:
    at = str(at_ms // 1000)
    signature = hmac.new(key.encode(), f"{at}tok".encode(), hashlib.sha256).hexdigest()
    return orjson.dumps({"signature": {"timestamp": at, "token": "tok", "signature": signature}, "event-data": event})


def test_mailgun_signs_the_moment() -> None:
    event = {"event": "failed", "severity": "permanent", "id": "e1", "recipient": "u1@example.com",
             "delivery-status": {"code": 550, "message": "no such user", "enhanced-code": "5.1.1"},
             "message": {"headers": {"message-id": ours(1, "u1@example.com").strip("<>")}}}  # fmt: skip
    (one,) = read("mailgun", mailgun(event), "key").signals
    assert (one.kind, one.hard, one.reference[:3]) == ("bounced", True, "m1.")
    assert read("mailgun", mailgun({**event, "severity": "temporary"}), "key").signals == ()
    assert read("mailgun", mailgun({**event, "event": "complained"}), "key").signals[0].kind == "complained"
    for body in (mailgun(event, "other"), mailgun(event, at_ms=NOW - 3_600_000), b'{"event-data":{}}', b"[]"):
        with pytest.raises(Forged):
            read("mailgun", body, "key")


def test_sendgrid_signs_with_an_elliptic_key() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    secret, at = base64.b64encode(public).decode(), str(NOW // 1000)
    events = [
        {"event": "bounce", "email": "u1@example.com", "sg_event_id": "a", "status": "5.1.1", "reason": "unknown user"},
        {"event": "spamreport", "email": "u2@example.com", "sg_event_id": "b"},
        {"event": "open", "email": "u2@example.com", "sg_event_id": "c"},
        "no event",
    ]
    body = orjson.dumps(events)
    signature = base64.b64encode(private.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {"x-twilio-email-event-webhook-signature": signature, "x-twilio-email-event-webhook-timestamp": at}
    found = read("sendgrid", body, secret, headers).signals
    assert [(one.kind, one.hard) for one in found] == [("bounced", True), ("complained", False)]
    for changed, given in ((body + b" ", headers), (body, {}), (body, {**headers, list(headers)[1]: str(NOW)})):
        with pytest.raises(Forged):
            read("sendgrid", changed, secret, given)


def test_an_account_that_takes_no_reports_says_so() -> None:
    with pytest.raises(Malformed, match="takes no reports"):
        read("none", b"{}", "secret")


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────


def test_reports_find_their_letter_by_its_message_id_and_count_once(db: Database, amazon: Any) -> None:
    journey(db, 2)
    if db.postgres:
        db.write(lambda tx: tx.run("SELECT setval(pg_get_serial_sequence('events', 'id'), 100)"))
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'sent', sent_at = ?, account = 'ses'", (NOW,)))
    key, certificate = amazon
    source, shelf, clock = signals.Source(1, "ses", "email"), ProgramShelf(), ManualClock(NOW)
    forged = orjson.loads(orjson.dumps(bounce("u2@example.com")))
    forged["mail"]["headers"][0]["value"] = "<m1.00000000000000000000@shop.example.com>"  # not the mark of that letter
    for _ in range(2):
        for body in (sns(key, bounce()), sns(key, forged, MessageId="n-2")):
            said = read("ses", body, TOPIC, fetch=fetcher(certificate)).signals
            asyncio.run(signals.take(db, shelf, clock, source, said))
    assert message(db, 1)[0] == "failed" and message(db, 2)[0] == "sent"
    assert db.look(lambda tx: tx.rows("SELECT address FROM suppressions")) == [("u1@example.com",)]
    found = db.look(lambda tx: reputation.read(tx, NOW))
    assert found.by_pair[("ses", "other")].hard == 1 and found.whole.hard == 1


def test_a_mail_account_hears_the_reports_of_its_service() -> None:
    with pytest.raises(ValueError, match="what proves them"):
        SmtpSettings.model_validate({"host": "smtp.example.com", "reports": "mailgun"})
    own = SmtpSettings.model_validate({"host": "smtp.example.com", "reports": "mailgun", "reports_secret": "key"})
    account = SmtpAccount(own, Tools({}, clock=ManualClock(NOW)))
    event = {"event": "complained", "id": "e1", "recipient": "u1@example.com"}
    call = Call("POST", "https://x.example.com/hooks/a", {}, mailgun(event), {})
    assert asyncio.run(account.hear(call)).signals[0].kind == "complained"
    with pytest.raises(Forged):
        asyncio.run(account.hear(Call("POST", call.url, {}, mailgun(event, "other"), {})))
