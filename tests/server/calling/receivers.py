"""What a call may reach: a web server, a mail server and a browser, each of which keeps what came.

None of them shares code with what it receives from: signatures and sealed messages are looked at
here as their standards say it.
"""

import asyncio
import hmac
import ipaddress
import os
import ssl
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

REPLAY_SECONDS: Final = 300
"""How old a signed call may be, for a receiver that follows the documentation."""


class Post(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body, type=dict[str, Any])


class Receiver:
    """A server on a free port of this machine, plain or behind a certificate."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.port = 0
        self._server: asyncio.Server | None = None

    async def opens(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def closes(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.opens()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.closes()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.speaks(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever called hung up, as tests of broken calls do
        finally:
            writer.close()

    async def speaks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class WebReceiver(Receiver):
    """An operator's service, or the push service of a browser's maker."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.posts: list[Post] = []
        self.status = 204
        self.gone: set[str] = set()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def speaks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (li.partition(": ") for li in lines)}
        path = first.split(" ")[1]
        body = await reader.readexactly(int(headers["content-length"]))
        self.posts.append(Post(path, headers, body))
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        status = 410 if path in self.gone else self.status
        elsewhere = f"Location: {self.address}/elsewhere\r\n" if status == 302 else ""
        answer = (
            f"HTTP/1.1 {status} So\r\n{elsewhere}Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        writer.write(answer.encode())
        await writer.drain()


class MailReceiver(Receiver):
    """A mail server that keeps what it is given; `refuses` is what it says instead."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refuses = ""
        self.offers: list[str] = []
        self.signed_in: list[tuple[str, str]] = []
        self.begins_tls: ssl.SSLContext | None = None

    @property
    def address(self) -> str:
        return f"{'smtps' if self.tls else 'smtp'}://127.0.0.1:{self.port}"

    async def speaks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = ""
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                offers = ["here", *self.offers]
                marks = ["-"] * (len(offers) - 1) + [" "]
                lines = (f"250{m}{o}\r\n" for m, o in zip(marks, offers, strict=True))
                writer.write("".join(lines).encode())
            elif verb == "STARTTLS" and self.begins_tls is not None:
                writer.write(b"220 begin\r\n")
                await writer.start_tls(self.begins_tls)
            elif verb == "AUTH":
                _, name, password = b64decode(line.split(" ")[2]).decode().split("\0")
                self.signed_in.append((name, password))
                writer.write(b"235 in\r\n")
            elif verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                writer.write(f"{self.refuses or '250 well'}\r\n".encode())
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                mail = message_from_bytes(raw[:-3], policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.mails.append((to, mail))
                writer.write(b"250 kept\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 well\r\n")
            await writer.drain()


@dataclass
class Browser:
    """A browser somebody is called through: the private half of its subscription is here alone."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self, **other: str) -> str:
        """What its page sends to the server, as JSON."""
        public = point(self.key.public_key())
        given = {"endpoint": self.endpoint, "p256dh": spelled(public), "auth": spelled(self.auth)}
        return msgspec.json.encode(given | other).decode()

    def opens(self, body: bytes) -> bytes:
        """A message for this browser, opened by the letter of RFC 8188 and RFC 8291. Raises
        InvalidTag for a message that is for another."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size, "more than one record"
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        secret = self.key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + point(self.key.public_key()) + theirs
        ikm = _expand(_extract(self.auth, secret), info, 32)
        prk = _extract(salt, ikm)
        key = _expand(prk, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expand(prk, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded.endswith(b"\x02"), "not marked as the last record"
        return padded[:-1]


def _extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


def _expand(prk: bytes, info: bytes, length: int) -> bytes:
    """The one block of RFC 5869 that is needed here."""
    return hmac.digest(prk, info + b"\x01", "sha256")[:length]


def signed_by_operator(post: Post, secret: bytes, now: float) -> bool:
    """Whether a call is from the server that has this secret, and not sent again later: what an
    operator's own service does."""
    given = dict(p.split("=") for p in post.headers["candlelight-signature"].split(","))
    mine = hmac.new(secret, given["t"].encode() + b"." + post.body, "sha256").hexdigest()
    fresh = abs(now - int(given["t"])) <= REPLAY_SECONDS
    return fresh and hmac.compare_digest(mine, given["v1"])


def vapid_claims(headers: dict[str, str], public: str) -> dict[str, Any]:
    """What a call says of its sender (RFC 8292), once the signature was found to be made with the
    key that the browser was given. Raises InvalidSignature."""
    kind, _, rest = headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (kind, given["k"]) == ("vapid", public)
    signed, _, signature = given["t"].rpartition(".")
    raw = read(signature)
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(public))
    key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
    header, _, claims = signed.partition(".")
    assert msgspec.json.decode(read(header)) == {"typ": "JWT", "alg": "ES256"}
    return msgspec.json.decode(read(claims), type=dict[str, Any])


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as browsers write it."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def spelled(raw: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """Base64url with its padding left out."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def certificate(folder: Path) -> Path:
    """A certificate for this machine that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


def serving(file: Path) -> ssl.SSLContext:
    """TLS for a server with a certificate of `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
