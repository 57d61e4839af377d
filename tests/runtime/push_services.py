"""A push service of our own that speaks HTTP/2, checks what it gets, and answers as it is told to."""

from __future__ import annotations

import asyncio
import ssl
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sojourn.runtime.channels.channel import Channel, Outcome, Parcel, Token
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.rendered import Rendered

HERE = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return orjson.loads(self.body)


Answer = tuple[int, Mapping[str, str], bytes] | None  # None: never
Answering = Callable[[Heard], Answer]


@dataclass
class Service:
    """Every request it heard, and how it answers the next."""

    answering: Answering
    heard: list[Heard] = field(default_factory=list)
    base: str = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        state.initiate_connection()
        writer.write(state.data_to_send())
        heads: dict[int, dict[str, str]] = {}
        bodies: dict[int, bytes] = {}
        while data := await reader.read(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived) and event.stream_id:
                    heads[event.stream_id] = {k.decode(): v.decode() for k, v in event.headers or ()}
                    bodies[event.stream_id] = b""
                elif isinstance(event, h2.events.DataReceived) and event.stream_id:
                    bodies[event.stream_id] += event.data or b""
                    state.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id:
                    head = heads[event.stream_id]
                    self.heard.append(Heard(head[":path"], head, bodies[event.stream_id]))
                    answer = self.answering(self.heard[-1])
                    if answer is not None:
                        status, headers, body = answer
                        state.send_headers(event.stream_id, [(":status", str(status)), *headers.items()])
                        state.send_data(event.stream_id, body, end_stream=True)
            writer.write(state.data_to_send())

    def to(self, path: str) -> list[Heard]:
        """What came to a path."""
        return [one for one in self.heard if one.path == path]


@asynccontextmanager
async def serving(answering: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[Service]:
    """A service on a port of its own."""
    service = Service(answering)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await service(reader, writer)
        except (ConnectionError, ssl.SSLError, h2.exceptions.ProtocolError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    service.base = f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        listening.close()


def json(status: int, said: Any = None, **headers: str) -> Answer:
    """An answer in JSON."""
    return status, headers, b"" if said is None else orjson.dumps(said)


def trusted(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A context for a server that speaks HTTP/2 only, and the file by which its certificate is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "push.example.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_text(pem(key))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.set_alpn_protocols(["h2"])
    return context, folder / "cert.pem"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """A private key as its file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def opened(shown: str, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a ticket whose signature was verified here. Raises InvalidSignature."""
    head, claims, signature = (urlsafe_b64decode(part + "==") for part in shown.split("."))
    signed = shown.rpartition(".")[0].encode()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    return orjson.loads(head), orjson.loads(claims)


class Marks:
    """The outbox's mark: lets through all but ``held``, and remembers who asked."""

    def __init__(self, held: Collection[int] = ()) -> None:
        self.held, self.asked = held, list[int]()

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        self.asked += ids
        return frozenset(ids) - frozenset(self.held)

    def tell(self, message_id: int, outcome: Outcome) -> None: ...


def parcel(fields: Mapping[str, Any], *devices: Token, message_id: int = 1) -> Parcel:
    """A message for these devices."""
    return Parcel(message_id, "", Rendered(fields=fields), Brand(), devices=devices)


async def hand(channel: Channel, *parcels: Parcel, marks: Marks | None = None) -> Sequence[Outcome]:
    """What became of these messages."""
    return await channel.hand_over(parcels, marks or Marks())
